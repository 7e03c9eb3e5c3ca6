"""What pages of live runs will show, by their configs, so that everything has its place from the beginning."""

from trainer.config import Component, Config, logged_names
from trainer.config.metrics.names import TEST, VALIDATION

__all__ = ["expected_curves", "expected_metrics", "expected_results"]

_RATE = "learning_rate"


def expected_curves(config: Config) -> tuple[str, ...]:
    """The metrics that will have a chart: the loss, the config's own, and a learning rate that may move."""
    moves = isinstance(config.optimizer.learning_rate, Component) or any(
        callback.kind == "ReduceLROnPlateau" for callback in config.callbacks
    )
    return ("loss", *logged_names(config.metrics), *([_RATE] if moves else []))


def expected_results(config: Config) -> tuple[str, ...]:
    """The metrics that each epoch will end with: of the validation part, where there is one."""
    part = VALIDATION if _has_validation(config) else ""
    return tuple(f"{part}{name}" for name in _measured(config))


def expected_metrics(config: Config) -> tuple[str, ...]:
    """All results that will be logged: of training, and of the validation and the test part where they are sure."""
    # A data set that has no `test_fraction` comes with a test part of its own.
    is_tested = getattr(config.dataset, "test_fraction", 1.0) > 0
    parts = ("", *([VALIDATION] if _has_validation(config) else []), *([TEST] if is_tested else []))
    return tuple(f"{part}{name}" for part in parts for name in _measured(config))


def _has_validation(config: Config) -> bool:
    return bool(getattr(config.dataset, "validation_fraction", 0.0))


def _measured(config: Config) -> tuple[str, ...]:
    return ("loss", *logged_names(config.metrics))
