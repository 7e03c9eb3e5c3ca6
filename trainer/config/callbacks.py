"""Callbacks of a config (`keras.callbacks`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import Component, Registry, option
from trainer.config.values import Count, Flag, Number, Text

__all__ = ["CALLBACKS", "AnyCallback", "Callback", "EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN"]

_MONITOR = "Name of the metric to monitor, such as val_loss."
_MODE = "Whether the metric should decrease (min) or increase (max); auto infers it from the metric's name."
_Mode = Literal["auto", "min", "max"]
_Weight = Annotated[Number, Field(ge=0)]


class Callback(Component):
    """Base class of the callbacks."""

    key: ClassVar[str] = "callback"


class EarlyStopping(Callback):
    """Stops training when the monitored metric has stopped improving."""

    callback: Literal["EarlyStopping"] = "EarlyStopping"
    monitor: Text = option("val_loss", _MONITOR)
    min_delta: _Weight = option(0.0, "Minimum change in the monitored metric that counts as an improvement.")
    patience: Count = option(0, "Epochs without improvement before training stops.")
    mode: _Mode = option("auto", _MODE)
    baseline: Number | None = option(None, "Baseline that the monitored metric must reach.", advanced=True)
    restore_best_weights: Flag = option(False, "Whether to restore the weights of the best epoch when training ends.")
    start_from_epoch: Count = option(0, "Epochs to wait before monitoring starts.", advanced=True)


class ReduceLROnPlateau(Callback):
    """Reduces the learning rate when the monitored metric has stopped improving."""

    callback: Literal["ReduceLROnPlateau"] = "ReduceLROnPlateau"
    monitor: Text = option("val_loss", _MONITOR)
    # Keras raises ValueError for a factor of 1 or more.
    factor: Annotated[Number, Field(ge=0, lt=1)] = option(
        0.1, "Factor by which the learning rate is multiplied, below 1."
    )
    patience: Count = option(10, "Epochs without improvement before the learning rate is reduced.")
    mode: _Mode = option("auto", _MODE)
    min_delta: _Weight = option(0.0001, "Minimum change in the monitored metric that counts as an improvement.")
    cooldown: Count = option(0, "Epochs to wait after a reduction before monitoring resumes.", advanced=True)
    min_lr: _Weight = option(0.0, "Lower bound of the learning rate.")


class TerminateOnNaN(Callback):
    """Stops training when the loss becomes NaN or infinite."""

    callback: Literal["TerminateOnNaN"] = "TerminateOnNaN"


CALLBACKS = Registry.of("callback", [EarlyStopping, ReduceLROnPlateau, TerminateOnNaN])

AnyCallback = Annotated[Callback, CALLBACKS]
