"""Learning-rate schedules (`keras.optimizers.schedules`); their steps are updates, not epochs."""

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
_INITIAL = "The learning rate at the start."


class Schedule(Component):
    """How the learning rate changes with the number of updates."""


class CosineDecay(Schedule):
    """Falls along half a cosine, after an optional warm-up."""

    name: Literal["CosineDecay"] = "CosineDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "Over how many updates it falls.")
    alpha: _Rate = option(0.0, "The end, as a share of the start.")
    warmup_target: _Rate | None = option(None, "The rate that the warm-up rises to; none is no warm-up.")
    warmup_steps: Count = option(0, "How many updates the warm-up takes.")


class CosineDecayRestarts(Schedule):
    """Falls along half a cosine again and again, each time longer."""

    name: Literal["CosineDecayRestarts"] = "CosineDecayRestarts"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    first_decay_steps: Size = option(..., "How many updates the first fall takes.")
    t_mul: Positive = option(2.0, "How many times longer each fall is than the one before.")
    m_mul: Positive = option(1.0, "What the start is multiplied by at each restart.")
    alpha: _Rate = option(0.0, "The end, as a share of the start.")


class ExponentialDecay(Schedule):
    """Is multiplied by decay_rate every decay_steps updates."""

    name: Literal["ExponentialDecay"] = "ExponentialDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "Over how many updates it is multiplied once.")
    decay_rate: Positive = option(..., "The factor.")
    staircase: Flag = option(False, "Whether it falls in steps rather than smoothly.")


class InverseTimeDecay(Schedule):
    """Falls as 1 / (1 + decay_rate · updates / decay_steps)."""

    name: Literal["InverseTimeDecay"] = "InverseTimeDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "The updates that decay_rate is counted by.")
    decay_rate: Positive = option(..., "How fast it falls.")
    staircase: Flag = option(False, "Whether it falls in steps rather than smoothly.")


class PiecewiseConstantDecay(Schedule):
    """Stays at one value until each boundary, then takes the next."""

    name: Literal["PiecewiseConstantDecay"] = "PiecewiseConstantDecay"
    boundaries: tuple[Count, ...] = option(..., "The updates at which the rate changes, rising.", min_length=1)
    values: tuple[_Rate, ...] = option(..., "The rates, one more than there are boundaries.", min_length=2)


class PolynomialDecay(Schedule):
    """Falls to end_learning_rate along a power of the time left."""

    name: Literal["PolynomialDecay"] = "PolynomialDecay"
    initial_learning_rate: _Rate = option(..., _INITIAL)
    decay_steps: Size = option(..., "Over how many updates it falls.")
    end_learning_rate: _Rate = option(0.0001, "Where it ends.")
    power: Positive = option(1.0, "The power; 1 is a straight line.")
    cycle: Flag = option(False, "Whether it starts anew beyond decay_steps.")


SCHEDULES = Registry.of(
    "schedule",
    [CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay],
)

_AnySchedule = Annotated[Schedule, SCHEDULES]


def _rate_or_schedule(value: Any) -> str:
    return "schedule" if isinstance(value, dict | Schedule) else "number"


LearningRate = Annotated[
    Annotated[_Rate, Tag("number")] | Annotated[_AnySchedule, Tag("schedule")], Discriminator(_rate_or_schedule)
]
"""A constant rate, or a schedule."""
