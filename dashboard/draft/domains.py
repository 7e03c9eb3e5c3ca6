"""The values that a setting takes in a sweep, as a form edits them: those to begin with, their scale, and as text."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from dashboard.draft.choices import common_first
from dashboard.draft.draft import Path, as_fields
from dashboard.draft.kinds import start
from trainer.config import FieldKind, FieldSpec, Registry
from trainer.config.search import SAMPLES
from trainer.config.serialization import read_value, write_value
from trainer.errors import ConfigError

__all__ = [
    "NUMERIC",
    "SCALES",
    "Scale",
    "can_vary",
    "first_domain",
    "first_kinds",
    "read_bound",
    "read_options",
    "scale_of",
    "shown_bound",
    "shown_options",
    "with_scale",
]

NUMERIC: Final = frozenset({FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.RATE})
_CAN_VARY: Final = NUMERIC | {FieldKind.FLAG, FieldKind.CHOICE, FieldKind.NUMBERS, FieldKind.COMPONENT}
# What a sweep must not choose, besides the samples: the best of several seeds is luck.
_FIXED: Final = frozenset({"seed", "missing", "delimiter", "encoding", "decimal", "channels", "inputs"})


class Scale(StrEnum):
    """How the values of a number are spread."""

    LINEAR = "linear"
    LOG = "log"
    STEP = "step"
    LIST = "list"


SCALES: Final = (
    "A linear range is drawn from evenly, a log range so that each order of magnitude is as likely; with a step, only "
    "low, low + step, … occur, and of a list only its values."
)
"""What the scales mean."""

# What is usually tried instead: the first that is not the present one.
_INSTEAD: Final[Mapping[str, tuple[str, ...]]] = {
    "activation": ("relu", "gelu", "tanh"),
    "layer": ("Identity",),
    "optimizer": ("Adam", "SGD", "RMSprop"),
    "initializer": ("GlorotUniform", "HeNormal"),
    "regularizer": ("L2", "L1"),
}
_SIMILAR: Final[Mapping[str, str]] = {
    "Dropout": "GaussianNoise",
    "LSTM": "GRU",
    "GRU": "LSTM",
    "SimpleRNN": "LSTM",
    "Conv1D": "SeparableConv1D",
    "Conv2D": "SeparableConv2D",
    "BatchNormalization": "LayerNormalization",
    "LayerNormalization": "BatchNormalization",
    **{f"MaxPooling{axes}D": f"AveragePooling{axes}D" for axes in (1, 2, 3)},
    **{f"AveragePooling{axes}D": f"MaxPooling{axes}D" for axes in (1, 2, 3)},
    **{f"GlobalMaxPooling{axes}D": f"GlobalAveragePooling{axes}D" for axes in (1, 2, 3)},
    **{f"GlobalAveragePooling{axes}D": f"GlobalMaxPooling{axes}D" for axes in (1, 2, 3)},
}
# Integers from here on differ by factors rather than by steps.
_LARGE: Final = 8
_FACTOR: Final = 4


def can_vary(spec: FieldSpec, path: Path) -> bool:
    """Return whether a form offers to vary a field: one with several values, that trials may differ in."""
    if path[0] == "dataset" and spec.name in SAMPLES:
        return False
    if spec.kind is FieldKind.CHOICE and len(spec.choices) + spec.optional < 2:
        return False
    return spec.kind in _CAN_VARY and not spec.column and spec.name not in _FIXED


def first_domain(spec: FieldSpec, value: Any) -> Any:
    """Return the values that a field begins to vary with: a range around a number, or a few choices."""
    if spec.kind is FieldKind.FLAG:
        return [False, True]
    if spec.kind is FieldKind.CHOICE:
        return _first_choices(spec, value)
    if spec.kind is FieldKind.NUMBERS:
        return _first_lists(spec, value)
    if spec.kind is FieldKind.COMPONENT and spec.registry is not None:
        return first_kinds(spec.registry, value)
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else spec.default
    known = number if isinstance(number, int | float) and not isinstance(number, bool) else spec.minimum or 1
    return _whole_range(spec, int(known)) if spec.whole else _range(spec, float(known))


def first_kinds(registry: Registry, value: Any) -> list[Any]:
    """Return two components to choose from: the present one, and one that is similar; None stands for no component."""
    now = as_fields(value, registry) if value is not None else None
    kind = None if now is None else str(now.get(registry.key))
    others = [*filter(None, [_SIMILAR.get(kind or "")]), *_INSTEAD.get(registry.noun, ()), *registry.members]
    other = next(name for name in others if name in registry.members and name != kind)
    return [now, start(registry, other)]


def scale_of(domain: Any) -> Scale:
    """Return how the values are spread."""
    if not isinstance(domain, Mapping):
        return Scale.LIST
    return Scale.LOG if domain.get("log") is True else Scale.STEP if domain.get("step") is not None else Scale.LINEAR


def with_scale(domain: Any, scale: Scale, *, whole: bool) -> Any:
    """Return the values spread in another way, with the same ends as far as there are two numbers."""
    if scale is scale_of(domain):
        return domain
    low, high = _ends(domain)
    if scale is Scale.LIST:
        return [low, high]
    if scale is Scale.LOG:
        return {"low": low, "high": high, "log": True}
    if scale is Scale.LINEAR:
        return {"low": low, "high": high}
    is_known = all(isinstance(end, int | float) for end in (low, high))
    step = (1 if whole else round((high - low) / 10, 12)) if is_known and high > low else 1
    return {"low": low, "high": high, "step": step}


def read_bound(text: str) -> Any:
    """Return the number that was typed, None for empty text, or the text itself, which the search space rejects."""
    text = text.strip().replace("−", "-")
    if not text:
        return None
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return _finite(value, text)
    return text


def shown_bound(value: Any) -> str:
    """Return an end or a step as text that `read_bound` turns back into it; empty for None."""
    return "" if value is None else str(value)


def read_options(text: str) -> list[Any]:
    """Return the values of a typed list such as `16, 32` or `3, [3, 5]`; one of the text itself if it is no list."""
    try:
        found = read_value(f"[{text}]")
    except ConfigError:
        return [text]
    return [_finite(value, str(value)) for value in found] if isinstance(found, list) else [text]


def shown_options(options: Any) -> str:
    """Return a list as text that `read_options` turns back into it."""
    return write_value(list(options))[1:-1]


def _finite(value: Any, text: str) -> Any:
    """Return the value, or the text instead of infinity and of what is not a number, which no field accepts."""
    return text if isinstance(value, float) and not math.isfinite(value) else value


def _ends(domain: Any) -> tuple[Any, Any]:
    if isinstance(domain, Mapping):
        return domain.get("low"), domain.get("high")
    numbers = [each for each in domain if isinstance(each, int | float) and not isinstance(each, bool)]
    return (min(numbers), max(numbers)) if numbers else (None, None)


def _first_choices(spec: FieldSpec, value: Any) -> list[Any]:
    usual = _INSTEAD["activation"] if spec.name.endswith("activation") else ()
    every = [*usual, *common_first(spec.name, spec.choices), *([None] if spec.optional else [])]
    others = [choice for choice in dict.fromkeys(every) if choice != value and choice in (*spec.choices, None)]
    return [value, *others[: 2 if value in spec.choices else 1]]


def _first_lists(spec: FieldSpec, value: Any) -> list[Any]:
    """Return the present numbers, and others that are a little larger, or smaller if there is a limit."""
    step = (2 if spec.single else 1) if spec.whole else 0.1
    top = max(_flat(value), default=0)
    by = step if spec.maximum is None or top + step <= spec.maximum else -step
    if value is None:
        begin = 1 if spec.whole else min(by, spec.maximum or by)
        return [None, begin if spec.single else [begin] * (spec.length or 1)] if spec.optional else [1, 2]
    return [_plain(value, 0), _plain(value, by)]


def _flat(value: Any) -> list[float]:
    if isinstance(value, list | tuple):
        return [number for each in value for number in _flat(each)]
    return [value] if isinstance(value, int | float) else []


def _plain(value: Any, by: float) -> Any:
    """Return nested numbers as lists, each larger by a number."""
    if isinstance(value, list | tuple):
        return [_plain(each, by) for each in value]
    return round(value + by, 12) if isinstance(value, int | float) and by else value


def _whole_range(spec: FieldSpec, value: int) -> dict[str, Any]:
    least = min(1, value - 1) if spec.minimum is None else int(spec.minimum) + int(spec.exclusive_minimum)
    most = None if spec.maximum is None else int(spec.maximum) - int(spec.exclusive_maximum)
    if value >= _LARGE:
        low, high = max(least, 1, value // _FACTOR), value * _FACTOR
    else:
        low, high = max(least, value - 2), value + 2
    high = high if most is None else min(high, most)
    if low >= high:
        low = max(least, high - 1)
    return {"low": low, "high": high, **({"log": True} if value >= _LARGE and low > 0 else {})}


def _range(spec: FieldSpec, value: float) -> dict[str, Any]:
    least, most = spec.minimum, spec.maximum
    if most is not None and most <= 1 and least is not None and least >= 0:
        return _share(value, most)
    if value > 0:
        low, high = _rounded(value / 10), _rounded(value * 10)
        return {"low": low, "high": high if most is None else min(high, most), "log": True}
    if value < 0:
        return {"low": _rounded(2 * value) if least is None else max(least, _rounded(2 * value)), "high": value / 2}
    return {"low": 1e-5, "high": 0.01 if most is None else min(0.01, most), "log": True}


def _share(value: float, most: float) -> dict[str, Any]:
    """Return a range of a number between 0 and 1, such as the rate of Dropout or a momentum."""
    if value <= 0.5 * most:
        return {"low": _rounded(0.1 * most) if value else 0.0, "high": _rounded(0.5 * most)}
    return {"low": _rounded(0.5 * most), "high": max(_rounded(0.99 * most), round((value + most) / 2, 9))}


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
