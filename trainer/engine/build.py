"""Build compiled Keras models from configs."""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from trainer.config import Config, Labels
from trainer.config.callbacks import Callback
from trainer.config.component import Component
from trainer.config.initializers import Initializer
from trainer.config.layers import Layer, has_composites
from trainer.config.losses import Loss
from trainer.config.metrics import Metric
from trainer.config.optimizers import Optimizer
from trainer.config.regularizers import Constraint, Regularizer
from trainer.config.schedules import Schedule
from trainer.data.schema import Schema
from trainer.data.source import AnyArray
from trainer.engine.backend import keras
from trainer.engine.blocks import connect

__all__ = [
    "Names",
    "apply_layer",
    "build_callbacks",
    "build_layer",
    "build_loss",
    "build_metrics",
    "build_model",
    "build_optimizer",
    "build_sequential",
    "labels_for",
]

_HOMES: Mapping[type[Component], Any] = {
    Layer: keras.layers,
    Initializer: keras.initializers,
    Regularizer: keras.regularizers,
    Constraint: keras.constraints,
    Schedule: keras.optimizers.schedules,
    Optimizer: keras.optimizers,
    Loss: keras.losses,
    Metric: keras.metrics,
    Callback: keras.callbacks,
}


class Names:
    """Names layers as Keras does in a fresh process (`dense`, `dense_1`, …), whatever was built before."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def of(self, kind: str) -> str:
        """Return the next name for a class, such as `max_pooling2d` for `MaxPooling2D`."""
        return self.next(_snake_case(kind))

    def next(self, name: str) -> str:
        """Return the name itself, or with the next number if it is in use."""
        self._taken[name] += 1
        return name if self._taken[name] == 1 else f"{name}_{self._taken[name] - 1}"


def _snake_case(kind: str) -> str:
    # The same substitutions as Keras's own `to_snake_case`.
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


def build_model(
    config: Config, schema: Schema, *, steps_per_execution: int = 1, prepare: Callable[[Any], object] | None = None
) -> Any:
    """Return the compiled model; its weights depend on `keras.utils.set_random_seed` called just before.

    `prepare` is called with the built model before it is compiled, such as to set its weights.
    """
    model = build_sequential(config, schema)
    if prepare is not None:
        prepare(model)
    model.compile(
        optimizer=build_optimizer(config.optimizer),
        loss=build_loss(config.loss),
        metrics=build_metrics(config.metrics),
        steps_per_execution=steps_per_execution,
    )
    return model


def build_sequential(config: Config, schema: Schema) -> Any:
    """Return the model, built for the dataset's shape but not compiled: Sequential unless it has Fitboard's blocks."""
    if has_composites(config.layers):
        return _functional(config, schema)
    names = Names()
    # Every name is given, because Keras would number the layers of all models in the process.
    entry = keras.Input(schema.input_shape, dtype=schema.input_dtype, name="input_layer")
    *hidden, last = config.layers
    with _dtype_policy(config.precision):
        layers = [build_layer(layer, names) for layer in hidden]
        # The loss of 16-bit outputs overflows; Keras's guide on mixed precision computes the output in float32 too.
        with _dtype_policy("float32"):
            layers.append(build_layer(last, names))
        return keras.Sequential([entry, *layers], name="sequential")


def _functional(config: Config, schema: Schema) -> Any:
    names = Names()
    entry = keras.Input(schema.input_shape, dtype=schema.input_dtype, name="input_layer")
    *hidden, last = config.layers
    with _dtype_policy(config.precision):
        x = entry
        for layer in hidden:
            x = apply_layer(layer, x, names)
        with _dtype_policy("float32"):
            x = apply_layer(last, x, names)
        return keras.Model(entry, x, name="functional")


def apply_layer(layer: Layer, x: Any, names: Names) -> Any:
    """Return the output of a new layer, composite or not, on a symbolic tensor."""
    return connect(layer, x, lambda plain: build_layer(plain, names), names.of)


@contextmanager
def _dtype_policy(name: str) -> Iterator[None]:
    """Give layers the dtype policy; Keras's global one is the only that reaches layers within layers."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def build_layer(layer: Layer, names: Names) -> Any:
    """Return one layer, not built yet."""
    arguments = layer.arguments()
    wrapped = arguments.pop("wrapped", None)
    if isinstance(wrapped, Layer):
        inner = build_layer(wrapped, names)
        freeze = arguments.pop("freeze")
        made = getattr(keras.layers, layer.kind)(inner, **arguments, name=names.of(layer.kind))
        if freeze:
            made.trainable = False
        return made
    return _made(layer, name=names.of(layer.keras_name or layer.kind))


def build_optimizer(optimizer: Optimizer) -> Any:
    """Return the optimizer, with its schedule if it has one."""
    return _made(optimizer)


def build_loss(loss: Loss) -> Any:
    """Return the loss."""
    return _made(loss)


def build_metrics(metrics: Sequence[Metric]) -> list[Any]:
    """Return the metrics; `accuracy` stays a string, from which Keras chooses the variant that fits the loss."""
    names = Names()
    return [
        metric.kind if metric.kind == "accuracy" else _made(metric, name=names.next(_metric_name(metric)))
        for metric in metrics
    ]


def _metric_name(metric: Metric) -> str:
    """Return Keras's default name, such as `logcosh` for `LogCoshError`."""
    default = inspect.signature(getattr(keras.metrics, metric.kind)).parameters["name"].default
    return default if isinstance(default, str) else _snake_case(metric.kind)


def build_callbacks(callbacks: Sequence[Callback]) -> list[Any]:
    """Return the callbacks of the config."""
    return [_made(callback) for callback in callbacks]


def labels_for(loss: Loss, y: AnyArray, *, classes: int | None) -> AnyArray:
    """Convert labels to the format that the loss expects.

    `y` is (samples,) with classes from 0, or (samples, outputs) with values. The result is (samples,) of
    int64, (samples, classes) or (samples, 1) of float32, or `y` as float32 for values.
    """
    if loss.labels is Labels.INTEGER:
        return y
    if loss.labels is Labels.ONE_HOT and classes is not None:
        one_hot: AnyArray = (y[:, None] == range(classes)).astype("float32")
        return one_hot
    column = y[:, None] if y.ndim == 1 else y
    return column.astype("float32")


def _made(part: Component, **extra: Any) -> Any:
    """Return the Keras object. Nested components at their default are left to Keras, as in a handwritten script.

    This is not only for brevity: an initializer that is passed as an object draws a different seed.
    """
    home = next(module for base, module in _HOMES.items() if isinstance(part, base))
    fields = type(part).model_fields
    given = {
        name: _value(value)
        for name, value in part.arguments().items()
        if (not isinstance(value, Component) or value != fields[name].default) and name not in part.call_arguments
    }
    if given.pop("freeze", False) and getattr(part, "freezes", False):
        given["trainable"] = False
    return getattr(home, part.keras_name or part.kind)(**given, **extra)


def _value(value: Any) -> Any:
    if isinstance(value, Initializer) and _draws(value) and value == type(value).model_construct():
        # By name, since Keras then creates it with the seed that a handwritten script would get.
        return value.kind
    return _made(value) if isinstance(value, Component) else value


def _draws(initializer: Initializer) -> bool:
    return "seed" in inspect.signature(getattr(keras.initializers, initializer.kind)).parameters
