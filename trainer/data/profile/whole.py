"""What is known of all rows of a table that is profiled by a sample of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.findings.rows import row_hashes
from trainer.data.profile.findings.values import is_number
from trainer.data.profile.summary import Bins, ColumnSummary, Share, most_common

__all__ = ["AllRows", "ColumnCount"]

_SMALLEST = 65_536
_MOST_LABELS, _MOST_WORDS = 1_000, 3


@dataclass(frozen=True, kw_only=True)
class AllRows:
    """The number of all rows, and what is counted in each column."""

    rows: int
    columns: Mapping[str, "ColumnCount"]

    @property
    def words(self) -> Mapping[str, Mapping[str, int]]:
        """The texts of each column that are no numbers and the rows of each, empty if there are more than three."""
        return {name: column.words for name, column in self.columns.items()}

    def summaries(self, sampled: Mapping[str, ColumnSummary]) -> dict[str, ColumnSummary]:
        """Return the summaries of the columns in all rows from those of the sample.

        Rows, missing and distinct values, minimum, maximum, mean and deviation are counted; quartiles, the histogram
        and the rows of labels of which there are more than 1,000 are those of the sample, in proportion.
        """
        return {name: self.columns[name].summary(summary) for name, summary in sampled.items()}


class ColumnCount:
    """What is counted in a column whose rows are seen some at a time, in bounded memory."""

    def __init__(self) -> None:
        self._rows = self._missing = self._finite = self._longest = 0
        self._mean = self._squares = 0.0
        self._low, self._high = np.inf, -np.inf
        self._distinct = _Distinct()
        self._labels: dict[str, int] | None = {}
        self._words: dict[str, int] | None = {}

    @property
    def words(self) -> Mapping[str, int]:
        """The texts that are no numbers and the rows of each, empty if there are more than three."""
        return self._words or {}

    def add(self, column: Column) -> None:
        """Count some rows of the column, which have the type of the column or are all missing."""
        self._rows += column.rows
        self._missing += int(np.count_nonzero(column.missing))
        if column.is_labelled:
            self._add_labels(column)
        elif column.type not in (ColumnType.EMPTY, ColumnType.OTHER):
            present = column.present
            known = np.broadcast_to(np.False_, present.shape)
            self._distinct.add(row_hashes([replace(column, values=present, missing=known)]))
            self._add_numbers(present)

    def summary(self, sampled: ColumnSummary) -> ColumnSummary:
        """Return the summary of all rows, from that of a sample of them."""
        present, seen = self._rows - self._missing, sampled.rows - sampled.missing
        factor = present / seen if seen else 1.0
        quantiles, bins = sampled.quantiles, sampled.bins
        if quantiles is not None and self._finite:
            deviation = float(np.sqrt(self._squares / self._finite))
            known = {"minimum": self._low, "maximum": self._high, "mean": self._mean, "deviation": deviation}
            quantiles = quantiles.model_copy(update=known)
        if bins is not None:
            bins = Bins(edges=bins.edges, counts=tuple(round(factor * each) for each in bins.counts))
        common = tuple(Share(value=each.value, rows=round(factor * each.rows)) for each in sampled.common)
        if sampled.common and self._labels:
            common = most_common(tuple(self._labels), np.array(list(self._labels.values()), np.int64))
        return sampled.model_copy(
            update={
                "rows": self._rows,
                "missing": self._missing,
                "distinct": min(self._distinct.count, present),
                "quantiles": quantiles,
                "bins": bins,
                "common": common,
                "longest": max(self._longest, sampled.longest),
            }
        )

    def _add_labels(self, column: Column) -> None:
        import pandas as pd  # takes half a second, which small tables do without

        counts = np.bincount(column.values[column.values >= 0], minlength=len(column.labels))
        labels = [label for label, times in zip(column.labels, counts, strict=True) if times]
        if not labels:
            return
        self._longest = max(self._longest, *map(len, labels))
        self._distinct.add(pd.util.hash_array(np.array(labels, object), categorize=False))
        rows = dict(zip(labels, counts[counts > 0].tolist(), strict=True))
        self._labels = _added(self._labels, rows, _MOST_LABELS)
        if self._words is not None:
            self._words = _added(self._words, {each: rows[each] for each in rows if not is_number(each)}, _MOST_WORDS)

    def _add_numbers(self, present: NDArray[np.generic]) -> None:
        finite = present[np.isfinite(present)].astype(np.float64) if present.dtype.kind == "f" else present
        count = len(finite)
        if not count:
            return
        self._low, self._high = min(self._low, float(finite.min())), max(self._high, float(finite.max()))
        # Means and squares of two sets of values combined (Chan, Golub and LeVeque, 1979).
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(finite.mean(dtype=np.float64))
            squares = float(np.square(finite.astype(np.float64) - mean).sum())
            total, gap = self._finite + count, mean - self._mean
            self._squares += squares + gap * gap * self._finite * count / total
            self._mean += gap * count / total
        self._finite = total


def _added(known: dict[str, int] | None, rows: Mapping[str, int], most: int) -> dict[str, int] | None:
    """Return the rows of each label with those of some more, None if these are too many labels."""
    if known is None:
        return None
    found = known | {label: known.get(label, 0) + times for label, times in rows.items()}
    return found if len(found) <= most else None


class _Distinct:
    """Counts different 64-bit hashes: exactly up to 65,535, and estimated beyond with a standard error of 0.4 %.

    The k smallest hashes tell how densely all of them lie (Bar-Yossef et al., 2002).
    """

    def __init__(self) -> None:
        self._smallest = np.zeros(0, np.uint64)

    def add(self, hashes: NDArray[np.uint64]) -> None:
        if len(self._smallest) == _SMALLEST:
            hashes = hashes[hashes < self._smallest[-1]]
        if len(hashes):
            # NumPy's own unique (2.5) takes ten times as long for integers.
            ordered = np.sort(np.concatenate([self._smallest, hashes]))
            is_new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
            self._smallest = ordered[is_new][:_SMALLEST]

    @property
    def count(self) -> int:
        if len(self._smallest) < _SMALLEST:
            return len(self._smallest)
        return round((_SMALLEST - 1) / (float(self._smallest[-1]) / 2.0**64))
