"""Trains one config on one dataset, and tells a reporter of it."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from trainer.config import Config
from trainer.config.metrics.names import TEST
from trainer.data import Splits
from trainer.data.source import AnyArray, Arrays
from trainer.engine.backend import keras, tf
from trainer.engine.build import build_callbacks, build_model, labels_for
from trainer.engine.checkpoint import Checkpoint, latest_checkpoint
from trainer.engine.checkpoint_manager import CheckpointManager, CheckpointSettings
from trainer.engine.divergence import divergence
from trainer.engine.early_stopping import ended_by, kept_epoch
from trainer.engine.evaluate import describe_predictions
from trainer.engine.failures import is_nondeterminism, reason, translated
from trainer.engine.pipeline import Position, blocks_in_order, execution, shuffled_blocks, steps_of
from trainer.engine.progress_callback import ProgressCallback, ProgressCallbackList, scalars
from trainer.engine.report import Evaluation, Facts, Outcome, Reporter, Threads
from trainer.engine.resumption import Resumption, quiet_about_cut_epochs
from trainer.engine.setup import allow_nondeterminism, prepare
from trainer.engine.state import weights_sha256
from trainer.engine.steps_per_execution import choose_steps_per_execution
from trainer.errors import PutBackError

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
) -> tuple[Outcome, Any]:
    """Fits, evaluates on the part that `fit` never saw, and returns how it ended with the trained model.

    `threads` and `steps_per_execution` are chosen by network where they are not given. A Stop heard from the
    reporter ends it within one execution, and it is evaluated as it is then. Where `checkpoints` are kept, it goes on
    from the latest one that fits the config, and ends with the same bits as a training that was never interrupted;
    the reporter hears of the epochs before it again.

    Raises:
        PutBackError: the process has to go; its checkpoint has been written.
        TrainingError: Keras or TensorFlow could not go on, or the loss is no number any more.
        ResourceError: memory ran out.
    """
    with translated("training"):
        origin = latest_checkpoint(checkpoints.folder, config) if checkpoints else None
        keeper = CheckpointManager(checkpoints) if checkpoints else None
        if origin is not None:
            threads, steps_per_execution = origin.threads, steps_per_execution or origin.steps_per_execution
        taken = prepare(config, threads, runs_at_once=runs_at_once)

        attempt = partial(
            _Training,
            config,
            splits,
            reporter,
            taken,
            steps_per_execution=steps_per_execution,
            keeper=keeper,
            origin=origin,
        )
        return _deterministic_if_possible(attempt)


def _deterministic_if_possible(attempt: "Callable[..., _Training]") -> tuple[Outcome, Any]:
    """Trains; where an operation turns out to have no deterministic form, once more without that promise."""
    first = attempt()
    try:
        return first.run()
    except tf.errors.UnimplementedError as error:
        if first.watcher.began or not is_nondeterminism(error):
            raise
        note = f"An operation has no deterministic form, so another run may differ in the last bits: {reason(error)}"
    allow_nondeterminism()
    return attempt(notes=(note,)).run()


class _Training:
    """One training in this process: everything that is made before the first step, then `run`."""

    def __init__(
        self,
        config: Config,
        splits: Splits,
        reporter: Reporter,
        threads: Threads,
        *,
        steps_per_execution: int | None,
        keeper: CheckpointManager | None,
        origin: Checkpoint | None,
        notes: tuple[str, ...] = (),
    ) -> None:
        reporter.phase("preparing the network")
        self._began = time.perf_counter()
        self._config, self._splits, self._reporter = config, splits, reporter
        self._callbacks = build_callbacks(config.callbacks)
        self._keeper, self._origin = keeper, origin
        keras.utils.set_random_seed(config.seed)
        self.model = build_model(config, splits.schema)
        steps = steps_of(len(splits.train.y), config.batch_size)
        self._per_execution = steps_per_execution or choose_steps_per_execution(
            self.model, batch_size=config.batch_size, steps=steps, threads=threads.intra
        )
        self._position = Position()
        self._facts = _facts(self.model, splits, threads, steps, self._per_execution, notes)
        self.watcher = ProgressCallback(
            reporter, self._facts, self._position, epochs=config.epochs, diverged=self._words_for_divergence()
        )
        self._compile_executions()

    def run(self) -> tuple[Outcome, Any]:
        """Fits and evaluates."""
        try:
            self._fit()
            self._leave_if_asked()
            evaluation = self._evaluate()
        finally:
            if self._keeper is not None:
                self._keeper.close()
        outcome = Outcome(
            epochs=self.watcher.epochs_done,
            stopped=self.watcher.stopped,
            weights_sha256=weights_sha256(self.model),
            seconds=time.perf_counter() - self._began,
            evaluation=evaluation,
            history=self.watcher.history_by_metric,
            kept_epoch=kept_epoch(self._callbacks),
            ended_by=ended_by(self._callbacks),
        )
        return outcome, self.model

    def _leave_if_asked(self) -> None:
        if self.watcher.left:
            raise PutBackError("The process was asked to go; the run goes on from its checkpoint.")

    def _fit(self) -> None:
        config, origin = self._config, self._origin
        callbacks = self._callbacks
        resumption = Resumption(
            config, self._facts, self.model, self.watcher, callbacks, keeper=self._keeper, origin=origin
        )
        labelled = self._labelled(self._splits.train)
        self._build_all(labelled)
        resumption.restore()
        done = origin.epoch if origin else 0
        is_over = self.watcher.is_over_already(origin)
        with quiet_about_cut_epochs():
            self.model.fit(
                shuffled_blocks(
                    labelled,
                    seed=config.seed,
                    batch_size=config.batch_size,
                    steps_per_execution=self._per_execution,
                    position=self._position,
                    weights=self._splits.weights,
                ),
                validation_data=self._blocks(self._splits.validation),
                initial_epoch=done,
                epochs=done if is_over else config.epochs,
                callbacks=ProgressCallbackList(self.watcher, callbacks, self.model, resumption),
                shuffle=False,
                verbose=0,
            )
        self.watcher.announce()

    def _build_all(self, labelled: Arrays) -> None:
        """Makes the variables of optimizer and metrics before anything is traced, which would else be traced twice.

        ScheduleFreeAdamW copies the weights into its own here; made while Keras traces, its copy would stay at zeros.
        """
        batch = slice(self._config.batch_size)
        parts = (part for part in (*labelled, self._splits.weights) if part is not None)
        self.model.optimizer.build(self.model.trainable_variables)
        self.model._symbolic_build(data_batch=tuple(tf.constant(part[batch]) for part in parts))

    def _words_for_divergence(self) -> Callable[[float, int, int], str] | None:
        """None where the config says itself what is to happen."""
        if any(callback.kind == "TerminateOnNaN" for callback in self._config.callbacks):
            return None
        return lambda value, epoch, step: divergence(self._config, self._splits, value, epoch=epoch, step=step)

    def _compile_executions(self) -> None:
        model, batch_size = self.model, self._config.batch_size
        model.steps_per_execution = self._per_execution
        model.train_function = execution(model.train_step, model.get_metrics_result, batch_size=batch_size)
        model.test_function = execution(model.test_step, model.get_metrics_result, batch_size=batch_size)

    def _evaluate(self) -> Evaluation:
        """On the test part; where a dataset has none, only the pictures, on the validation part."""
        self._reporter.phase("evaluating")
        splits = self._splits
        blocks = self._blocks(splits.test)
        metrics = {} if blocks is None else self.model.evaluate(blocks, return_dict=True, verbose=0)
        part, name = (splits.validation, "validation") if blocks is None else (splits.test, "test")
        outputs = _predict(self.model, part.x, batch_size=self._config.batch_size)
        return Evaluation(
            metrics={TEST + name: value for name, value in scalars(metrics).items()},
            files=_named(describe_predictions(splits, part, outputs, self._config.loss), name),
        )

    def _blocks(self, part: Arrays) -> Any | None:
        if not len(part.y):
            return None
        return blocks_in_order(
            self._labelled(part), batch_size=self._config.batch_size, steps_per_execution=self._per_execution
        )

    def _labelled(self, part: Arrays) -> Arrays:
        return Arrays(part.x, labels_for(self._config.loss, part.y, classes=self._splits.schema.classes))


def _named(files: Mapping[str, Any], part: str) -> dict[str, Any]:
    """The documents, those that can say so with the part that they are about."""
    return {
        name: {"part": part, **document} if isinstance(document, dict) else document for name, document in files.items()
    }


def _predict(model: Any, x: AnyArray, *, batch_size: int) -> AnyArray:
    """The outputs for all of x, (samples, …)."""
    batches = tf.TensorSpec((None, *x.shape[1:]), x.dtype)
    forward = tf.function(lambda batch: model(batch, training=False), input_signature=[batches], autograph=False)
    size = max(batch_size, 256)
    found = [forward(tf.constant(x[begin : begin + size])).numpy() for begin in range(0, len(x), size)]
    return np.concatenate(found) if found else np.empty((0, 0), np.float32)


def _facts(
    model: Any, splits: Splits, threads: Threads, steps: int, steps_per_execution: int, notes: tuple[str, ...]
) -> Facts:
    return Facts(
        parameters=model.count_params(),
        trainable_parameters=sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
        threads=threads,
        steps=steps,
        steps_per_execution=steps_per_execution,
        data_digest=splits.digest,
        samples={
            "train": len(splits.train.y),
            "validation": len(splits.validation.y),
            "test": len(splits.test.y),
        },
        notes=(*splits.notes, *notes),
    )
