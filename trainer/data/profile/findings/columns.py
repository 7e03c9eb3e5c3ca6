"""Columns that tell a network nothing, or that it could learn by heart."""

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from trainer.config.check import Edit
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.findings.base import Finding, FindingKind, View, ignoring, quoted, warn
from trainer.data.profile.summary import ColumnSummary
from trainer.format import counted

__all__ = ["constant_columns", "duplicate_columns", "groups", "identifiers", "is_identifier", "unsupported_columns"]

_FEWEST_ROWS = 20
_NEARLY_ALL, _MOST = 0.99, 0.9
# Texts with more words on average are sentences, which may all differ and still tell something.
_FEW_WORDS = 3
_NAMED_KEY = re.compile(r"(?:^|[\s_.-])(?:id|ids|uuid|guid|key|index|nr|no|number)$", re.IGNORECASE)
_CAMEL_KEY = re.compile(r"[a-z](?:Id|ID|UUID|Key|Nr)$")


def unsupported_columns(view: View) -> Iterator[Finding]:
    """Yield columns of lists, records and other values that are neither numbers, text nor dates."""
    for name in view.inputs:
        if view.columns[name].type is ColumnType.OTHER:
            message = f"Column {quoted(name)} contains lists, records or binary data, which cannot be used."
            yield warn(FindingKind.UNSUPPORTED, name, message, *ignoring(name))


def constant_columns(view: View) -> Iterator[Finding]:
    """Yield columns with at most one distinct value."""
    for name in view.inputs:
        about = view.all_rows[name]
        if about.distinct > 1 or view.columns[name].type is ColumnType.OTHER:
            continue
        if about.distinct == 0:
            message = f"Column {quoted(name)} is empty: all {counted(about.rows, 'value')} are missing."
            yield warn(FindingKind.EMPTY, name, message, *ignoring(name))
        elif about.missing == 0:
            value = quoted(about.common[0].value) if about.common else about.shown(_only(about))
            message = f"Column {quoted(name)} is constant: all {counted(about.rows, 'row')} have the value {value}."
            yield warn(FindingKind.CONSTANT, name, message, *ignoring(name))


def identifiers(view: View) -> Iterator[Finding]:
    """Yield columns that number or name the rows."""
    for name in view.inputs:
        about = view.all_rows[name]
        if name in view.roles or not is_identifier(view, name):
            continue
        message = (
            f"Column {quoted(name)} looks like an identifier: {about.distinct:,} distinct values in "
            f"{counted(about.rows, 'row')}. A network can memorize it, which does not help with new rows."
        )
        yield warn(FindingKind.IDENTIFIER, name, message, *ignoring(name))


def groups(view: View) -> Iterator[Finding]:
    """Yield the column of an identifier that repeats, such as a patient with several rows, in a random split."""
    if view.split.get("by", "random") != "random":
        return
    for name in view.inputs:
        column, about = view.columns[name], view.all_rows[name]
        is_key = column.is_labelled or column.type is ColumnType.INTEGER
        repeats = about.distinct and about.rows / about.distinct >= 1.5 and about.distinct >= _FEWEST_ROWS
        if not (is_key and repeats and _has_name_of_key(name)):
            continue
        message = (
            f"Column {quoted(name)} names {about.distinct:,} groups of {about.rows / about.distinct:.1f} rows on "
            "average. A random split puts rows of one group into both training and test data, so the test results "
            "would be too good."
        )
        fix = f"Split by group, so that all rows of the same {quoted(name)} are in one part."
        yield warn(FindingKind.GROUPS, name, message, fix, [_split_by_group(name)])
        return


def duplicate_columns(view: View) -> Iterator[Finding]:
    """Yield columns with the same values as an earlier one."""
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name in (*view.targets, *view.inputs):
        about = view.summaries[name]
        if about.distinct > 1:
            shown = tuple(share.rows for share in about.common)
            alike[about.type, about.missing, about.distinct, about.quantiles, shown].append(name)
    for names in alike.values():
        for place, name in enumerate(names):
            first = next((each for each in names[:place] if _equal(view.columns[each], view.columns[name])), None)
            if first is not None and name not in view.targets:
                message = f"Column {quoted(name)} has the same values as column {quoted(first)} in every row."
                yield warn(FindingKind.DUPLICATE_COLUMN, name, message, *ignoring(name))


def _only(about: ColumnSummary) -> float:
    return about.quantiles.minimum if about.quantiles else float("nan")


def is_identifier(view: View, name: str) -> bool:
    """Return whether nearly every row has its own value of a column, and they are consecutive, short or a key."""
    column, about = view.columns[name], view.all_rows[name]
    # Rows that are in the file twice repeat their key.
    least = _MOST if _has_name_of_key(name) else _NEARLY_ALL
    if about.rows < _FEWEST_ROWS or about.distinct < least * about.rows:
        return False
    if column.type is ColumnType.INTEGER:
        present = column.present
        # Consecutive numbers, possibly with gaps; measurements that all differ are spread further.
        is_dense = int(present.max()) - int(present.min()) < 2 * (about.rows - about.missing)
        return is_dense or _has_name_of_key(name)
    if column.type is ColumnType.TEXT:
        seen = column.labels[:1000]
        return sum(len(label.split()) for label in seen) <= _FEW_WORDS * len(seen)
    return False


def _has_name_of_key(name: str) -> bool:
    return bool(_NAMED_KEY.search(name.strip()) or _CAMEL_KEY.search(name.strip()))


def _split_by_group(name: str) -> Edit:
    return Edit(action="set", path=("dataset", "split"), value={"by": "group", "column": name})


def _equal(one: Column, other: Column) -> bool:
    if not np.array_equal(one.missing, other.missing):
        return False
    if one.is_labelled and one.labels != other.labels:
        return False
    return bool(np.array_equal(one.values, other.values, equal_nan=one.values.dtype.kind == "f"))
