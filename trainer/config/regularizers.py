"""Regularizers and constraints of the weights (`keras.regularizers`, `keras.constraints`)."""

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
    """Base class of the regularizers, which add a penalty to the loss."""


class L1(Regularizer):
    """Penalty of l1 times the sum of absolute values; drives weights to exactly 0."""

    name: Literal["L1"] = "L1"
    l1: _Weight = option(0.01, "L1 regularization factor.")


class L2(Regularizer):
    """Penalty of l2 times the sum of squares; keeps weights small."""

    name: Literal["L2"] = "L2"
    l2: _Weight = option(0.01, "L2 regularization factor.")


class L1L2(Regularizer):
    """Sum of the L1 and the L2 penalty."""

    name: Literal["L1L2"] = "L1L2"
    l1: _Weight = option(0.0, "L1 regularization factor.")
    l2: _Weight = option(0.0, "L2 regularization factor.")


class OrthogonalRegularizer(Regularizer):
    """Encourages the rows or columns of a matrix to be orthogonal to each other."""

    name: Literal["OrthogonalRegularizer"] = "OrthogonalRegularizer"
    factor: _Weight = option(0.01, "Regularization factor.")
    mode: Literal["rows", "columns"] = option("rows", "Whether the rows or the columns should be orthogonal.")


class Constraint(Component):
    """Base class of the constraints, which are applied to weights after every update."""


class MaxNorm(Constraint):
    """Constrains the norm of each unit's incoming weights to a maximum."""

    name: Literal["MaxNorm"] = "MaxNorm"
    max_value: Positive = option(2.0, "Maximum norm of the incoming weights.")
    axis: Axis = option(0, "Axis along which to compute the norm.")


class MinMaxNorm(Constraint):
    """Constrains the norm of each unit's incoming weights to a range."""

    name: Literal["MinMaxNorm"] = "MinMaxNorm"
    min_value: _Weight = option(0.0, "Minimum norm of the incoming weights.")
    max_value: Positive = option(1.0, "Maximum norm of the incoming weights.")
    rate: Probability = option(1.0, "Rate at which the constraint is enforced; 1 enforces it strictly.")
    axis: Axis = option(0, "Axis along which to compute the norm.")


class NonNeg(Constraint):
    """Constrains the weights to be non-negative."""

    name: Literal["NonNeg"] = "NonNeg"


class UnitNorm(Constraint):
    """Constrains each unit's incoming weights to norm 1."""

    name: Literal["UnitNorm"] = "UnitNorm"
    axis: Axis = option(0, "Axis along which to compute the norm.")


REGULARIZERS = Registry.of(
    "regularizer",
    [L1, L2, L1L2, OrthogonalRegularizer],
    aliases={"l1_l2": "L1L2", "orthogonal": "OrthogonalRegularizer"},
)
CONSTRAINTS = Registry.of("constraint", [MaxNorm, MinMaxNorm, NonNeg, UnitNorm], aliases={"non_negative": "NonNeg"})

AnyRegularizer = Annotated[Regularizer, REGULARIZERS]
AnyConstraint = Annotated[Constraint, CONSTRAINTS]
