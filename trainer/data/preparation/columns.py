"""How one column of a table becomes float32 values, fitted on the rows of the training part."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.data.preparation.hashing import hash_bin
from trainer.data.sources.table import Column, Dates, Numbers, Words

__all__ = ["Category", "ColumnPreparation", "Date", "Hashed", "Numeric", "column_state", "fit_column", "read_column"]

# Keras's `Normalization` divides by at least `keras.config.epsilon()`.
_EPSILON = np.float32(1e-7)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Numeric:
    """`(x - mean) / sqrt(variance)` in float32; missing values become 0, the mean.

    With `indicator`, a second value is 1 where the number is missing.
    """

    role: ClassVar[str] = "numeric"
    name: str
    mean: float
    variance: float
    indicator: bool

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the values."""
        return (self.name, f"{self.name} is missing") if self.indicator else (self.name,)

    def write(self, column: Column, into: _Floats) -> None:
        """Write the values of the rows into an array (rows, values) of zeros."""
        raw = _numbers(column).astype(np.float32)
        missing = np.isnan(raw)
        spread = np.maximum(np.sqrt(np.float32(self.variance)), _EPSILON)
        into[:, 0] = np.where(missing, np.float32(0), (raw - np.float32(self.mean)) / spread)
        if self.indicator:
            into[:, 1] = missing


@dataclass(frozen=True, kw_only=True)
class Category:
    """One-hot: first 1 for all texts that are not in the vocabulary, then one value for each that is."""

    role: ClassVar[str] = "category"
    name: str
    vocabulary: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the values."""
        return tuple(f"{self.name}={value}" for value in ("[UNK]", *(value or "missing" for value in self.vocabulary)))

    def write(self, column: Column, into: _Floats) -> None:
        """Write the values of the rows into an array (rows, values) of zeros."""
        words = _words(column)
        places = {value: place for place, value in enumerate(self.vocabulary, start=1)}
        _one_hot(words, [places.get(value, 0) for value in words.values], into)


@dataclass(frozen=True, kw_only=True)
class Hashed:
    """One-hot of the bin of a hash, for texts with many distinct values."""

    role: ClassVar[str] = "hashed"
    name: str
    bins: int

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the values."""
        return tuple(f"{self.name} bin {place}" for place in range(self.bins))

    def write(self, column: Column, into: _Floats) -> None:
        """Write the values of the rows into an array (rows, values) of zeros."""
        words = _words(column)
        _one_hot(words, [hash_bin(value, self.bins) for value in words.values], into)


@dataclass(frozen=True, kw_only=True)
class Date:
    """Days since 1970 as a number, then the month and the weekday as one-hot values, all 0 if the date is missing."""

    role: ClassVar[str] = "date"
    name: str
    mean: float
    variance: float
    indicator: bool

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the values."""
        return (*self._number.features, *(f"{self.name} {word}" for word in (*_MONTHS, *_WEEKDAYS)))

    def write(self, column: Column, into: _Floats) -> None:
        """Write the values of the rows into an array (rows, values) of zeros."""
        days = _numbers(column).astype(np.float32)
        first = len(self._number.features)
        self._number.write(Numbers(days.astype(np.float64)), into[:, :first])
        known = np.flatnonzero(~np.isnan(days))
        whole = np.floor(days[known]).astype(np.int64)
        months = whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        into[known, first + months] = 1
        # 1970-01-01 was a Thursday.
        into[known, first + len(_MONTHS) + (whole + 3) % 7] = 1

    @property
    def _number(self) -> Numeric:
        return Numeric(name=self.name, mean=self.mean, variance=self.variance, indicator=self.indicator)


ColumnPreparation = Numeric | Category | Hashed | Date

_KINDS: Mapping[str, type[ColumnPreparation]] = {kind.role: kind for kind in (Numeric, Category, Hashed, Date)}


def fit_column(name: str, role: str, column: Column, *, bins: int) -> ColumnPreparation:
    """Fit the preparation of one column on the rows of the training part."""
    if role == "category":
        return Category(name=name, vocabulary=_vocabulary(_words(column)))
    if role == "hashed":
        return Hashed(name=name, bins=bins)
    mean, variance, indicator = _moments(_numbers(column))
    kind = Date if role == "date" else Numeric
    return kind(name=name, mean=mean, variance=variance, indicator=indicator)


def read_column(state: Mapping[str, Any]) -> ColumnPreparation:
    """Return the preparation of a column from its state."""
    fields = {key: value for key, value in state.items() if key != "role"}
    if "vocabulary" in fields:
        fields["vocabulary"] = tuple(fields["vocabulary"])
    return _KINDS[state["role"]](**fields)


def column_state(column: ColumnPreparation) -> dict[str, Any]:
    """Return the state of a column as JSON."""
    fields = asdict(column)
    return {"name": fields.pop("name"), "role": column.role} | {
        key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()
    }


def _numbers(column: Column) -> NDArray[np.float64]:
    if isinstance(column, Words):
        raise TypeError("a column of texts is not numeric")
    return column.days if isinstance(column, Dates) else column.values


def _words(column: Column) -> Words:
    if not isinstance(column, Words):
        raise TypeError("expected a column of texts")
    return column


def _moments(values: NDArray[np.float64]) -> tuple[float, float, bool]:
    """Return mean and variance, rounded to float32, and whether a value is missing; constant columns have 1."""
    # Rounded first, since the network is given float32.
    rounded = values.astype(np.float32)
    known = rounded[~np.isnan(rounded)].astype(np.float64)
    if not len(known):
        return 0.0, 1.0, len(values) > 0
    constant = known.min() == known.max()
    mean, variance = np.float32(known.mean()), np.float32(1.0 if constant else known.var())
    # The variance of tiny values underflows in float32, and that of huge ones overflows.
    usable = np.isfinite(variance) and variance > 0
    return float(mean), float(variance) if usable else 1.0, len(known) < len(values)


def _vocabulary(words: Words) -> tuple[str, ...]:
    """Return the texts of the rows, the most frequent first, and equally frequent ones in the order of the alphabet."""
    counts = words.counts()
    found = [(-int(count), value) for count, value in zip(counts, words.values, strict=True) if count]
    return tuple(value for _, value in sorted(found))


def _one_hot(words: Words, places: list[int], into: _Floats) -> None:
    into[np.arange(len(words.codes)), np.asarray(places, np.intp)[words.codes]] = 1
