"""Rules about values that the schema allows and that no training survives: each a warning with a usual value."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from trainer.config import Component
from trainer.config.check import Problem, Severity
from trainer.data.schema import Kind
from trainer.engine.rules.situation import Situation, put

__all__ = ["SMALLEST_EPSILON_1", "range_problems"]


class _Range(NamedTuple):
    """From `least` to `most`, `field` does what `why` says; `usual` is a value to take instead, None the default."""

    field: str
    least: float
    most: float
    why: str
    usual: float | None = None


_HIGHEST_RATE = {"SGD": 10.0, "Adadelta": 100.0, "Adagrad": 10.0, "Ftrl": 10.0}
_HIGHEST_RATE_OF_OTHERS = 1.0
"""Optimizers that divide by the size of the gradients move every weight by about the learning rate at each step."""

_LOWEST_RATE = 1e-8
"""float32 weights of about 1 have steps of 1e-7: smaller changes are lost in rounding."""

SMALLEST_EPSILON_1 = 1e-18
"""Keras 3.15's Adafactor multiplies two of them; below, their product is 0 in float32, and a step 0 / 0."""

_ALL = float("inf")
_CLIPPED = "hardly anything is left of a gradient"
_NEVER_MOVES = "the average never moves"
_RANGES = (
    _Range("momentum", 1, 1, "nothing is ever forgotten", 0.9),
    _Range("rho", 1, 1, _NEVER_MOVES, 0.9),
    _Range("ema_momentum", 1, 1, _NEVER_MOVES, 0.99),
    _Range("beta_1", 0.9999, 1, "the mean of gradients hardly moves"),
    _Range("beta_2", 0.999999, 1, "the mean of squared gradients hardly moves"),
    _Range("adam_beta_1", 0.9999, 1, "the mean of gradients hardly moves"),
    _Range("adam_beta_2", 0.999999, 1, "the mean of squared gradients hardly moves"),
    _Range("epsilon", 1.000001, _ALL, "what is divided by it is hardly anything any more"),
    _Range("epsilon", 0, 1e-38, "it is 0 in float32, and keeps no division from 0"),
    _Range("clipnorm", 0, 1e-6, _CLIPPED, 1.0),
    _Range("clipvalue", 0, 1e-6, _CLIPPED, 0.5),
    _Range("global_clipnorm", 0, 1e-6, _CLIPPED, 1.0),
    _Range("clip_threshold", 0, 1e-6, _CLIPPED),
    _Range("weight_decay", 1, _ALL, "the weights shrink faster than they learn", 0.004),
    _Range("label_smoothing", 0.9, 1, "the labels hardly differ any more", 0.1),
    _Range("rate", 0.9, 0.999999, "hardly any input is left in training", 0.5),
    _Range("dropout", 0.9, 1, "hardly any input is left in training", 0.2),
    _Range("recurrent_dropout", 0.9, 1, "hardly any of the state is left in training", 0.2),
    _Range("l1", 1, _ALL, "the penalty outweighs the loss", 0.01),
    _Range("l2", 1, _ALL, "the penalty outweighs the loss", 0.01),
)
_PARTS_WITH_RATE = frozenset({"Dropout"})


def range_problems(situation: Situation) -> Iterator[Problem]:
    """Values far outside what anybody trains with."""
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
                message = f"With {name} at {value:g} {each.why}; {usual:g} is usual."
                yield _warning((*path, name), message, usual)


def _rate(situation: Situation) -> Iterator[Problem]:
    optimizer = situation.config.optimizer
    rate = optimizer.learning_rate
    usual = type(optimizer).model_fields["learning_rate"].default
    highest = _HIGHEST_RATE.get(optimizer.kind, _HIGHEST_RATE_OF_OTHERS)
    largest = max(_rates(rate), default=usual)
    if largest > highest:
        message = (
            f"The learning rate {largest:g} is far above what {optimizer.kind} can use ({usual:g} is usual): "
            "the loss will most likely diverge."
        )
    elif largest < _LOWEST_RATE:
        message = f"The learning rate {largest:g} is too small to change the weights; {usual:g} is usual."
    else:
        return
    yield _warning(("optimizer", "learning_rate"), message, usual)


def _zero_by_zero(situation: Situation) -> Iterator[Problem]:
    """Adafactor on images, whose margins are 0 in every sample, while a unit is silent."""
    value = situation.config.optimizer.arguments().get("epsilon_1", 1.0)
    if value < SMALLEST_EPSILON_1 and situation.schema.kind is Kind.IMAGES:
        message = (
            f"With epsilon_1 at {value:g} Keras's Adafactor divides 0 by 0 where a pixel is black in every sample and "
            "a unit is silent: the loss becomes NaN or stands still."
        )
        yield _warning(("optimizer", "epsilon_1"), message, 1e-12)


def _rates(rate: Any) -> list[float]:
    """Every rate that is named: the constant one, or those of the schedule."""
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
