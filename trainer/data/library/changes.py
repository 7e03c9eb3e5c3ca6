"""What changed between two versions of a dataset: rows, columns, and distributions."""

import math
from collections.abc import Iterator

from trainer.data.library.entry import Version
from trainer.data.profile import ColumnSummary
from trainer.format import count, counted, cut, percent

__all__ = ["changes"]

_MOST_NAMED = 5
# A shift of the mean in standard deviations, and of shares in percentage points, that is reported.
_LEAST_SHIFT = 0.1
_LEAST_SHARE = 0.05
_ERRORS = 4
_LONGEST = 40


def changes(old: Version, new: Version) -> tuple[str, ...]:
    """Return sentences about what differs; without any, only the bytes do.

    Reported are shifts of a mean by 0.1 standard deviations and four standard errors, and of the share of missing
    values or of a frequent label by 5 percentage points or more.
    """
    if old.digest == new.digest:
        return ()
    return (*_rows(old, new), *_columns(old, new), *_distributions(old, new))


def _rows(old: Version, new: Version) -> Iterator[str]:
    if old.rows != new.rows:
        difference = new.rows - old.rows
        word = "more" if difference > 0 else "fewer"
        yield f"{counted(abs(difference), 'row')} {word}: {count(old.rows)} → {count(new.rows)}."


def _columns(old: Version, new: Version) -> Iterator[str]:
    before, after = {each.name: each for each in old.columns}, {each.name: each for each in new.columns}
    for word, names in (
        ("Added", [name for name in after if name not in before]),
        ("Removed", [name for name in before if name not in after]),
    ):
        if names:
            yield f"{word} {counted(len(names), 'column')}: {_named(names)}."
    for name, column in after.items():
        if name in before and before[name].type != column.type:
            yield f"Column {_short(name)} changed its type: {before[name].type} → {column.type}."


def _distributions(old: Version, new: Version) -> Iterator[str]:
    before = {each.name: each for each in old.columns}
    for column in new.columns:
        earlier = before.get(column.name)
        if earlier is not None and earlier.type == column.type:
            yield from _shifts(earlier, column)


def _shifts(old: ColumnSummary, new: ColumnSummary) -> Iterator[str]:
    name = _short(new.name)
    if abs(new.missing_share - old.missing_share) >= _LEAST_SHARE:
        yield f"Missing values of column {name}: {percent(old.missing_share)} → {percent(new.missing_share)}."
    if old.quantiles and new.quantiles:
        shift = new.quantiles.mean - old.quantiles.mean
        # Means of a few rows differ by chance; four standard errors seldom are.
        chance = _ERRORS * math.sqrt(1 / max(1, old.rows) + 1 / max(1, new.rows))
        if abs(shift) > max(_LEAST_SHIFT, chance) * max(old.quantiles.deviation, 1e-12):
            yield f"Mean of column {name}: {old.shown(old.quantiles.mean)} → {new.shown(new.quantiles.mean)}."
        return
    shares = {each.value: each.rows / max(1, old.rows) for each in old.common}
    shifted = [
        f"{_short(each.value)} {percent(shares.get(each.value, 0.0))} → {percent(each.rows / max(1, new.rows))}"
        for each in new.common
        # A rare label may have been just below the most frequent ones before.
        if abs(each.rows / max(1, new.rows) - shares.get(each.value, 0.0)) >= _LEAST_SHARE
    ]
    if shifted:
        yield f"Labels of column {name}: {', '.join(shifted[:_MOST_NAMED])}."


def _named(names: list[str]) -> str:
    shown = ", ".join(_short(name) for name in names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown}, …"


def _short(name: str) -> str:
    return repr(cut(name, _LONGEST))
