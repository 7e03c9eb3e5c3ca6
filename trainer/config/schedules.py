"""Learning-rate schedules (`keras.optimizers.schedules`). Their steps are optimizer updates, not epochs."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from trainer.config.component import Component, Registry, option
from trainer.config.values import Count, Flag, Number, Positive, Size

__all__ = [
    "SCHEDULES",
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRate",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "Schedule",
]

_Rate = Annotated[Number, Field(ge=0)]
_INITIAL = "Initial learning rate."


class Schedule(Component):
    """Base class of the learning-rate schedules."""


class CosineDecay(Schedule):
    """Cosine decay, optionally after a linear warmup."""

    name: Literal["CosineDecay"] = "CosineDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "Number of updates over which to decay.")
    alpha: _Rate = option(0.0, "Final learning rate as a fraction of the initial one.")
    warmup_target: _Rate | None = option(None, "Learning rate at the end of the warmup; null for no warmup.")
    warmup_steps: Count = option(0, "Number of updates over which to warm up.")


class CosineDecayRestarts(Schedule):
    """Cosine decay that restarts periodically."""

    name: Literal["CosineDecayRestarts"] = "CosineDecayRestarts"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    first_decay_steps: Size = option(..., "Number of updates in the first period.")
    t_mul: Positive = option(2.0, "Factor by which each period is longer than the previous one.")
    m_mul: Positive = option(1.0, "Factor that the initial learning rate of each period is multiplied by.")
    alpha: _Rate = option(0.0, "Final learning rate as a fraction of the initial one.")


class ExponentialDecay(Schedule):
    """Exponential decay: multiplies the learning rate by decay_rate every decay_steps updates."""

    name: Literal["ExponentialDecay"] = "ExponentialDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "Number of updates per multiplication by decay_rate.")
    decay_rate: Positive = option(..., "Decay rate.")
    staircase: Flag = option(False, "Whether to decay at discrete intervals instead of continuously.")


class InverseTimeDecay(Schedule):
    """Inverse time decay: divides the initial rate by 1 + decay_rate · updates / decay_steps."""

    name: Literal["InverseTimeDecay"] = "InverseTimeDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "Number of updates after which decay_rate is added to the divisor.")
    decay_rate: Positive = option(..., "Decay rate.")
    staircase: Flag = option(False, "Whether to decay at discrete intervals instead of continuously.")


class PiecewiseConstantDecay(Schedule):
    """Constant learning rate between boundaries."""

    name: Literal["PiecewiseConstantDecay"] = "PiecewiseConstantDecay"
    boundaries: tuple[Count, ...] = option(
        ..., "Updates at which the learning rate changes, in increasing order.", min_length=1
    )
    values: tuple[_Rate, ...] = option(
        ..., "Learning rates of the intervals, one more than there are boundaries.", min_length=2
    )


class PolynomialDecay(Schedule):
    """Polynomial decay from the initial learning rate to end_learning_rate."""

    name: Literal["PolynomialDecay"] = "PolynomialDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "Number of updates over which to decay.")
    end_learning_rate: _Rate = option(0.0001, "Final learning rate.")
    power: Positive = option(1.0, "Power of the polynomial; 1 for linear decay.")
    cycle: Flag = option(False, "Whether to decay again after decay_steps instead of staying at end_learning_rate.")


SCHEDULES = Registry.of(
    "schedule",
    [CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay],
)

_AnySchedule = Annotated[Schedule, SCHEDULES]


# With a plain union, pydantic would report a mistake inside a schedule a second time, as an invalid number.
def _rate_or_schedule(value: Any) -> str:
    return "schedule" if isinstance(value, dict | Schedule) else "number"


LearningRate = Annotated[
    Annotated[_Rate, Tag("number")] | Annotated[_AnySchedule, Tag("schedule")], Discriminator(_rate_or_schedule)
]
"""A constant learning rate, or a schedule."""
