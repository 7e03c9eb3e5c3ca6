"""Trains one config on one dataset and reports to a reporter."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from trainer.config import Config
from trainer.data import Splits
from trainer.engine.backend import tf
from trainer.engine.checkpoint import latest_checkpoint
from trainer.engine.checkpoint_manager import CheckpointManager, CheckpointSettings
from trainer.engine.failures import is_nondeterminism, reason, translated
from trainer.engine.report import Outcome, Reporter, Threads
from trainer.engine.setup import allow_nondeterminism, prepare
from trainer.engine.training import Training

__all__ = ["train"]


def train(
    config: Config,
    splits: Splits,
    reporter: Reporter,
    *,
    threads: Threads | None = None,
    runs_at_once: int = 1,
    steps_per_execution: int | None = None,
    checkpoints: CheckpointSettings | None = None,
    prepared: Training | None = None,
) -> tuple[Outcome, Any]:
    """Fits, evaluates on the part that `fit` never saw, and returns how it ended with the trained model.

    `threads` and `steps_per_execution` are chosen by network where they are not given. A stop request ends the
    training within one execution, and the network is evaluated as it is then. With `checkpoints`, training goes on
    from the latest one that fits the config, and ends with the same bits as a training that was never interrupted;
    the reporter hears of the epochs before it again.

    Args:
        prepared: a training of the same signature, data and threads that is taken instead of building another one.
            Afterwards its `is_reusable` says whether the next run may take it too.

    Raises:
        PutBackError: the process was asked to exit; its checkpoint has been written.
        TrainingError: Keras or TensorFlow failed, or the loss is not finite.
        ResourceError: memory ran out.
        ValueError: `prepared` is of another signature, other data or other threads.
    """
    began = time.perf_counter()
    origin = latest_checkpoint(checkpoints.folder, config) if checkpoints else None
    keeper = CheckpointManager(checkpoints) if checkpoints else None
    if origin is not None:
        threads, steps_per_execution = origin.threads, steps_per_execution or origin.steps_per_execution
    if prepared is not None and not prepared.fits(config, splits.digest, threads):
        raise ValueError("`prepared` was built for another signature, other data or other threads.")

    with translated("training"):
        taken = prepare(config, threads, runs_at_once=runs_at_once)
        reporter.phase("preparing the network")
        build = partial(Training, config, splits, taken, steps_per_execution=steps_per_execution)
        take = partial(Training.take, config=config, reporter=reporter, keeper=keeper, origin=origin, began=began)
        return _deterministic_if_possible(prepared or build(), build, take)


def _deterministic_if_possible(
    first: Training, build: Callable[..., Training], take: Callable[[Training], None]
) -> tuple[Outcome, Any]:
    """Trains; where an operation turns out to have no deterministic form, once more without that promise."""
    take(first)
    try:
        return first.run()
    except tf.errors.UnimplementedError as error:
        if first.began or not is_nondeterminism(error):
            raise
        note = f"An operation has no deterministic form, so another run may differ in the last bits: {reason(error)}"
    allow_nondeterminism()
    second = build(notes=(note,))
    take(second)
    return second.run()
