"""Train one config on one dataset, and report to a reporter."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
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
    start: Path | None = None,
) -> tuple[Outcome, Any]:
    """Fit the model, evaluate it on the test data, and return the outcome and the trained model.

    `threads` and `steps_per_execution` are chosen for the network by default. A stop request ends the training within
    one execution, and the network is evaluated as it is then. With `checkpoints`, training resumes from the latest one
    that fits the config, and ends with the same bits as an uninterrupted training; the epochs before the checkpoint
    are reported again.

    Args:
        prepared: a training with the same signature, data and threads, to use instead of building a new one.
            Afterwards its `is_reusable` tells whether the next run may use it too.
        start: the file of the weights that the config starts from, if it names any.

    Raises:
        PutBackError: the process was asked to exit; its checkpoint has been written.
        TrainingError: Keras or TensorFlow failed, or the loss is not finite.
        ResourceError: memory ran out.
        ValueError: `prepared` has another signature, other data or other threads.
    """
    began = time.perf_counter()
    origin = latest_checkpoint(checkpoints.folder, config) if checkpoints else None
    keeper = CheckpointManager(checkpoints) if checkpoints else None
    if origin is not None:
        # The last bits depend on the threads, so training resumes with those of the checkpoint.
        threads, steps_per_execution = origin.threads, steps_per_execution or origin.steps_per_execution
    if prepared is not None and not prepared.fits(config, splits.digest, threads):
        raise ValueError("`prepared` was built for another signature, other data or other threads.")

    with translated("training"):
        taken = prepare(config, threads, runs_at_once=runs_at_once)
        reporter.phase("preparing the network")
        build = partial(Training, config, splits, taken, steps_per_execution=steps_per_execution, start=start)
        take = partial(Training.take, config=config, reporter=reporter, keeper=keeper, origin=origin, began=began)
        return _deterministic_if_possible(prepared or build(), build, take)


def _deterministic_if_possible(
    first: Training, build: Callable[..., Training], take: Callable[[Training], None]
) -> tuple[Outcome, Any]:
    """Train; if an operation turns out to have no deterministic form, train again without determinism."""
    take(first)
    try:
        return first.run()
    except tf.errors.UnimplementedError as error:
        if first.began or not is_nondeterminism(error):
            raise
        what = "An operation has no deterministic implementation"
        note = f"{what}, so another run may differ in the last bits: {reason(error)}"
    allow_nondeterminism()
    second = build(notes=(note,))
    take(second)
    return second.run()
