"""The part of the split that each row of a table is in, without preparing the table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from trainer.config.datasets import AnyDataset
from trainer.config.file_datasets import RowFile
from trainer.data.profile.column import Column, ColumnType
from trainer.data.schema import Task
from trainer.data.sources.cells import Cells
from trainer.data.sources.table import Column as Values
from trainer.data.sources.table_targets import read_table_targets
from trainer.data.splits import divide
from trainer.errors import DataError

__all__ = ["parts_of"]


def parts_of(columns: Mapping[str, Column], rows: int, fields: Mapping[str, Any]) -> NDArray[np.int8] | None:
    """Return 0, 1 or 2 for each row in the training, validation or test data, -1 if it has no target, of shape (rows,).

    None is returned if the dataset cannot be divided: without a target, or if the config does not match the table.
    """
    try:
        dataset: Any = TypeAdapter(AnyDataset).validate_python(dict(fields))
        if not isinstance(dataset, RowFile):
            return None
        # The columns have their new labels already.
        found = read_table_targets([_cells(columns[name]) for name in dataset.target], dataset.task, {})
        targets = found.targets

        def column(name: str) -> Values:
            return _values(_cells(columns[name])).take(found.kept)

        classes = targets.y if targets.task is Task.CLASSIFICATION else None
        indices = divide(dataset, len(targets.y), classes=classes, column=column)
    # What does not match is reported by other rules, and when the dataset is loaded.
    except (ValidationError, DataError, KeyError):
        return None
    parts = np.full(rows, -1, np.int8)
    for part, chosen in enumerate((indices.train, indices.validation, indices.test)):
        parts[found.kept[chosen]] = part
    return parts


def _values(cells: Cells) -> Values:
    kind = cells.kind
    return cells.numbers() if kind == "numeric" else cells.dates() if kind == "date" else cells.words()


def _cells(column: Column) -> Cells:
    """Return a column as the source of a table reads it."""
    mask = column.missing if column.missing.any() else None
    if column.is_labelled:
        labels = np.array([*column.labels, ""], object)
        array = pa.array(labels[column.values], pa.string(), mask=mask)
    elif column.type is ColumnType.DATE:
        array = pa.array(column.values, pa.timestamp("s"), mask=mask)
    elif column.is_numeric:
        array = pa.array(column.values, mask=mask)
    else:
        array = pa.nulls(column.rows)
    return Cells(array=pa.chunked_array([array]), where=repr(column.name[:60]))
