"""Base classes of the datasets: how samples are split."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from trainer.config.component import Component, option, without_defaults
from trainer.config.values import Fraction, Seed, Size

__all__ = ["MOST_FOLDS", "DatasetConfig", "Undivided"]

MOST_FOLDS = 100
"""Maximum number of folds of a cross-validation."""


class DatasetConfig(Component):
    """Base class of the datasets: how samples are split."""

    later: ClassVar[frozenset[str]] = frozenset()
    """Fields that the first version of the dataset did not have."""

    validation_fraction: Fraction = option(
        0.2,
        "Fraction of the training data to hold out for validation, evaluated after every epoch; 0 for no validation.",
    )
    split_seed: Seed = option(0, "Seed of the random split into training, validation and test data.")

    @model_serializer(mode="wrap")
    def _without_later_fields(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out newer fields at their default, so that configs of earlier versions keep their digests."""
        return without_defaults(self, serialize, self.later)


class Undivided(DatasetConfig):
    """Base class of the datasets without test data of their own."""

    later: ClassVar[frozenset[str]] = frozenset({"folds", "fold"})

    test_fraction: Fraction = option(
        0.2, "Fraction of the data to hold out for testing, evaluated once after training."
    )
    folds: Annotated[Size, Field(ge=2, le=MOST_FOLDS)] | None = option(
        None,
        "Number of folds of a cross-validation, one of which is the test data; test_fraction then has no effect. "
        "null for no folds.",
        advanced=True,
    )
    fold: Annotated[Size, Field(le=MOST_FOLDS)] = option(
        1, "Number of the fold that is the test data, from 1 to folds; no effect without folds.", advanced=True
    )
