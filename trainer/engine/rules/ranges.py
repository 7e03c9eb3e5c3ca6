"""Rules about values that the schema allows but that prevent learning: each a warning with a typical value."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from trainer.config import Component
from trainer.config.check import Problem, Severity
from trainer.data.schema import Kind
from trainer.engine.rules.situation import Situation, put

__all__ = ["SMALLEST_EPSILON_1", "range_problems"]


class _Range(NamedTuple):
    """Values of `field` from `least` to `most` have the consequence `why`; `usual` is typical, None for the default."""

    field: str
    least: float
    most: float
    why: str
    usual: float | None = None


_HIGHEST_RATE = {"SGD": 10.0, "Adadelta": 100.0, "Adagrad": 10.0, "Ftrl": 10.0}
# Optimizers that normalize gradients change every weight by about the learning rate at each update.
_HIGHEST_RATE_OF_OTHERS = 1.0

# The spacing of float32 numbers near 1 is about 1e-7, so that smaller updates are lost in rounding.
_LOWEST_RATE = 1e-8

SMALLEST_EPSILON_1 = 1e-18
"""Keras 3.15's Adafactor multiplies two of them; below, their product is 0 in float32 and an update is 0 / 0."""

_ALL = float("inf")
_CLIPPED = "gradients are clipped to almost nothing"
_NEVER_MOVES = "the moving average never changes"
_RANGES = (
    _Range("momentum", 1, 1, "past updates are never discounted", 0.9),
    _Range("rho", 1, 1, _NEVER_MOVES, 0.9),
    _Range("ema_momentum", 1, 1, _NEVER_MOVES, 0.99),
    _Range("beta_1", 0.9999, 1, "the first-moment estimate hardly changes"),
    _Range("beta_2", 0.999999, 1, "the second-moment estimate hardly changes"),
    _Range("adam_beta_1", 0.9999, 1, "the first-moment estimate hardly changes"),
    _Range("adam_beta_2", 0.999999, 1, "the second-moment estimate hardly changes"),
    _Range("epsilon", 1.000001, _ALL, "updates become very small"),
    _Range("epsilon", 0, 1e-38, "it rounds to 0 in float32 and does not prevent a division by zero"),
    _Range("clipnorm", 0, 1e-6, _CLIPPED, 1.0),
    _Range("clipvalue", 0, 1e-6, _CLIPPED, 0.5),
    _Range("global_clipnorm", 0, 1e-6, _CLIPPED, 1.0),
    _Range("clip_threshold", 0, 1e-6, _CLIPPED),
    _Range("weight_decay", 1, _ALL, "weights decay faster than they learn", 0.004),
    _Range("label_smoothing", 0.9, 1, "smoothed labels hardly differ between classes", 0.1),
    _Range("rate", 0.9, 0.999999, "almost all inputs are dropped during training", 0.5),
    _Range("dropout", 0.9, 1, "almost all inputs are dropped during training", 0.2),
    _Range("recurrent_dropout", 0.9, 1, "almost all of the state is dropped during training", 0.2),
    _Range("l1", 1, _ALL, "the penalty outweighs the loss", 0.01),
    _Range("l2", 1, _ALL, "the penalty outweighs the loss", 0.01),
)
_PARTS_WITH_RATE = frozenset({"Dropout"})


def range_problems(situation: Situation) -> Iterator[Problem]:
    """Find values far outside the range that is used in practice."""
    config = situation.config
    yield from _rate(situation)
    yield from _zero_by_zero(situation)
    yield from _component(config.optimizer, ("optimizer",))
    yield from _component(config.loss, ("loss",))
    for index, layer in enumerate(config.layers):
        yield from _component(layer, ("layers", index))


def _component(component: Component, path: tuple[str | int, ...]) -> Iterator[Problem]:
    for name, value in component.arguments().items():
        if name.endswith("_regularizer") and isinstance(value, Component):
            yield from _component(value, (*path, name))
        if name == "rate" and component.kind not in _PARTS_WITH_RATE:
            continue
        for each in _RANGES:
            if name == each.field and isinstance(value, int | float) and each.least <= value <= each.most:
                usual = type(component).model_fields[name].default if each.usual is None else each.usual
                message = f"With {name} = {value:g}, {each.why}; {usual:g} is typical."
                yield _warning((*path, name), message, usual)


def _rate(situation: Situation) -> Iterator[Problem]:
    optimizer = situation.config.optimizer
    rate = optimizer.learning_rate
    usual = type(optimizer).model_fields["learning_rate"].default
    highest = _HIGHEST_RATE.get(optimizer.kind, _HIGHEST_RATE_OF_OTHERS)
    largest = max(_rates(rate), default=usual)
    if largest > highest:
        message = (
            f"A learning rate of {largest:g} is too high for {optimizer.kind}, so the loss will probably diverge; "
            f"{usual:g} is typical."
        )
    elif largest < _LOWEST_RATE:
        message = f"A learning rate of {largest:g} is too low to change the weights; {usual:g} is typical."
    else:
        return
    yield _warning(("optimizer", "learning_rate"), message, usual)


def _zero_by_zero(situation: Situation) -> Iterator[Problem]:
    """Find an epsilon_1 of Adafactor that gives 0 / 0 on images with margins that are 0 in every sample."""
    value = situation.config.optimizer.arguments().get("epsilon_1", 1.0)
    if value < SMALLEST_EPSILON_1 and situation.schema.kind is Kind.IMAGES:
        message = (
            f"With epsilon_1 = {value:g}, Keras's Adafactor computes 0 / 0 if a pixel is black in every sample and a "
            "unit is inactive, so the loss becomes NaN or stops changing."
        )
        yield _warning(("optimizer", "epsilon_1"), message, 1e-12)


def _rates(rate: Any) -> list[float]:
    """Return the constant learning rate, or every rate that the schedule gives."""
    if not isinstance(rate, Component):
        return [rate]
    fields = rate.arguments()
    given = [fields.get("initial_learning_rate"), fields.get("warmup_target"), *fields.get("values", ())]
    return [value for value in given if value is not None]


def _warning(path: tuple[str | int, ...], message: str, usual: float) -> Problem:
    where = ".".join(str(step + 1) if isinstance(step, int) else step for step in path)
    fix = f"Set {path[-1]} to {usual:g}."
    edits = (put(*path, value=usual),)
    return Problem(severity=Severity.WARNING, where=where, message=message, fix=fix, edits=edits)
