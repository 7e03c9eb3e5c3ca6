"""The targets of a table: classes from texts or integers, or numbers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.data.schema import Task
from trainer.data.source import AnyArray
from trainer.data.sources.cells import AnyCells
from trainer.data.targets import Targets, read_targets
from trainer.errors import DataError

__all__ = ["TableTargets", "read_table_targets"]


class TableTargets(NamedTuple):
    """The targets of the rows that have all of them, and the indices of these rows, (samples,)."""

    targets: Targets
    kept: NDArray[np.intp]


def read_table_targets(cells: Sequence[AnyCells], task: str, labels: Mapping[str, str]) -> TableTargets:
    """Read one target, or several numbers; `labels` are new labels of classes that are texts.

    Raises:
        DataError: If the cells do not fit the task, or all are missing.
    """
    for each in cells:
        if each.kind == "empty":
            raise DataError(f"{each.where} is missing in every row; expected a target in at least two rows.")
    is_single = len(cells) == 1 and task != "multilabel"
    if is_single and (cells[0].kind == "text" or (task == "classification" and _is_coarse(cells[0]))):
        return _from_words(cells[0], task, labels)
    if labels:
        raise DataError(
            f"{cells[0].where} is not a single target of text, so labels cannot rename its classes; remove labels."
        )
    return _from_labels(cells) if task == "multilabel" else _from_numbers(cells, task)


def _is_coarse(cells: AnyCells) -> bool:
    """Return whether classes are not integers, so that they are named by their texts."""
    values = cells.numbers().values if cells.kind == "numeric" else np.empty(0)
    known = values[~np.isnan(values)]
    return not np.equal(known, np.floor(known)).all() or bool((known < 0).any())


def _from_words(cells: AnyCells, task: str, new: Mapping[str, str]) -> TableTargets:
    if task == "regression":
        # Raises, with the first cell that is not a number.
        cells.numbers()
    words = cells.words()
    values = [new.get(value, value) for value in words.values]
    names = sorted({value for value in values if value})
    codes = {value: code for code, value in enumerate(names)}
    labels = np.array([codes.get(value, -1) for value in values], np.int64)[words.codes]
    kept = np.flatnonzero(labels >= 0)
    _check_classes(len(names), len(kept), cells.where, names)
    targets = Targets(task=Task.CLASSIFICATION, y=labels[kept], classes=len(names), class_names=tuple(names))
    return TableTargets(targets, kept)


def _check_classes(classes: int, rows: int, where: str, names: Sequence[str]) -> None:
    if classes < 2:
        raise DataError(f"{where} contains only one class ({names[0][:40]}); expected at least two.")
    if classes > rows / 2 and rows >= 20:
        raise DataError(
            f"{where} contains {classes:,} distinct texts in {rows:,} rows, too many for classes; choose another "
            "target."
        )


def _from_labels(cells: Sequence[AnyCells]) -> TableTargets:
    values = np.column_stack([_label(each) for each in cells])
    kept = np.flatnonzero(~np.isnan(values).any(axis=1))
    if not len(kept):
        raise DataError(f"{cells[0].where} and the other targets are never all there; expected a row with all of them.")
    return TableTargets(Targets(task=Task.MULTILABEL, y=values[kept].astype(np.float32), outputs=len(cells)), kept)


def _label(cells: AnyCells) -> NDArray[np.float64]:
    """Return 0 or 1 for each row, NaN where it is missing."""
    if cells.kind == "text":
        words = cells.words()
        known = {"False": 0.0, "True": 1.0, "": np.nan}
        wrong = next((value for value in words.values if value not in known), None)
        values = np.array([known.get(value, np.nan) for value in words.values])[words.codes]
    else:
        values = cells.numbers().values
        others = values[~np.isnan(values) & (values != 0) & (values != 1)]
        wrong = f"{others[0]:g}" if len(others) else None
    if wrong is not None:
        raise DataError(
            f"{cells.where} contains {wrong[:40]!r}; a label of task multilabel must be 0 or 1, or False or True."
        )
    return values


def _from_numbers(cells: Sequence[AnyCells], task: str) -> TableTargets:
    columns = [each.numbers().values for each in cells]
    values: AnyArray = np.column_stack(columns)
    kept = np.flatnonzero(~np.isnan(values).any(axis=1))
    if not len(kept):
        raise DataError(f"{cells[0].where} and the other targets are never all there; expected a row with all of them.")
    values = values[kept]
    where = cells[0].where if len(cells) == 1 else f"{cells[0].where} and {len(cells) - 1} more"
    if len(cells) > 1:
        return TableTargets(read_targets(values, task="regression" if task == "auto" else task, where=where), kept)
    column = values[:, 0]
    if np.equal(column, np.floor(column)).all() and np.abs(column).max() < 2**53:
        column = column.astype(np.int64)
    return TableTargets(read_targets(column, task=task, where=where), kept)
