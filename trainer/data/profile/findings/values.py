"""Values that do not mean what they look like: codes, dates and numbers in text, and extreme values."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.config.check import Edit
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.findings.base import Finding, FindingKind, View, missing_too, quoted, role, warn
from trainer.data.profile.summary import ColumnSummary
from trainer.format import counted, percent

__all__ = ["dates_as_text", "is_number", "numbers_as_classes", "numbers_as_text", "odd_numbers"]

_CODES = frozenset({-99999, -9999, -999, -99, -9, 99, 999, 9999, 99999, 999999})
# An extreme value is at least this many times the range of all other values away from them.
_FAR = 3.0
_MOST_FAR = 0.01
_FEWEST_ROWS = 20
_CODE_SHARE, _FEWEST_CODES = 0.005, 3
_FEW_CLASSES = 20
_MOST_WORDS = 3
_LEAST_DATES = 0.95
_SEEN_LABELS = 300
# Parsing 5,000 dates takes 40 ms; a later one of another format is reported when the dataset is read.
_CHECKED_LABELS = 5_000
_FORMATS = (
    "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%m/%d/%y",
    "%d/%m/%y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y-%m-%d",
)  # fmt: skip
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", "T%H:%M:%S")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
# A currency or a unit may stand around the number, and separators of thousands in it.
_WRITTEN = re.compile(
    r"(?P<before>[$€£¥]|USD|EUR|GBP|CHF)?\s?[+-]?(\d{1,3}(?P<mark>[,.'’\s])\d{3}((?P=mark)\d{3})*|\d+)([.,]\d+)?"
    r"(?P<after>\s?([$€£¥%°]|[A-Za-z]{1,8}|°[CF]|[a-z]{1,3}/[a-z]{1,4}|[mc]?m[²³])|)"
)
_FEWEST_WRITTEN = 5
_NAMED_CLASS = re.compile(
    r"(?:^|[\s_.-])(?:code|type|kind|class|category|group|cluster|zip|zipcode|postcode|plz)$", re.I
)


class _Far(NamedTuple):
    """The values beyond a wide gap, and the range of all others."""

    values: NDArray[Any]
    low: float
    high: float


def odd_numbers(view: View) -> Iterator[Finding]:
    """Yield numbers such as -999 that probably mean missing, and numbers at least three times the rest's range away."""
    for name in (*view.inputs, *view.targets):
        column, about = view.columns[name], view.summaries[name]
        if not column.is_numeric or about.rows < _FEWEST_ROWS or about.distinct < _FEWEST_CODES:
            continue
        far = list(_far_values(column.present)) if _has_gap(about) else []
        codes = _codes(column, far)
        for value, rows, low, high in codes:
            message = (
                f"Column {quoted(name)} has the value {value:g} in {counted(rows, 'row')} "
                f"({percent(rows / about.rows)}), while all others are between {about.shown(low)} and "
                f"{about.shown(high)}. It probably means missing."
            )
            yield warn(FindingKind.CODED_MISSING, name, message, *missing_too([f"{value:g}"]))
        coded = {value for value, *_ in codes}
        for each in far:
            extremes = sorted({float(value) for value in each.values} - coded)
            if extremes and name not in view.targets:
                yield _extreme(about, each, extremes)


def _extreme(about: ColumnSummary, far: _Far, extremes: list[float]) -> Finding:
    rows = int(np.isin(far.values, extremes).sum())
    shown = ", ".join(about.shown(each) for each in extremes[:3]) + (", …" if len(extremes) > 3 else "")
    message = (
        f"Column {quoted(about.name)} has extreme values in {counted(rows, 'row')} ({shown}); all others are between "
        f"{about.shown(far.low)} and {about.shown(far.high)}. Standardizing makes those nearly equal."
    )
    few = [f"{each:g}" for each in extremes] if len(extremes) <= 3 else []
    fix = missing_too(few) if few else ("Correct these values in the file.", [])
    return warn(FindingKind.EXTREME, about.name, message, *fix)


def dates_as_text(view: View) -> Iterator[Finding]:
    """Yield columns of text whose values are dates."""
    # The time of a series orders its steps without being an input.
    time = str(view.dataset.get("time")) if view.is_series else ""
    for name in dict.fromkeys((*view.inputs, *([time] if time in view.columns else []))):
        column = view.columns[name]
        if column.type is not ColumnType.TEXT or name in view.roles:
            continue
        form = _date_format([label.strip() for label in column.labels[:_SEEN_LABELS]])
        if form is not None:
            yield _dates(view, column, form)


