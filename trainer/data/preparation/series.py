"""The preparation of time series: each window of steps becomes the vectors of its rows, one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.preparation.table import TablePreparation, fit_table
from trainer.data.prepared import WindowRows
from trainer.data.sources.table import Table

__all__ = ["SeriesPreparation", "Windows", "fit_series"]


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Windows of consecutive steps of a table.

    `steps` are all steps, those of a series one after the other, and `targets` their targets, (steps, targets) of
    float32; `starts` is the first step of each window, (windows,), and `past` the number of steps in it.
    """

    steps: Table
    targets: NDArray[np.float32]
    starts: NDArray[np.intp]
    past: int

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, indices: NDArray[np.intp]) -> "Windows":
        """Return the windows at these indices."""
        return replace(self, starts=self.starts[indices])

    def last(self) -> NDArray[np.float32]:
        """Return the targets of the last step of each window, (windows, targets), NaN where one is missing."""
        values: NDArray[np.float32] = self.targets[self.starts + self.past - 1]
        return values

    def shown(self) -> NDArray[Any]:
        """Return the cells as objects, (windows, past, columns)."""
        rows = self.starts[:, None] + np.arange(self.past, dtype=np.intp)
        cells = self.steps.take(rows.reshape(-1)).shown()
        return cells.reshape(len(self), self.past, -1)


@dataclass(frozen=True, kw_only=True)
class SeriesPreparation:
    """The preparation of each step as a row of a table, and the number of steps in a window."""

    table: TablePreparation
    past: int

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the values of a prepared step."""
        return self.table.features

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a prepared window, (past, features)."""
        return (self.past, *self.table.shape)

    def rows(self, samples: Any) -> WindowRows:
        """Return the prepared windows, each copied from the prepared steps when it is indexed."""
        return WindowRows(self.table.apply(samples.steps), samples.starts, self.past)

    def apply(self, samples: Windows) -> NDArray[np.float32]:
        """Return the prepared windows, (windows, past, features)."""
        return self.rows(samples)[np.arange(len(samples), dtype=np.intp)]

    def state(self) -> dict[str, Any]:
        """Return everything that was fitted, as JSON."""
        return {**self.table.state(), "kind": "series", "past": self.past}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "SeriesPreparation":
        """Return the preparation of a state."""
        return cls(table=TablePreparation.from_state(state), past=state["past"])


def fit_series(train: Table, roles: Mapping[str, str], *, past: int) -> SeriesPreparation:
    """Fit the preparation on the steps of the training part.

    Args:
        train: the steps of the training part, and of no other.
        roles: numeric, category or date for each column to use, in the order of the values.
        past: the number of steps in a window.
    """
    # No column of a series is hashed or read as text.
    return SeriesPreparation(table=fit_table(train, roles, bins=1, words=1), past=past)
