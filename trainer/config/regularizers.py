"""Regularizers and constraints: what holds weights small (`keras.regularizers`, `keras.constraints`)."""

from typing import Annotated, Literal

from pydantic import Field

from trainer.config.component import Component, Registry, option
from trainer.config.values import Axis, Number, Positive, Probability

__all__ = [
    "CONSTRAINTS",
    "L1",
    "L1L2",
    "L2",
    "REGULARIZERS",
    "AnyConstraint",
    "AnyRegularizer",
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "OrthogonalRegularizer",
    "Regularizer",
    "UnitNorm",
]

_Weight = Annotated[Number, Field(ge=0)]


class Regularizer(Component):
    """A penalty that is added to the loss."""


class L1(Regularizer):
    """The sum of absolute values, times l1: pushes weights to exactly 0."""

    name: Literal["L1"] = "L1"
    l1: _Weight = option(0.01, "The factor of the absolute values.")


class L2(Regularizer):
    """The sum of squares, times l2: keeps weights small."""

    name: Literal["L2"] = "L2"
    l2: _Weight = option(0.01, "The factor of the squares.")


class L1L2(Regularizer):
    """Both at once."""

    name: Literal["L1L2"] = "L1L2"
    l1: _Weight = option(0.0, "The factor of the absolute values.")
    l2: _Weight = option(0.0, "The factor of the squares.")


class OrthogonalRegularizer(Regularizer):
    """Pushes the rows or columns of a matrix to stand at right angles."""

    name: Literal["OrthogonalRegularizer"] = "OrthogonalRegularizer"
    factor: _Weight = option(0.01, "The factor of the penalty.")
    mode: Literal["rows", "columns"] = option("rows", "Which vectors are to be orthogonal.")


class Constraint(Component):
    """A rule that weights are put back to after every step."""


class MaxNorm(Constraint):
    """Each unit's incoming weights have at most this norm."""

    name: Literal["MaxNorm"] = "MaxNorm"
    max_value: Positive = option(2.0, "The largest norm.")
    axis: Axis = option(0, "The axis along which the norm is taken.")


class MinMaxNorm(Constraint):
    """Each unit's incoming weights have a norm between two values."""

    name: Literal["MinMaxNorm"] = "MinMaxNorm"
    min_value: _Weight = option(0.0, "The smallest norm.")
    max_value: Positive = option(1.0, "The largest norm.")
    rate: Probability = option(1.0, "How much of the way a step goes back to the range.")
    axis: Axis = option(0, "The axis along which the norm is taken.")


class NonNeg(Constraint):
    """No weight is negative."""

    name: Literal["NonNeg"] = "NonNeg"


class UnitNorm(Constraint):
    """Each unit's incoming weights have norm 1."""

    name: Literal["UnitNorm"] = "UnitNorm"
    axis: Axis = option(0, "The axis along which the norm is taken.")


REGULARIZERS = Registry.of(
    "regularizer",
    [L1, L2, L1L2, OrthogonalRegularizer],
    aliases={"l1_l2": "L1L2", "orthogonal": "OrthogonalRegularizer"},
)
CONSTRAINTS = Registry.of("constraint", [MaxNorm, MinMaxNorm, NonNeg, UnitNorm], aliases={"non_negative": "NonNeg"})

AnyRegularizer = Annotated[Regularizer, REGULARIZERS]
AnyConstraint = Annotated[Constraint, CONSTRAINTS]