def _dates(view: View, column: Column, form: str) -> Finding:
    labels = column.labels[:_CHECKED_LABELS]
    other = _swapped(form)
    is_unclear = other is not None and all(_has_format(label, other) for label in labels)
    unclear = f" They could also be {other}: no day is above 12." if is_unclear else ""
    message = (
        f"Column {quoted(column.name)} contains dates as text, such as {quoted(column.labels[0])} ({form}). As text, "
        f"each date is a category of its own.{unclear}"
    )
    if not view.can_read_dates or not all(_has_format(label, form) for label in labels):
        return warn(FindingKind.DATES_AS_TEXT, column.name, message, "Write the dates as 2024-12-31 in the file.")
    edit = Edit(action="set", path=("dataset", "date_formats", column.name), value=form)
    return warn(FindingKind.DATES_AS_TEXT, column.name, message, f"Read them as dates written {form}.", [edit])


def _swapped(form: str) -> str | None:
    """Return the format with day and month the other way around, None if the month is not a number."""
    return form.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m") if "%m" in form else None


def numbers_as_text(view: View) -> Iterator[Finding]:
    """Yield columns of text that are numbers but for a few words, such as `?`, or for how they are written."""
    for name in (*view.inputs, *view.targets):
        column, about = view.columns[name], view.summaries[name]
        if column.type is not ColumnType.TEXT or name in view.roles or about.rows < _FEWEST_ROWS:
            continue
        # A sample may have none of the few words that are in the whole column.
        words = view.words[name] if view.words else _words(column)
        others = sum(map(is_number, column.labels))
        rows = sum(words.values())
        if 0 < len(words) <= _MOST_WORDS and others >= 5 and rows <= view.all_rows[name].rows / 2:
            message = (
                f"Column {quoted(name)} was read as text because of {', '.join(quoted(word) for word in words)} in "
                f"{counted(rows, 'row')}; the other {others:,} distinct values are numbers."
            )
            yield warn(FindingKind.NUMBERS_AS_TEXT, name, message, *missing_too([word.strip() for word in words]))
        elif others < len(column.labels) and (how := _way_of_writing(column.labels[:_CHECKED_LABELS])) is not None:
            yield _written_numbers(column, how)


def _written_numbers(column: Column, how: str) -> Finding:
    example = next(label for label in column.labels if not is_number(label))
    message = (
        f"Column {quoted(column.name)} contains numbers as text, such as {quoted(example)}, because of {how}. "
        "As text, each number is a category of its own."
    )
    return warn(FindingKind.NUMBERS_AS_TEXT, column.name, message, "Write them as 1234.5 in the file.")


def _way_of_writing(labels: Sequence[str]) -> str | None:
    """Return what all labels have besides a number: a unit, or separators of thousands; None if they are others."""
    found = [_WRITTEN.fullmatch(label.strip()) for label in labels]
    if len(found) < _FEWEST_WRITTEN:
        return None
    around = {(match["before"], match["after"].strip()) for match in found if match}
    if None in found or len(around) != 1:
        return None
    ((before, after),) = around
    return f"the unit {quoted(before or after)}" if before or after else "separators of thousands"


def is_number(text: str) -> bool:
    """Return whether a text is written as a number."""
    return _NUMBER.fullmatch(text.strip()) is not None


def _words(column: Column) -> dict[str, int]:
    """Return the texts that are no numbers, and the rows of each."""
    codes = [code for code, label in enumerate(column.labels) if not is_number(label)]
    return {column.labels[code]: int((column.values == code).sum()) for code in codes[: _MOST_WORDS + 1]}


