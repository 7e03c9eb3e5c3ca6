"""What a profile shows of one column: type, missing and distinct values, and a small distribution."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from trainer.data.profile.column import Column, ColumnType

__all__ = ["Bins", "ColumnSummary", "Quantiles", "Share", "most_common", "summarize_column"]

_BINS = 20
_MOST_COMMON = 10
# A range that is this much wider than the middle 98 % of the values would put nearly all of them in one bin.
_FAR = 10
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799
_LONGEST_VALUE = 100


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Quantiles(_Frozen):
    """Minimum, quartiles, maximum, mean and standard deviation of numbers; of dates, in seconds since 1970."""

    minimum: float
    lower: float
    median: float
    upper: float
    maximum: float
    mean: float
    deviation: float


class Bins(_Frozen):
    """A histogram: `counts[k]` values between `edges[k]` and `edges[k + 1]`.

    If a few values are far from all others, `edges` cover the middle 98 % and the outer bins contain the rest.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Share(_Frozen):
    """A value of a column of text, and the number of rows that have it."""

    value: str
    rows: int


class ColumnSummary(_Frozen):
    """One column: `distinct` counts the values that are not missing, `common` are the most frequent ones, up to 10."""

    name: str
    type: ColumnType
    rows: int
    missing: int
    distinct: int
    quantiles: Quantiles | None = None
    bins: Bins | None = None
    common: tuple[Share, ...] = ()
    longest: int = 0

    @property
    def missing_share(self) -> float:
        """The fraction of the rows in which the value is missing."""
        return self.missing / self.rows if self.rows else 0.0

    def shown(self, value: float) -> str:
        """Return a number of this column as text; a date as `2026-03-01`, with its time if that is not midnight."""
        if self.type is not ColumnType.DATE:
            return f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"
        if not _EARLIEST <= value <= _LATEST:
            return f"{value:.0f} seconds after 1970"
        moment = datetime.fromtimestamp(value, UTC)
        return moment.date().isoformat() if value % 86_400 == 0 else moment.replace(tzinfo=None).isoformat(sep=" ")


def summarize_column(column: Column) -> ColumnSummary:
    """Return the summary of a column; takes about 0.1 s for a million numbers."""
    missing = int(np.count_nonzero(column.missing))
    about = {"name": column.name, "type": column.type, "rows": column.rows, "missing": missing}
    if column.is_labelled:
        counts = np.bincount(column.values[column.values >= 0], minlength=len(column.labels))
        common = most_common(column.labels, counts)
        longest = max((len(label) for label in column.labels), default=0)
        return ColumnSummary(**about, distinct=int(np.count_nonzero(counts)), common=common, longest=longest)
    if column.type in (ColumnType.EMPTY, ColumnType.OTHER):
        return ColumnSummary(**about, distinct=0)
    ordered = np.sort(column.present)
    if not ordered.size:
        return ColumnSummary(**about, distinct=0)
    distinct = 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
    finite = ordered[np.isfinite(ordered)] if ordered.dtype.kind == "f" else ordered
    if not finite.size or column.type is ColumnType.ARRAY:
        return ColumnSummary(**about, distinct=distinct)
    return ColumnSummary(**about, distinct=distinct, quantiles=_quantiles(finite), bins=_bins(finite))


def most_common(labels: Sequence[str], counts: NDArray[np.integer[Any]]) -> tuple[Share, ...]:
    """Return the ten most frequent labels that occur; `counts` of shape (labels,) is the number of rows of each."""
    order = np.argsort(-counts, kind="stable")[:_MOST_COMMON]
    return tuple(
        Share(value=labels[place][:_LONGEST_VALUE], rows=int(counts[place])) for place in order if counts[place]
    )


def _quantiles(ordered: NDArray[np.generic]) -> Quantiles:
    places = (np.array([0, 0.25, 0.5, 0.75, 1]) * (len(ordered) - 1)).round().astype(int)
    low, lower, median, upper, high = (float(each) for each in ordered[places])
    # The square of a value beyond 1e154 is infinite, and so is the deviation then.
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(ordered.mean(dtype=np.float64)), float(ordered.std(dtype=np.float64))
    return Quantiles(minimum=low, lower=lower, median=median, upper=upper, maximum=high, mean=mean, deviation=deviation)


def _bins(ordered: NDArray[np.generic]) -> Bins:
    last = len(ordered) - 1
    low, high = float(ordered[0]), float(ordered[-1])
    near_low, near_high = float(ordered[round(0.01 * last)]), float(ordered[round(0.99 * last)])
    if near_high > near_low and high - low > _FAR * (near_high - near_low):
        low, high = near_low, near_high
    edges = np.linspace(low, high, _BINS + 1) if high > low else np.array([low, low])
    inner = np.searchsorted(ordered, edges[1:-1], side="left")
    counts = np.diff(np.concatenate([[0], inner, [len(ordered)]]))
    return Bins(edges=tuple(edges.tolist()), counts=tuple(int(each) for each in counts))
