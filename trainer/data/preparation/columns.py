"""How one column of a table becomes float32 values, fitted on the rows of the training part."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.data.preparation.hashing import hash_bin
from trainer.data.preparation.text import tokens_of
from trainer.data.sources.table import Column, Dates, Numbers, Rows, Words

__all__ = [
    "Category",
    "ColumnPreparation",
    "Date",
    "Hashed",
    "Numeric",
    "Text",
    "column_state",
    "fit_column",
    "read_column",
    "split_words",
]

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
class Text:
    """1 for each word of the vocabulary that occurs; the first value is 1 where another word occurs.

    Words are as Keras's `TextVectorization` has them: without ASCII punctuation, ASCII letters in lower case, divided
    at ASCII white space.
    """

    role: ClassVar[str] = "text"
    name: str
    vocabulary: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the values."""
        return tuple(f"{self.name} has {word}" for word in ("[UNK]", *self.vocabulary))

    def write(self, column: Column, into: _Floats) -> None:
        """Write the values of the rows into an array (rows, values) of zeros."""
        texts = _words(column)
        places = {word: place for place, word in enumerate(self.vocabulary, start=1)}
        rows = _rows_by_code(texts)
        for value, found in zip(texts.values, rows, strict=True):
            if len(found):
                present = sorted({places.get(word, 0) for word in split_words(value)})
                into[found[:, None], np.asarray(present, np.intp)] = 1


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


ColumnPreparation = Numeric | Category | Hashed | Text | Date

_KINDS: Mapping[str, type[ColumnPreparation]] = {kind.role: kind for kind in (Numeric, Category, Hashed, Text, Date)}


def fit_column(name: str, role: str, train: Rows, *, bins: int, words: int) -> ColumnPreparation:
    """Fit the preparation of one column on the rows of the training part."""
    if role == "category":
        return Category(name=name, vocabulary=_vocabulary(train.words(name)))
    if role == "text":
        return Text(name=name, vocabulary=_frequent_words(train.words(name), words))
    if role == "hashed":
        return Hashed(name=name, bins=bins)
    mean, variance, indicator = _moments(_numbers(train.column(name)))
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


def _counted(texts: Iterable[Words]) -> Counter[str]:
    """Return how often each text occurs in the rows."""
    counts: Counter[str] = Counter()
    for words in texts:
        for value, count in zip(words.values, words.counts().tolist(), strict=True):
            if count:
                counts[value] += count
    return counts


def _vocabulary(texts: Iterable[Words]) -> tuple[str, ...]:
    """Return the texts of the rows, the most frequent first, and equally frequent ones in the order of the alphabet."""
    found = sorted((-count, value) for value, count in _counted(texts).items())
    return tuple(value for _, value in found)


def split_words(text: str) -> list[str]:
    """Return the words of a text, as `TextVectorization` has them."""
    tokens = tokens_of(text, standardize="lower_and_strip_punctuation", by="whitespace")
    return [token.decode() for token in tokens]


def _frequent_words(texts: Iterable[Words], most: int) -> tuple[str, ...]:
    """Return the most frequent words, equally frequent ones in the order of the alphabet."""
    counts: Counter[str] = Counter()
    for piece in texts:
        for value, count in _counted([piece]).items():
            for word in split_words(value):
                counts[word] += count
    found = sorted(counts, key=lambda word: (-counts[word], word))
    return tuple(found[:most])


def _rows_by_code(texts: Words) -> list[NDArray[np.intp]]:
    order = np.argsort(texts.codes, kind="stable")
    return np.split(order, np.cumsum(texts.counts())[:-1]) if texts.values else []


def _one_hot(words: Words, places: list[int], into: _Floats) -> None:
    into[np.arange(len(words.codes)), np.asarray(places, np.intp)[words.codes]] = 1