def numbers_as_classes(view: View) -> Iterator[Finding]:
    """Yield integers that are probably names of classes: few values with gaps, or a column called a code or type."""
    for name in view.inputs:
        column, about = view.columns[name], view.summaries[name]
        if column.type is not ColumnType.INTEGER or name in view.roles or about.rows < _FEWEST_ROWS:
            continue
        if not 3 <= about.distinct <= _FEW_CLASSES or about.rows < 10 * about.distinct:
            continue
        values = np.unique(column.present)
        named = bool(_NAMED_CLASS.search(name.strip()))
        # Evenly spaced values, such as 0, 10, 20, are a scale.
        if not named and len(np.unique(np.diff(values))) < 3:
            continue
        shown = ", ".join(str(int(value)) for value in values[:6]) + (", …" if len(values) > 6 else "")
        message = (
            f"Column {quoted(name)} has only {about.distinct} distinct integers ({shown}), which look like names of "
            "classes. As numbers, the network takes their order and distances as given."
        )
        yield warn(FindingKind.CLASSES_AS_NUMBERS, name, message, "Use it as a category.", [role(name, "category")])


def _has_gap(about: ColumnSummary) -> bool:
    """Return whether the histogram leaves room for a gap as wide as the range of all other values."""
    bins, quantiles = about.bins, about.quantiles
    if bins is None or quantiles is None:
        return False
    is_clipped = bins.edges[0] > quantiles.minimum or bins.edges[-1] < quantiles.maximum
    # Half of 20 bins, less the two that the gap may begin and end in.
    return is_clipped or "0" * 8 in "".join("1" if count else "0" for count in bins.counts)


def _codes(column: Column, far: Sequence[_Far]) -> list[tuple[float, int, float, float]]:
    """Return the values that probably mean missing, with their number of rows and the range of all others."""
    found = []
    for each in far:
        value = float(each.values[0])
        is_one = bool((each.values == value).all())
        if is_one and (len(each.values) >= _FEWEST_CODES or value in _CODES):
            found.append((value, len(each.values), each.low, each.high))
    present = column.present
    rows = int((present == -1).sum())
    if not found and rows >= max(_FEWEST_CODES, _CODE_SHARE * len(present)):
        rest = present[present != -1]
        # The only negative value in a column with many distinct ones; -1, 0, 1 are answers, not codes.
        if rest.size and rest.min() >= 0 and len(np.unique(rest[:10_000])) > _FEW_CLASSES:
            found.append((-1.0, rows, float(rest.min()), float(rest.max())))
    return found


def _far_values(present: NDArray[Any]) -> Iterator[_Far]:
    """Yield the low and the high values that a wide gap separates from all others, if they are few."""
    if present.size < _FEWEST_ROWS:
        return
    ordered = np.sort(present).astype(np.float64)
    if not np.isfinite(ordered[[0, -1]]).all():
        return
    for is_high in (False, True):
        values = ordered if is_high else -ordered[::-1]
        sizes = np.diff(values)
        # A code may stand in up to half of the rows if it is one value; other extremes are rare.
        start = len(values) // 2
        place = start + int(np.argmax(sizes[start:]))
        rest, far = values[: place + 1], values[place + 1 :]
        spread = float(rest[-1] - rest[0])
        times = 1.0 if abs(far[0]) in _CODES and far[0] == far[-1] else _FAR
        is_few = far[0] == far[-1] or len(far) <= max(3, _MOST_FAR * len(values))
        if spread > 0 and sizes[place] >= times * spread and is_few and not _is_heavy_tail(rest, far):
            low, high = (rest[0], rest[-1]) if is_high else (-rest[-1], -rest[0])
            yield _Far(far if is_high else -far[::-1], float(low), float(high))


def _is_heavy_tail(rest: NDArray[Any], far: NDArray[Any]) -> bool:
    """Return whether the gap is unremarkable on a logarithmic scale, as in incomes or file sizes."""
    if rest[0] <= 0:
        return False
    return bool(np.log(far[0] / rest[-1]) < np.log(rest[-1] / rest[0]))


def _date_format(labels: list[str]) -> str | None:
    """Return the format that nearly all of the labels have, or None."""
    candidates = [label for label in labels if label]
    # Parsing takes long, and only texts with digits are dates.
    if len(candidates) < 3 or not all(any(sign.isdigit() for sign in label) for label in candidates):
        return None
    forms = [date + clock for clock in _CLOCKS for date in _FORMATS]
    forms = [form for form in forms if any(_has_format(label, form) for label in candidates[:3])]
    best, most = None, 0
    for form in forms:
        fitting = sum(_has_format(label, form) for label in candidates)
        if fitting > most:
            best, most = form, fitting
    return best if most >= _LEAST_DATES * len(candidates) else None


def _has_format(label: str, form: str) -> bool:
    try:
        datetime.strptime(label, form)
    except ValueError:
        return False
    return True
