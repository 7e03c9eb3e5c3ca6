"""The domains of a search space: the values that one setting can take."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trainer.config.suggestions import advice
from trainer.errors import ConfigError
from trainer.format import cut

__all__ = [
    "MOST_REPEATS",
    "Choices",
    "Domain",
    "Range",
    "Repeat",
    "as_number",
    "choices_of",
    "range_of",
    "repeat_of",
    "shown",
]

_LONGEST = 40
_RANGE_FIELDS = ("low", "high", "log", "step")
_REPEAT_FIELDS = ("low", "high")
MOST_REPEATS = 100
"""Largest number of copies of a layer."""
_MOST_STEPS = 10**9


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from `low` to `high`, both included.

    `whole` ranges have integers only. `log` draws the logarithm evenly. With `step`, only low, low + step, … occur, and
    `high` is the last of them.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    whole: bool = False

    @property
    def size(self) -> int | None:
        """The number of values; None if there is no end to them."""
        if self.step is not None:
            return _steps(self.low, self.high, self.step) + 1
        return int(self.high - self.low) + 1 if self.whole else None

    def stepped(self, index: int) -> float:
        """Return low + index × step, without the rounding errors of a sum of floats."""
        value = Decimal(str(self.low)) + index * Decimal(str(self.step if self.step is not None else 1))
        return int(value) if self.whole else float(value)

    def index(self, value: float) -> int:
        """Return which value of a stepped range this is, counted from 0."""
        return round((value - self.low) / (self.step if self.step is not None else 1))

    def at(self, share: float) -> float:
        """Return the value at a share of the range, 0 ≤ share < 1; equal intervals of shares get equal parts."""
        if self.log:
            # Integers are rounded from half a unit below and above, so that the first and the last are not rarer.
            edge = 0.5 if self.whole else 0.0
            low, high = math.log(self.low - edge), math.log(self.high + edge)
            value = math.exp(low + share * (high - low))
            return min(self.high, max(self.low, round(value) if self.whole else value))
        size = self.size
        if size is not None:
            return self.stepped(min(size - 1, int(share * size)))
        return self.low + share * (self.high - self.low)

    def values(self) -> tuple[float, ...]:
        """Return every value of a finite range."""
        return tuple(map(self.stepped, range(self.size or 0)))

    def has(self, value: Any) -> bool:
        """Return whether the range contains the value."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and self.low <= value <= self.high and (not self.whole or value == int(value))

    def plain(self) -> dict[str, Any]:
        """Return the range as a person writes it."""
        options = {"log": True} if self.log else {"step": self.step} if self.step is not None else {}
        return {"low": self.low, "high": self.high, **options}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A list of plain values: numbers, texts, or whole components."""

    options: tuple[Any, ...]

    @property
    def size(self) -> int:
        """The number of choices."""
        return len(self.options)

    @property
    def labels(self) -> tuple[str, ...]:
        """A text for each choice; `1` and `true` differ, which Python holds to be equal."""
        return tuple(map(self.label, self.options))

    @staticmethod
    def label(value: Any) -> str:
        """Return the text of a choice."""
        return json.dumps(value, sort_keys=True)

    def at(self, share: float) -> Any:
        """Return the choice at a share of the list, 0 ≤ share < 1."""
        return self.options[min(self.size - 1, int(share * self.size))]

    def values(self) -> tuple[Any, ...]:
        """Return every choice."""
        return self.options

    def has(self, value: Any) -> bool:
        """Return whether the value is one of the choices."""
        return self.label(value) in self.labels

    def plain(self) -> list[Any]:
        """Return the choices as a person writes them."""
        return list(self.options)


@dataclass(frozen=True, kw_only=True)
class Repeat(Range):
    """How many copies of a layer follow each other."""

    whole: bool = True


Domain = Range | Choices


def range_of(where: str, given: Mapping[str, Any], *, whole: bool) -> Range:
    """Read a range of numbers. Raises ConfigError with one sentence if it is not one."""
    _refuse_unknown(where, given, _RANGE_FIELDS)
    low, high = _bound(where, "low", given, whole=whole), _bound(where, "high", given, whole=whole)
    log, step = given.get("log", False), given.get("step")
    if not isinstance(log, bool):
        raise ConfigError(f"`{where}`: expected log to be true or false, got {shown(log)}.")
    if low >= high:
        raise ConfigError(f"`{where}`: expected low below high, got low {low:g} and high {high:g}.")
    if log and low <= 0:
        raise ConfigError(f"`{where}`: a logarithmic range must begin above 0, got low {low:g}.")
    if log and step is not None:
        raise ConfigError(f"`{where}`: a range has either log or step; remove one of them.")
    if step is None:
        return Range(low=low, high=high, log=log, whole=whole)
    size = _bound(where, "step", given, whole=whole)
    if not 0 < size <= high - low:
        raise ConfigError(f"`{where}`: expected a step above 0 and up to high - low ({high - low:g}), got {size:g}.")
    count = _steps(low, high, size)
    if count > _MOST_STEPS:
        raise ConfigError(f"`{where}`: a step of {size:g} makes more than {_MOST_STEPS:,} values; use a larger one.")
    last = Range(low=low, high=high, step=size, whole=whole).stepped(count)
    return Range(low=low, high=last, step=size, whole=whole)


def repeat_of(where: str, given: Any) -> Repeat:
    """Read how often a layer is repeated. Raises ConfigError if it is not a range of positive integers."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"`{where}`: expected repeat as {{low: 1, high: 4}}, got {shown(given)}.")
    _refuse_unknown(where, given, _REPEAT_FIELDS)
    found = range_of(where, given, whole=True)
    if not found.low >= 1 or found.high > MOST_REPEATS:
        raise ConfigError(f"`{where}`: expected 1 to {MOST_REPEATS} copies, got {found.low:g} to {found.high:g}.")
    return Repeat(low=found.low, high=found.high)


