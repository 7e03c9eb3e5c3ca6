"""The callbacks of `fit`: report progress, set the order of each epoch, and end the training on a stop request."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from trainer.engine.backend import keras
from trainer.engine.checkpoint import Checkpoint
from trainer.engine.pipeline import ShuffledBatches
from trainer.engine.report import Facts, Reporter
from trainer.errors import TrainingError
from trainer.tracking.tags import Progress

__all__ = ["Hooks", "ProgressCallback", "ProgressCallbackList", "scalars"]


class ProgressCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports every execution and epoch. `epochs_done`, `stopped`, `left` and `cut` are the progress of the training.

    `history` has the values of every complete epoch, followed by its seconds, named by `columns`. `diverged`, if given,
    explains in a sentence why a loss (value, epoch, step) is not finite; training then fails with that sentence.
    """

    def __init__(
        self,
        reporter: Reporter,
        facts: Facts,
        batches: ShuffledBatches,
        *,
        epochs: int,
        diverged: Callable[[float, int, int], str] | None = None,
    ) -> None:
        super().__init__()
        self.epochs_done = 0
        self.step = 0
        self.cut = False
        self.stopped = False
        self.left = False
        self.columns: tuple[str, ...] = ()
        self.history: list[tuple[float, ...]] = []
        self._reporter = reporter
        self._facts = facts
        self._batches = batches
        self._epochs = epochs
        self._diverged = diverged
        self._epoch_began = 0.0
        self._epoch_seconds: float | None = None
        self._heard_first = False
        self._first_step = 0
        self._spent = 0.0

    @property
    def began(self) -> bool:
        """Whether a step has been done and reported."""
        return self._heard_first

    @property
    def history_by_metric(self) -> dict[str, tuple[float, ...]]:
        """The values of each metric by complete epoch, including those before an interruption."""
        return dict(zip(self.columns, zip(*self.history, strict=True), strict=False))

    @property
    def spent(self) -> float:
        """Seconds spent in the current epoch, including those before an interruption."""
        return time.perf_counter() - self._epoch_began

    def go_on(self, checkpoint: Checkpoint) -> None:
        """Continue from a checkpoint; the epochs before it are reported again."""
        self.epochs_done, self.columns = checkpoint.epoch, tuple(checkpoint.columns)
        self.history = [tuple(map(float, row)) for row in checkpoint.history]
        self._first_step, self._spent = checkpoint.step, checkpoint.spent
        for epoch, (*values, seconds) in enumerate(self.history, start=1):
            self._epoch_seconds = seconds
            self._reporter.epoch_ended(epoch, dict(zip(self.columns, values, strict=True)), seconds)

    def is_over_already(self, origin: Checkpoint | None) -> bool:
        """Return whether nothing is left to train after a checkpoint: callbacks ended it, or it is stopped at once."""
        if origin is None:
            return False
        self.stopped = self._reporter.stop_requested() and not origin.complete and origin.epoch < self._epochs
        return self.stopped or origin.complete

    def announce(self) -> None:
        """Report once that training begins."""
        if not self._heard_first:
            self._heard_first = True
            self._reporter.began(self._facts)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Set the order of the epoch's samples; Keras starts iterating after this call."""
        self.step = self._first_step
        self._batches.move(epoch=epoch, first_step=self._first_step)
        self._epoch_began = time.perf_counter() - self._spent

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Report an execution. `batch` is its last step as Keras counts, which may be beyond the epoch's last."""
        self.announce()
        self.step = min(self._first_step + batch + 1, self._facts.steps)
        self._refuse_no_number(logs or {})
        self._reporter.progressed(self._progress(self.step, logs or {}))
        if self._is_over():
            self.cut = self.step < self._facts.steps

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Skip the validation of an incomplete epoch, whose results are not recorded."""
        if self.cut:
            self.model.stop_evaluating = True

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Report every metric of a complete epoch, with the learning rate used in it."""
        seconds = self.spent
        self.epochs_done, self._epoch_seconds = epoch + 1, seconds
        self.step = self._first_step = 0
        self._spent = 0.0
        # This callback comes first, so that ReduceLROnPlateau has not changed the rate yet.
        values = {**scalars(logs or {}), "learning_rate": float(self.model.optimizer.learning_rate)}
        self.columns = tuple(values)
        self.history.append((*values.values(), seconds))
        self._reporter.epoch_ended(epoch + 1, values, seconds)
        self._is_over()

    def _is_over(self) -> bool:
        """End the training if its process was asked to exit, or the run to stop."""
        self.left = self.left or self._reporter.leave_requested()
        # Exiting wins over stopping: a stopped run would be evaluated, one that was left resumes.
        self.stopped = not self.left and (self.stopped or self._reporter.stop_requested())
        if self.left or self.stopped:
            self.model.stop_training = True
        return self.left or self.stopped

    def _refuse_no_number(self, logs: Mapping[str, Any]) -> None:
        loss = float(logs.get("loss", 0.0))
        if self._diverged is not None and not math.isfinite(loss):
            raise TrainingError(self._diverged(loss, self.epochs_done + 1, self.step))

    def _progress(self, step: int, logs: Mapping[str, Any]) -> Progress:
        now, spent = time.time(), self.spent
        # The first epoch has no earlier one to estimate its duration from.
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


class Hooks(Protocol):
    """Called between executions and epochs, after all callbacks."""

    def train_begun(self) -> None:
        """Called when `fit` is about to begin its first epoch."""
        ...

    def epoch_begun(self, epoch: int) -> None:
        """Called when an epoch (0, 1, …) is about to begin."""
        ...

    def execution_ended(self) -> None:
        """Called after an execution."""
        ...

    def epoch_ended(self) -> None:
        """Called after a complete epoch and its validation."""
        ...


class ProgressCallbackList(keras.callbacks.CallbackList):  # type: ignore[misc]
    """The progress callback and the config's own callbacks, which are not called for an incomplete epoch.

    The hooks are called after all of them.
    """

    def __init__(self, watcher: ProgressCallback, callbacks: Sequence[Any], model: Any, hooks: Hooks) -> None:
        super().__init__([watcher, *callbacks], add_history=True, model=model)
        self._watcher = watcher
        self._hooks = hooks

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Call the hooks after the callbacks, which reset themselves here before their state can be restored."""
        super().on_train_begin(logs)
        self._hooks.train_begun()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Call the callbacks, then the hooks; Keras has just reset the metrics."""
        super().on_epoch_begin(epoch, logs)
        self._hooks.epoch_begun(epoch)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Call the hooks once every callback was called."""
        super().on_train_batch_end(batch, logs)
        self._hooks.execution_ended()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Call the callbacks and hooks for complete epochs only."""
        if not self._watcher.cut:
            super().on_epoch_end(epoch, logs)
            self._hooks.epoch_ended()


def scalars(logs: Mapping[str, Any]) -> dict[str, float]:
    """Return the current values as Python floats."""
    return {name: float(value) for name, value in logs.items()}
