"""Rows that occur more than once, and rows whose order in time a random split ignores."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.config.check import Edit
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.findings.base import Finding, FindingKind, View, quoted, warn
from trainer.data.profile.findings.columns import is_identifier
from trainer.format import counted, percent

__all__ = ["duplicate_rows", "row_hashes", "time_columns"]

# Repeats are reported if there are more than twice as many as by chance, estimated from this number of rows.
_MORE, _DRAWN = 2, 20_000
_FIX = "Leave out the repeated rows."
_DROPPED = Edit(action="set", path=("dataset", "drop_duplicates"), value=True)
_PARTS = ("training", "validation", "test")
# Odd constants of the finalizer of MurmurHash3 (Austin Appleby, public domain), which mixes 64 bits well.
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_STEP = 0x9E3779B97F4A7C15
_SHIFT = np.uint64(33)


def duplicate_rows(view: View) -> Iterator[Finding]:
    """Yield how many rows repeat an earlier one, and how many of them are in several parts of the split."""
    if view.is_series:
        return
    # Rows with one or two numbers or labels repeat by chance.
    has_array = any(view.columns[name].type is ColumnType.ARRAY for name in view.inputs)
    # Numbers of rows would make all of them differ.
    compared = [name for name in view.inputs if not is_identifier(view, name)]
    if (len(compared) < 3 and not has_array) or view.rows < 2 or view.dataset.get("drop_duplicates"):
        return
    hashes = row_hashes(view.columns[name] for name in (*compared, *view.targets))
    order = np.argsort(hashes, kind="stable")
    repeated = np.concatenate([[False], hashes[order][1:] == hashes[order][:-1]])
    times = int(repeated.sum())
    if not times or (not has_array and times <= _MORE * _expected(view, compared)):
        return
    first = int(order[repeated].min())
    verb = "repeats" if times == 1 else "repeat"
    if view.dataset.get("name") == "images":
        told, fix = f"{verb} an earlier picture of the same class", "Leave out the repeated pictures."
        message = f"{counted(times, 'picture')} ({percent(times / view.rows)}) {told}."
    elif view.dataset.get("name") == "text" and has_array:
        told, fix = f"{verb} an earlier text of the same class", "Leave out the repeated texts."
        message = f"{counted(times, 'text')} ({percent(times / view.rows)}) {told}."
    else:
        # In a sample, rows have other numbers than in the file.
        where = "" if view.whole else f", first row {first + 1:,}"
        told, fix = f"{verb} an earlier row in every column{where}", _FIX
        message = f"{counted(times, 'row')} ({percent(times / view.rows)}) {told}."
    yield warn(FindingKind.DUPLICATE_ROWS, None, message, fix, [_DROPPED])
    if view.parts is not None:
        yield from _across(view.parts[order], repeated)


def _expected(view: View, names: Iterable[str]) -> float:
    """Return how many pairs of rows would be equal by chance if the columns were independent, from 20,000 rows."""
    drawn = np.random.default_rng(0).permutation(view.rows)[:_DRAWN]
    share = 1.0
    for name in (*names, *view.targets):
        counts = np.unique(_bits(view.columns[name])[drawn], return_counts=True)[1].astype(np.float64)
        share *= float((counts * (counts - 1)).sum()) / (len(drawn) * (len(drawn) - 1))
    return view.rows * (view.rows - 1) / 2 * share


def time_columns(view: View) -> Iterator[Finding]:
    """Yield the first column with times in data that is split at random."""
    if view.split.get("by", "random") != "random":
        return
    dates = [name for name in view.inputs if view.columns[name].type is ColumnType.DATE]
    times = [name for name in dates if view.summaries[name].distinct > max(2, view.rows // 100)]
    if not times:
        return
    # The rows of a log are in the order of the time that matters.
    name = next((each for each in times if _is_sorted(view.columns[each])), times[0])
    about = view.all_rows[name]
    if about.quantiles is None:
        return
    ordered = ", in this order in the file" if _is_sorted(view.columns[name]) else ""
    message = (
        f"Column {quoted(name)} has times from {about.shown(about.quantiles.minimum)} to "
        f"{about.shown(about.quantiles.maximum)}{ordered}, but the split is random: the network would be tested on "
        "rows between those that it was trained on, not on later ones."
    )
    if view.targets and all(view.columns[target].is_numeric for target in view.targets):
        message += " To predict the next steps from those before them, use the file as a time series (series)."
    edit = Edit(action="set", path=("dataset", "split"), value={"by": "time", "column": name})
    yield warn(FindingKind.TIME, name, message, f"Split by time, with column {quoted(name)}.", [edit])


def row_hashes(columns: Iterable[Column]) -> NDArray[np.uint64]:
    """Return a hash of each row, of shape (rows,): equal rows have equal hashes.

    Two different rows of a million have the same one with a probability of 3 in 100 million.
    """
    total: NDArray[np.uint64] | None = None
    for place, column in enumerate(columns, start=1):
        bits = _bits(column) + np.uint64(place * _STEP % 2**64)
        bits ^= bits >> _SHIFT
        bits *= _FIRST
        bits ^= bits >> _SHIFT
        bits *= _SECOND
        bits ^= bits >> _SHIFT
        total = bits if total is None else total + bits
    return np.zeros(0, np.uint64) if total is None else total


def _bits(column: Column) -> NDArray[np.uint64]:
    if column.values.dtype.kind == "f":
        # 0.0 and −0.0 are equal, and so are all missing values.
        bits = (column.values + 0.0).view(np.uint64)
    else:
        bits = column.values.astype(np.int64).view(np.uint64)
    return np.where(column.missing, np.uint64(2**63 - 1), bits) if column.missing.any() else bits


def _across(parts: NDArray[np.int8], repeated: NDArray[np.bool_]) -> Iterator[Finding]:
    """Yield how many held-out rows are copies of training rows; both arrays are in the order of the hashes."""
    group = np.cumsum(~repeated) - 1
    trained = np.zeros(group[-1] + 1, bool)
    trained[group[parts == 0]] = True
    for part in (1, 2):
        held = parts == part
        copies = int(trained[group[held]].sum())
        if copies:
            message = (
                f"{counted(copies, 'row')} of the {_PARTS[part]} data ({percent(copies / max(1, int(held.sum())))}) "
                f"{'is a copy of a training row' if copies == 1 else 'are copies of training rows'}, so the results "
                "would be too good."
            )
            yield warn(FindingKind.ROWS_IN_SEVERAL_PARTS, None, message, _FIX, [_DROPPED])


def _is_sorted(column: Column) -> bool:
    present = column.present
    return len(present) > 1 and bool((present[1:] >= present[:-1]).all() or (present[1:] <= present[:-1]).all())
