"""What the page of a live run will show, by its config, so that everything has its place from the beginning."""

from trainer.config import Component, Config, logged_names

__all__ = ["expected_curves", "expected_results"]

_RATE = "learning_rate"


def expected_curves(config: Config) -> tuple[str, ...]:
    """The metrics that will have a chart: the loss, the config's own, and a learning rate that may move."""
    moves = isinstance(config.optimizer.learning_rate, Component) or any(
        callback.kind == "ReduceLROnPlateau" for callback in config.callbacks
    )
    return ("loss", *logged_names(config.metrics), *([_RATE] if moves else []))


def expected_results(config: Config) -> tuple[str, ...]:
    """The metrics that each epoch will end with: of the validation part, where there is one."""
    part = "val_" if getattr(config.dataset, "validation_fraction", 0.0) else ""
    return tuple(f"{part}{name}" for name in ("loss", *logged_names(config.metrics)))
