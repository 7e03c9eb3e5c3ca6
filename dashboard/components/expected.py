"""The charts and results that a live run will have, so that a page can reserve their places."""

from contextlib import suppress

from dashboard.loaders import datasets
from trainer.config import Component, Config, FileDataset, logged_names
from trainer.config.file_datasets import DividedFile
from trainer.config.metrics.names import TEST, VALIDATION
from trainer.config.series import Series
from trainer.errors import DataError

__all__ = ["expected_curves", "expected_metrics", "expected_results"]

_RATE = "learning_rate"


def expected_curves(config: Config) -> tuple[str, ...]:
    """Return the metrics that will have a chart: the loss, the config's metrics, and a changing learning rate."""
    moves = isinstance(config.optimizer.learning_rate, Component) or any(
        callback.kind == "ReduceLROnPlateau" for callback in config.callbacks
    )
    return ("loss", *logged_names(config.metrics), *([_RATE] if moves else []))


def expected_results(config: Config) -> tuple[str, ...]:
    """Return the metrics logged after each epoch: of the validation part if there is one, else of training."""
    part = VALIDATION if _parts(config)[0] else ""
    return tuple(f"{part}{name}" for name in _measured(config))


def expected_metrics(config: Config) -> tuple[str, ...]:
    """Return all results that will be logged: of training, and of the validation and test parts that will exist."""
    has_validation, has_test = _parts(config)
    parts = ("", *([VALIDATION] if has_validation else []), *([TEST] if has_test else []))
    return tuple(f"{part}{name}" for part in parts for name in _measured(config))


def _parts(config: Config) -> tuple[bool, bool]:
    """Return whether there is a validation and a test part: split off by a fraction, or part of the dataset."""
    dataset = config.dataset
    # A dataset that has no `test_fraction` comes with a test part of its own.
    has_test = getattr(dataset, "test_fraction", 1.0) > 0 or getattr(dataset, "folds", None) is not None
    cut = dataset.validation_fraction > 0, has_test
    # The fractions do not say the parts where a file has them itself.
    if isinstance(dataset, DividedFile | Series) or (isinstance(dataset, FileDataset) and not all(cut)):
        with suppress(DataError):
            schema = datasets.schema(dataset)
            return schema.validation > 0, schema.test > 0
    return cut


def _measured(config: Config) -> tuple[str, ...]:
    return ("loss", *logged_names(config.metrics))
