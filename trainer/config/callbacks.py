"""Callbacks that a config can hold (`keras.callbacks`)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainer.config.component import Component, Registry, option
from trainer.config.values import Count, Flag, Number, Text

__all__ = ["CALLBACKS", "AnyCallback", "Callback", "EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN"]

_MONITOR = "The metric that is watched, such as val_loss."
_MODE = "Whether smaller or larger is better; auto goes by the metric's name."
_Mode = Literal["auto", "min", "max"]
_Weight = Annotated[Number, Field(ge=0)]


class Callback(Component):
    """Something done between epochs."""

    key: ClassVar[str] = "callback"


class EarlyStopping(Callback):
    """Ends training when the watched metric no longer gets better."""

    callback: Literal["EarlyStopping"] = "EarlyStopping"
    monitor: Text = option("val_loss", _MONITOR)
    min_delta: _Weight = option(0.0, "The smallest change that counts as better.")
    patience: Count = option(0, "How many epochs without a better value are borne.")
    mode: _Mode = option("auto", _MODE)
    baseline: Number | None = option(None, "A value that has to be passed at all.", advanced=True)
    restore_best_weights: Flag = option(False, "Whether the best epoch's weights are put back at the end.")
    start_from_epoch: Count = option(0, "The epochs before watching begins.", advanced=True)


class ReduceLROnPlateau(Callback):
    """Lowers the learning rate when the watched metric no longer gets better."""

    callback: Literal["ReduceLROnPlateau"] = "ReduceLROnPlateau"
    monitor: Text = option("val_loss", _MONITOR)
    factor: Annotated[Number, Field(ge=0, lt=1)] = option(0.1, "What the learning rate is multiplied by.")
    patience: Count = option(10, "How many epochs without a better value are borne.")
    mode: _Mode = option("auto", _MODE)
    min_delta: _Weight = option(0.0001, "The smallest change that counts as better.")
    cooldown: Count = option(0, "How many epochs to wait after lowering it.", advanced=True)
    min_lr: _Weight = option(0.0, "The lowest learning rate.")


class TerminateOnNaN(Callback):
    """Ends training as soon as the loss is not a number."""

    callback: Literal["TerminateOnNaN"] = "TerminateOnNaN"


CALLBACKS = Registry.of("callback", [EarlyStopping, ReduceLROnPlateau, TerminateOnNaN])

AnyCallback = Annotated[Callback, CALLBACKS]
