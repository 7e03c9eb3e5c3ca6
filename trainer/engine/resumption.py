"""The checkpoints of a training: written while it runs, restored before it continues."""

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from trainer.config import Config
from trainer.engine.checkpoint import Checkpoint, ancestry
from trainer.engine.checkpoint_manager import CheckpointManager
from trainer.engine.progress_callback import ProgressCallback
from trainer.engine.report import Facts
from trainer.engine.state import restore_callbacks, restore_variables, state_of, states_of_callbacks

__all__ = ["Resumption", "quiet_about_cut_epochs"]


class Resumption:
    """The hooks that write the checkpoints of one training and restore the one that it continues from.

    Args:
        config, facts: what is trained, for the headers of the checkpoints.
        model: the compiled model.
        watcher: counts epochs and steps.
        callbacks: the config's own.
        keeper: writes the checkpoints; None if none are wanted.
        origin: the checkpoint to continue from.
        augmentation: the layers that change the training samples; None if there are none.
    """

    def __init__(
        self,
        config: Config,
        facts: Facts,
        model: Any,
        watcher: ProgressCallback,
        callbacks: Sequence[Any],
        *,
        keeper: CheckpointManager | None,
        origin: Checkpoint | None,
        augmentation: Any | None = None,
    ) -> None:
        self._config, self._facts = config, facts
        self._model, self._watcher, self._callbacks = model, watcher, callbacks
        self._keeper, self._origin, self._augmentation = keeper, origin, augmentation

    def restore(self) -> None:
        """Restore the variables, before `fit`; those of optimizer and metrics must have been created."""
        if self._origin is None:
            return
        model = self._model
        restore_variables(
            model, self._origin.arrays, within_epoch=bool(self._origin.step), augmentation=self._augmentation
        )
        self._watcher.go_on(self._origin)
        if self._keeper is not None:
            self._keeper.loaded(self._origin)

    def train_begun(self) -> None:
        """Restore the state of the callbacks, which they have just reset."""
        if self._origin is not None:
            restore_callbacks(self._callbacks, self._origin.callbacks, self._origin.arrays)

    def epoch_begun(self, epoch: int) -> None:
        """Restore the metrics, which `fit` has just reset, if training continues within the epoch."""
        origin = self._origin
        if origin is not None and origin.step and epoch == origin.epoch:
            restore_variables(self._model, origin.arrays, within_epoch=True, group="metrics")

    def execution_ended(self) -> None:
        """Write a checkpoint within an epoch if one is due or the run is stopped here."""
        if 0 < self._watcher.step < self._facts.steps and (self._watcher.cut or self._is_due(within_epoch=True)):
            self._keep()

    def epoch_ended(self) -> None:
        """Write a checkpoint if one is due, and always when training ends."""
        ends = self._model.stop_training or self._watcher.epochs_done >= self._config.epochs
        if ends or self._is_due(within_epoch=False):
            self._keep()

    def _is_due(self, *, within_epoch: bool) -> bool:
        return self._keeper is not None and self._keeper.is_due(within_epoch=within_epoch)

    def _keep(self) -> None:
        if self._keeper is None:
            return
        watcher, began = self._watcher, time.perf_counter()
        checkpoint = Checkpoint(
            config=self._config.digest,
            ancestry=ancestry(self._config),
            epoch=watcher.epochs_done,
            step=watcher.step,
            steps_per_execution=self._facts.steps_per_execution,
            threads=self._facts.threads,
            # A person's stop sets `stop_training` too, but leaves epochs to resume.
            complete=bool(self._model.stop_training) and not (watcher.stopped or watcher.left),
            spent=watcher.spent if watcher.step else 0.0,
            columns=watcher.columns,
            callbacks=states_of_callbacks(self._callbacks),
            history=np.array(watcher.history, np.float64),
            arrays=state_of(
                self._model, self._callbacks, within_epoch=bool(watcher.step), augmentation=self._augmentation
            ),
        )
        # Only copying delays the training; the file is written in parallel.
        self._keeper.keep(checkpoint, cost=time.perf_counter() - began)


@contextmanager
def quiet_about_cut_epochs() -> Iterator[None]:
    """Suppress Keras's warning that an epoch which resumes in its middle has fewer batches than the others."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*ran out of data", category=UserWarning)
        yield
