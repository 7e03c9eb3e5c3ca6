"""The preparation of a table: each row becomes one vector of float32."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.preparation.columns import ColumnPreparation, column_state, fit_column, read_column
from trainer.data.sources.table import Rows, Table

__all__ = ["TablePreparation", "fit_table"]


@dataclass(frozen=True)
class TablePreparation:
    """The values of each column side by side, in the order of `columns`."""

    columns: tuple[ColumnPreparation, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the values of a prepared row."""
        return tuple(name for column in self.columns for name in column.features)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one prepared row, (features,)."""
        return (len(self.features),)

    def apply(self, samples: Table) -> NDArray[np.float32]:
        """Return the prepared rows, (rows, features)."""
        prepared = np.zeros((len(samples), *self.shape), np.float32)
        first = 0
        for column in self.columns:
            width = len(column.features)
            column.write(samples.columns[column.name], prepared[:, first : first + width])
            first += width
        return prepared

    def state(self) -> dict[str, Any]:
        """Return everything that was fitted, as JSON."""
        return {"kind": "table", "columns": [column_state(column) for column in self.columns]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "TablePreparation":
        """Return the preparation of a state."""
        return cls(tuple(read_column(column) for column in state["columns"]))


def fit_table(train: Rows, roles: Mapping[str, str], *, bins: int, words: int) -> TablePreparation:
    """Fit the preparation on the rows of the training part.

    Args:
        train: the rows of the training part, and of no other.
        roles: numeric, category, hashed, text or date for each column to use, in the order of the values.
        bins: the number of values of each hashed column.
        words: the most words of each column of texts.
    """
    return TablePreparation(
        tuple(fit_column(name, role, train, bins=bins, words=words) for name, role in roles.items())
    )
