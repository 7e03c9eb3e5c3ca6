"""Write components of a config as Python, such as `keras.layers.Dense(128, activation="relu")`."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainer.config import Config
from trainer.config.callbacks import Callback
from trainer.config.component import Component
from trainer.config.initializers import Initializer
from trainer.config.layers import Layer
from trainer.config.losses import Loss
from trainer.config.metrics import Metric, logged_names
from trainer.config.optimizers import Optimizer
from trainer.config.regularizers import Constraint, Regularizer
from trainer.config.schedules import Schedule

__all__ = [
    "FIXED",
    "OTHER_DEFAULTS",
    "WIDTH",
    "Code",
    "call",
    "expression",
    "literal",
    "metric_expressions",
    "positional",
]

WIDTH = 100
"""Maximum length of a line."""

_MODULES: Mapping[type[Component], str] = {
    Layer: "keras.layers",
    Initializer: "keras.initializers",
    Regularizer: "keras.regularizers",
    Constraint: "keras.constraints",
    Schedule: "keras.optimizers.schedules",
    Optimizer: "keras.optimizers",
    Loss: "keras.losses",
    Metric: "keras.metrics",
    Callback: "keras.callbacks",
}
FIXED = frozenset({"Constant", "Identity", "Ones", "STFT", "Zeros"})
"""Initializers without a seed; all others are given by name if nothing else is set, as in the trainer."""

OTHER_DEFAULTS = frozenset({"average", "sparse_y_pred"})
"""Fields whose default differs from Keras's, and which are therefore always written."""

# Required fields that Keras takes after others, or not at all by place.
_NAMED = frozenset({"mean", "variance", "vocabulary"})
# Fields that have another name in Keras.
_OTHER_NAMES = {"wrapped": "layer"}


class Code(str):
    """Python that stands in the place of a value."""

    __slots__ = ()


def expression(part: Component, *, indent: int = 0, **extra: Any) -> str:
    """Return the call that creates the component, without arguments at Keras's default.

    Nested components keep the order in which the trainer creates them, because each may draw a seed.
    """
    wrapped = getattr(part, "wrapped", None)
    if isinstance(part, Layer) and isinstance(wrapped, Layer) and part.freeze:
        # Keras 3.15 passes `trainable=False` of a Bidirectional to none of its two layers.
        part = part.replace(freeze=False, wrapped=wrapped.replace(freeze=True))
    module = next(name for base, name in _MODULES.items() if isinstance(part, base))
    unnamed = positional(type(part))
    inner = [getattr(part, name) for name in unnamed]
    # What is said of a wrapper, such as its dtype, is said of its layer too.
    arguments = [
        expression(value, indent=indent + 4, **extra) if isinstance(value, Layer) else literal(value, indent=indent + 4)
        for value in inner
    ]
    for name, value in (*_changed(part), *extra.items()):
        if name not in unnamed:
            arguments.append(f"{_OTHER_NAMES.get(name, name)}={literal(value, indent=indent + 4)}")
    return call(f"{module}.{part.keras_name or part.kind}", arguments, indent=indent)


def positional(part: type[Component]) -> tuple[str, ...]:
    """Return the required fields of a layer, which are written as positional arguments."""
    if not issubclass(part, Layer):
        return ()
    return tuple(name for name in part.field_order() if part.model_fields[name].is_required() and name not in _NAMED)


def metric_expressions(config: Config) -> list[str]:
    """Return the metrics; the second of a kind gets a name, and `accuracy` stays a string for Keras to interpret."""
    found = []
    for metric, name in zip(config.metrics, logged_names(config.metrics), strict=True):
        named = {} if name == metric.logged_name else {"name": name}
        found.append(literal(metric.kind) if metric.kind == "accuracy" else expression(metric, indent=4, **named))
    return found


def call(name: str, arguments: Sequence[str], *, indent: int = 0) -> str:
    """Format a call on one line, or with one argument per line if it is too long; `indent` is the line's indent."""
    line = f"{name}({', '.join(arguments)})"
    if len(line) + indent <= WIDTH and "\n" not in line:
        return line
    inner = "".join(f"{' ' * (indent + 4)}{argument},\n" for argument in arguments)
    return f"{name}(\n{inner}{' ' * indent})"


def literal(value: Any, *, indent: int = 0) -> str:
    """Format a value as Python, with strings in double quotes."""
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, Component):
        by_name = isinstance(value, Initializer) and value.kind not in FIXED
        is_plain = by_name and value == type(value).model_construct()
        return literal(value.kind) if is_plain else expression(value, indent=indent)
    if isinstance(value, str):
        # repr would use single quotes; JSON's escapes mean the same in Python.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        items = ", ".join(literal(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _changed(part: Component) -> Iterator[tuple[str, Any]]:
    fields = type(part).model_fields
    for name, value in part.arguments().items():
        if name in part.call_arguments:
            continue
        if name == "freeze" and isinstance(value, Code):
            yield "trainable", Code(f"not {value}")
        elif name == "freeze":
            if value and getattr(part, "freezes", False):
                yield "trainable", False
        elif fields[name].is_required() or value != fields[name].default or name in OTHER_DEFAULTS:
            yield name, value
