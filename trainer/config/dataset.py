"""Base classes of the datasets: how samples are split."""

from trainer.config.component import Component, option
from trainer.config.values import Fraction, Seed

__all__ = ["DatasetConfig", "Undivided"]


class DatasetConfig(Component):
    """Base class of the datasets: how samples are split."""

    validation_fraction: Fraction = option(
        0.2,
        "Fraction of the training data to hold out for validation, evaluated after every epoch; 0 for no validation.",
    )
    split_seed: Seed = option(0, "Seed of the random split into training, validation and test data.")


class Undivided(DatasetConfig):
    """Base class of the datasets without test data of their own."""

    test_fraction: Fraction = option(
        0.2, "Fraction of the data to hold out for testing, evaluated once after training."
    )
