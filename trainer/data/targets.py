"""Convert y as people save it into classes counted from 0, or into values."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.data.schema import Task
from trainer.data.source import AnyArray
from trainer.errors import DataError

__all__ = ["Targets", "read_targets"]

# More distinct integers than this, saved as floats, are values.
_MOST_WHOLE_FLOATS = 1000


@dataclass(frozen=True, kw_only=True)
class Targets:
    """`y` as int64 of shape (samples,) with classes counted from 0, or as float32 of shape (samples, outputs).

    `other_task` is the alternative task if the task was inferred and y fits both.
    """

    task: Task
    y: AnyArray
    other_task: Task | None = None
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    outputs: int = 1

    @property
    def distribution(self) -> tuple[tuple[float, float], ...]:
        """The mean and the standard deviation of each target in a regression."""
        if self.task is not Task.REGRESSION:
            return ()
        y = self.y.astype(np.float64)
        return tuple(zip(y.mean(axis=0).tolist(), y.std(axis=0).tolist(), strict=True))


def read_targets(y: AnyArray, *, task: str, where: str) -> Targets:
    """Interpret `y`: integers and one-hot rows are classes, other floats are values.

    Labels with gaps (0, 5, 9), and -1 and 1, become 0, 1, 2 and keep their names. `task` is `classification`,
    `regression`, or `auto`; `where` names y in messages.

    Raises:
        DataError: If y does not fit `task`, fits neither task, or has only one class.
    """
    if y.ndim not in (1, 2) or 0 in y.shape:
        raise DataError(f"{where} has shape {y.shape}; expected (samples,) or (samples, outputs).")
    _check_finite(y, where)
    column = y.reshape(-1) if y.ndim == 1 or y.shape[1] == 1 else None
    if task == "regression":
        return _values(y, where)
    # A column (samples, 1) is treated like (samples,), as pandas and PyTorch often save it.
    if column is None:
        return _from_rows(y, task, where)
    if task != "auto":
        return _from_labels(column, where)
    if y.dtype.kind == "f":
        return replace(_values(y, where), other_task=Task.CLASSIFICATION if _may_be_classes(column) else None)
    _check_few(column, where)
    # 0 and 1 are taken for classes without doubt; any other integers may be counts or ratings.
    could_be_values = y.dtype.kind in "iu" and np.unique(column).tolist() != [0, 1]
    return replace(_from_labels(column, where), other_task=Task.REGRESSION if could_be_values else None)


def _may_be_classes(column: AnyArray) -> bool:
    """Return whether floats are a few distinct integers, such as 0.0, 1.0, 2.0, or -1.0 and 1.0."""
    if _is_signed(np.unique(column)):
        return True
    if (column < 0).any() or not np.equal(column, np.floor(column)).all():
        return False
    return 2 <= len(np.unique(column)) <= min(_MOST_WHOLE_FLOATS, len(column) / 2)


def _check_finite(y: AnyArray, where: str) -> None:
    bad = ~np.isfinite(y) if y.dtype.kind == "f" else np.zeros(1, bool)
    if bad.any():
        first = int(bad.reshape(len(y), -1).any(axis=1).argmax())
        raise DataError(f"{where} contains NaN or infinity, first in sample {first}; remove or replace these samples.")


def _check_few(labels: AnyArray, where: str) -> None:
    found = len(np.unique(labels))
    if len(labels) >= 20 and found > len(labels) / 2:
        raise DataError(
            f"{where} contains {found:,} distinct integers in {len(labels):,} samples, too many to infer classes; "
            "set task to regression or to classification."
        )


def _values(y: AnyArray, where: str) -> Targets:
    # Values beyond the range of float32 become infinite and are refused below.
    with np.errstate(over="ignore"):
        values = y.reshape(len(y), -1).astype(np.float32)
    if not np.isfinite(values).all():
        raise DataError(f"{where} contains values beyond 3.4e38, the largest float32; scale them down.")
    return Targets(task=Task.REGRESSION, y=values, outputs=values.shape[1])


def _from_rows(y: AnyArray, task: str, where: str) -> Targets:
    if _is_one_hot(y):
        classes = y.shape[1]
        labels = y.argmax(axis=1).astype(np.int64)
        _check_several(labels, where)
        names = tuple(str(label) for label in range(classes))
        return Targets(task=Task.CLASSIFICATION, y=labels, classes=classes, class_names=names)
    if y.dtype.kind == "f" and task == "auto":
        return _values(y, where)
    raise DataError(
        f"{where} has shape {y.shape}, but its rows are not one-hot (a single 1, all others 0); give one class per "
        "sample, or set task to regression to predict every column."
    )


def _is_one_hot(y: AnyArray) -> bool:
    return bool(((y == 0) | (y == 1)).all() and (np.count_nonzero(y, axis=1) == 1).all())


def _from_labels(labels: AnyArray, where: str) -> Targets:
    if labels.dtype.kind == "f" and not np.equal(labels, np.floor(labels)).all():
        raise DataError(
            f"{where} contains fractions; expected integer classes. Number the classes, or set task to regression."
        )
    found: NDArray[np.generic] = np.unique(labels)
    if found[0] < 0 and not _is_signed(found):
        raise DataError(
            f"{where} contains the negative label {found[0]:g}; number the classes from 0, or set task to regression."
        )
    _check_several(labels, where)
    names = tuple(str(label) if labels.dtype.kind == "b" else f"{int(label)}" for label in found)
    y = np.searchsorted(found, labels).astype(np.int64)
    return Targets(task=Task.CLASSIFICATION, y=y, classes=len(names), class_names=names)


def _is_signed(found: AnyArray) -> bool:
    """Return whether two classes are numbered -1 and 1, as for the hinge loss."""
    return np.array_equal(found, [-1, 1])


def _check_several(labels: AnyArray, where: str) -> None:
    if labels.min() == labels.max():
        raise DataError(f"{where} contains only one class ({labels[0]}); expected at least two.")