def choices_of(where: str, given: list[Any], *, numeric: bool = False) -> Choices:
    """Read a list of choices. With `numeric`, numbers written as text, such as `"1e-5"`, become numbers.

    Raises:
        ConfigError: there are fewer than two.
    """
    values = tuple(_plain_number(value) if numeric else value for value in map(_with_text_keys, given))
    if len(values) < 2:
        raise ConfigError(f"`{where}`: expected at least two choices, got {shown(given)}.")
    return Choices(options=values)


def as_number(value: Any) -> float | None:
    """Return a finite number, also of a text such as `1e-5`, which other YAML readers leave as it is; else None."""
    found = _plain_number(value)
    is_number = isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)
    return found if is_number else None


def shown(value: Any) -> str:
    """Return a value as YAML shows it, shortened, for sentences."""
    return cut(json.dumps(value, default=str), _LONGEST)


def _with_text_keys(value: Any) -> Any:
    """Return a value as JSON has it, in which the keys of mappings are texts."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(inner) for key, inner in value.items()}
    return list(map(_with_text_keys, value)) if isinstance(value, list | tuple) else value


def _plain_number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return int(value) if value.strip().lstrip("+-").isdecimal() else float(value)
    except ValueError:
        return value


def _bound(where: str, name: str, given: Mapping[str, Any], *, whole: bool) -> float:
    if name not in given:
        raise ConfigError(f"`{where}`: missing `{name}`; a range is written as {{low: 0.1, high: 0.5}}.")
    value = as_number(given[name])
    if value is None:
        raise ConfigError(f"`{where}`: expected a finite number for {name}, got {shown(given[name])}.")
    if not whole:
        return float(value)
    if value != int(value):
        raise ConfigError(f"`{where}`: expected an integer for {name}, got {value:g}.")
    return int(value)


def _steps(low: float, high: float, step: float) -> int:
    return int((Decimal(str(high)) - Decimal(str(low))) / Decimal(str(step)))


def _refuse_unknown(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in given:
        if key not in known:
            raise ConfigError(f"`{where}`: unknown field {shown(key)}; {advice(str(key), known)}")
