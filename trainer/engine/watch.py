"""Listens to `fit`: tells the reporter, moves the order of samples on, and hears Stop."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from trainer.engine.backend import keras
from trainer.engine.pipeline import Position
from trainer.engine.report import Facts, Reporter
from trainer.tracking.types import Progress

__all__ = ["Watched", "Watcher", "scalars"]


class Watcher(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells the reporter of every execution and epoch. `epochs_done`, `stopped` and `cut` say how far it came."""

    def __init__(self, reporter: Reporter, facts: Facts, position: Position, *, epochs: int) -> None:
        super().__init__()
        self.epochs_done = 0
        self.cut = False
        self.stopped = False
        self._reporter = reporter
        self._facts = facts
        self._position = position
        self._epochs = epochs
        self._epoch_began = 0.0
        self._epoch_seconds: float | None = None
        self._heard_first = False

    @property
    def began(self) -> bool:
        """Whether a step has been done, and the reporter told."""
        return self._heard_first

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Sets which order of samples is next."""
        self._position.move(epoch=epoch)
        self._epoch_began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """After an execution: `batch` is its last step by Keras's count, which may lie beyond the epoch's last."""
        if not self._heard_first:
            self._heard_first = True
            self._reporter.began(self._facts)
        step = min(batch + 1, self._facts.steps)
        self._reporter.progressed(self._progress(step, logs or {}))
        if self._reporter.stop_requested():
            self.model.stop_training = self.stopped = True
            self.cut = step < self._facts.steps

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """The validation of an epoch that was cut short is of no use to anybody."""
        if self.cut:
            self.model.stop_evaluating = True

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Tells every metric of a whole epoch, with the learning rate that was used in it."""
        seconds = time.perf_counter() - self._epoch_began
        self.epochs_done, self._epoch_seconds = epoch + 1, seconds
        rate = float(self.model.optimizer.learning_rate)
        self._reporter.epoch_ended(epoch + 1, {**scalars(logs or {}), "learning_rate": rate}, seconds)
        if self._reporter.stop_requested():
            self.model.stop_training = self.stopped = True

    def _progress(self, step: int, logs: Mapping[str, Any]) -> Progress:
        now, spent = time.time(), time.perf_counter() - self._epoch_began
        per_epoch = self._epoch_seconds or spent * self._facts.steps / step
        left = self._epochs - self.epochs_done - step / self._facts.steps
        return Progress(
            time=now,
            epoch=self.epochs_done,
            epochs=self._epochs,
            step=step,
            steps=self._facts.steps,
            values=scalars(logs),
            epoch_seconds=per_epoch,
            estimated_end=now + left * per_epoch,
        )


class Watched(keras.callbacks.CallbackList):  # type: ignore[misc]
    """The watcher and the config's own callbacks, which never hear of an epoch that was cut short."""

    def __init__(self, watcher: Watcher, callbacks: Sequence[Any], model: Any) -> None:
        super().__init__([watcher, *callbacks], add_history=True, model=model)
        self._watcher = watcher

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Whole epochs alone."""
        if not self._watcher.cut:
            super().on_epoch_end(epoch, logs)


def scalars(logs: Mapping[str, Any]) -> dict[str, float]:
    """The running values as plain numbers."""
    return {name: float(value) for name, value in logs.items()}
