"""A network that is built and traced in this process, and trains one config after another of the same signature."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from trainer.config import Config, MeasuredPart
from trainer.config.metrics.names import TEST
from trainer.data import Splits
from trainer.data.class_weights import weights_of_samples
from trainer.data.preparation import state_digest
from trainer.data.prepared import AnySamples, Stream
from trainer.data.source import AnyArray, Part
from trainer.engine.applications import load_applications
from trainer.engine.augment import augmented, build_augmentation
from trainer.engine.backend import keras, tf
from trainer.engine.build import Names, build_callbacks, build_model, labels_for
from trainer.engine.checkpoint import Checkpoint, ancestry
from trainer.engine.checkpoint_manager import CheckpointManager
from trainer.engine.divergence import divergence
from trainer.engine.early_stopping import ended_by, kept_epoch
from trainer.engine.evaluate import describe_predictions
from trainer.engine.pipeline import (
    PREDICTED_AT_ONCE,
    Batches,
    ShuffledBatches,
    data_device,
    execution,
    steps_of,
    tensors_of,
)
from trainer.engine.progress_callback import ProgressCallback, ProgressCallbackList, scalars
from trainer.engine.report import Evaluation, Facts, Outcome, Reporter, Threads
from trainer.engine.resumption import Resumption, quiet_about_cut_epochs
from trainer.engine.signature import signature
from trainer.engine.start_weights import load_start_weights
from trainer.engine.state import restore_variables, state_of, weights_sha256
from trainer.engine.steps_per_execution import choose_steps_per_execution
from trainer.engine.streamed import StreamedParts, most_streamed_steps
from trainer.errors import PutBackError

__all__ = ["Training"]


class Training:
    """Everything that exists before the first step: `take` binds it to a run, `run` trains.

    Call `warm_up` before them so that `run` has nothing left to trace. After a run that ended, by itself or because it
    was stopped, `is_reusable` is True, and another config may be taken.

    A config can be taken if these are equal to the training's own, and then its results have the same bits as those
    of a new process: `signature`, `data_digest`, `threads`, and the process's determinism and setting of grappler.
    `steps_per_execution` changes no bit, but belongs to the record.

    Args:
        config: the config to build and trace.
        splits: its data.
        threads: the threads in effect, as returned by `prepare`, which must be called before.
        steps_per_execution: the number of steps per execution; by default chosen for the network.
        notes: sentences for the record.
        start: the file of the weights to start from, required if the config names any.
    """

    def __init__(
        self,
        config: Config,
        splits: Splits,
        threads: Threads,
        *,
        steps_per_execution: int | None = None,
        notes: tuple[str, ...] = (),
        start: Path | None = None,
    ) -> None:
        self.signature, self.data_digest, self.threads = signature(config), splits.digest, threads
        self.is_reusable = True
        self._config, self._splits, self._start = config, splits, start
        self._start_digest: str | None = None
        self.model, self._augmentation = self._built(config)
        self._fresh_for: str | None = ancestry(config)
        steps = steps_of(len(splits.train.y), config.batch_size)
        self.steps_per_execution = steps_per_execution or choose_steps_per_execution(
            self.model,
            batch_size=config.batch_size,
            steps=min(steps, most_streamed_steps(splits.train.x, config.batch_size)),
            threads=threads.intra,
        )
        facts = _facts(self.model, splits, threads, steps, self.steps_per_execution, notes)
        self._facts = replace(facts, start_weights=self._start_digest)
        self._make_batches()
        self._make_functions()

    @property
    def began(self) -> bool:
        """Whether the run that was taken last has done a step."""
        return self._watcher.began

    def fits(self, config: Config, data_digest: str, threads: Threads | None = None) -> bool:
        """Return whether a run of a config on these data can use this training; threads of None match any."""
        is_same = (signature(config), data_digest) == (self.signature, self.data_digest)
        return is_same and threads in {None, self.threads}

    def warm_up(self) -> None:
        """Trace every function and prepare its kernels, without using a sample; this changes no bit of any run."""
        self.model.train_function(self._train_batches.nothing())
        evaluated = next((batches for batches in (self._validation_batches, self._test_batches) if batches), None)
        if evaluated is not None:
            self.model.test_function(evaluated.nothing())
        self._forward.get_concrete_function()

    def take(
        self,
        config: Config,
        reporter: Reporter,
        *,
        keeper: CheckpointManager | None = None,
        origin: Checkpoint | None = None,
        began: float | None = None,
    ) -> None:
        """Bind this training to a run, as if it had been built for its config in a new process.

        Args:
            config: a config with the same signature.
            reporter: receives the events of the run.
            keeper: writes the run's checkpoints; None for no checkpoints.
            origin: the checkpoint to resume from, written with the same threads.
            began: the `time.perf_counter()` from which the run's seconds count; by default now.

        Raises:
            ValueError: `fits` returns False, or the last run failed or was left.
        """
        if not self.fits(config, self.data_digest, None if origin is None else origin.threads):
            raise ValueError("A prepared training requires a config with the same signature, and the same threads.")
        if not self.is_reusable:
            raise ValueError("A training whose last run did not end cannot be reused.")
        self.is_reusable = False
        self._began = time.perf_counter() if began is None else began
        self._config, self._reporter, self._keeper, self._origin = config, reporter, keeper, origin
        self._callbacks = build_callbacks(config.callbacks)
        self._watcher = ProgressCallback(
            reporter, self._facts, self._train_batches, epochs=config.epochs, diverged=self._words_for_divergence()
        )
        self._renew(config)
        self._fresh_for = None

    def freshen(self) -> None:
        """Prepare for another run of the config that was taken last, which then starts sooner; changes no bit."""
        if self.is_reusable:
            self._renew(self._config)

    def run(self) -> tuple[Outcome, Any]:
        """Fit and evaluate the config that was taken; return how it ended, with the trained model.

        Raises:
            PutBackError: the process was asked to exit; its checkpoint has been written.
        """
        try:
            self._fit()
            self._leave_if_asked()
            evaluation = self._evaluate()
        finally:
            if self._keeper is not None:
                self._keeper.close()
        # What a stop in mid-epoch leaves behind is reset by the next run: variables when it is taken, metrics by Keras.
        self.is_reusable = True
        outcome = Outcome(
            epochs=self._watcher.epochs_done,
            stopped=self._watcher.stopped,
            weights_sha256=weights_sha256(self.model),
            seconds=time.perf_counter() - self._began,
            evaluation=evaluation,
            history=self._watcher.history_by_metric,
            kept_epoch=kept_epoch(self._callbacks),
            ended_by=ended_by(self._callbacks),
        )
        return outcome, self.model

    def _renew(self, config: Config) -> None:
        """Set every variable to the value that it would have in a new process, unless all have it already."""
        if self._fresh_for == ancestry(config):
            return
        fresh, augmentation = self._built(config)
        state = state_of(fresh, (), within_epoch=False, augmentation=augmentation)
        restore_variables(self.model, state, within_epoch=False, augmentation=self._augmentation)
        self._train_batches.seed = config.seed
        self._fresh_for = ancestry(config)

    def _built(self, config: Config) -> tuple[Any, Any | None]:
        """Return the compiled model with its optimizer's variables, and the augmentation.

        All of their variables follow from the config and its start.
        """
        keras.utils.set_random_seed(config.seed)
        # Before the model is compiled, since some optimizers copy the weights when they are built.
        model = build_model(config, self._splits.schema, prepare=partial(self._load_start, config))
        model.optimizer.build(model.trainable_variables)
        # After the model, whose seeds must not depend on the augmentation.
        return model, build_augmentation(config, self._splits.schema)

    def _load_start(self, config: Config, model: Any) -> None:
        load_applications(model, config, Names().of)
        if config.weights is None:
            return
        if self._start is None:
            raise ValueError("A config with weights to start from requires their file.")
        self._start_digest = load_start_weights(model, self._start, skip_mismatch=config.weights.skip_mismatch)

    def _make_batches(self) -> None:
        splits, sizes = self._splits, self._sizes()
        weights = weights_of_samples(self._config.class_weight, splits)
        arrays = [part for part in (splits.train.x, splits.train.y, weights) if part is not None]
        self._device = data_device(sum(part.nbytes for part in arrays))
        self._train_batches = ShuffledBatches(self._parts(splits.train, weights), seed=self._config.seed, **sizes)
        self._validation_batches, self._test_batches = (
            Batches(self._parts(part), **sizes) if len(part.y) else None for part in (splits.validation, splits.test)
        )

    def _parts(self, part: Part, weights: AnyArray | None = None) -> Any:
        """Return a part as `Batches` takes it: tensors, or streamed."""
        x, y = part.x, part.y
        if not isinstance(x, Stream):
            return tensors_of(x, self._labels(y), weights, device=self._device)
        # What grappler rewrites depends on the whole graph, which is that of samples in memory without a division.
        divisor = None if self.threads.grappler else x.divisor
        taken = x if divisor is None else x.undivided

        def take(rows: AnyArray) -> tuple[AnyArray | None, ...]:
            return taken[rows], self._labels(y[rows]), None if weights is None else weights[rows]

        return StreamedParts(len(y), take, divisor=divisor)

    def _sizes(self) -> dict[str, int]:
        return {"batch_size": self._config.batch_size, "steps_per_execution": self.steps_per_execution}

    def _make_functions(self) -> None:
        model, batches, batch_size = self.model, self._train_batches, self._config.batch_size
        how: dict[str, Any] = {"batch_size": batch_size, "device": self._device}
        train, test = (self._compiled(step) for step in (model.train_step, model.test_step))
        # Variables that are created while a function is traced make TensorFlow trace it twice. ScheduleFreeAdamW copies
        # the weights into its own when it is built, and a copy made in a trace would stay at zeros.
        model._symbolic_build(data_batch=tuple(part[:batch_size] for part in batches.parts))
        model.steps_per_execution = self.steps_per_execution
        model.train_function = execution(augmented(train, self._augmentation), model.get_metrics_result, batches, **how)
        model.test_function = execution(test, model.get_metrics_result, batches, evaluates=True, **how)
        samples = tf.TensorSpec((None, *batches.parts[0].shape[1:]), batches.parts[0].dtype)
        self._forward = tf.function(lambda x: model(x, training=False), input_signature=[samples], autograph=False)

    def _compiled(self, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return the step compiled with XLA if the config says so.

        Keras 3.15 ignores `compile(jit_compile=True)` where operations are deterministic.
        """
        return tf.function(step, jit_compile=True, reduce_retracing=True) if self._config.jit_compile else step

    def _leave_if_asked(self) -> None:
        if self._watcher.left:
            raise PutBackError("The process was asked to exit; the run resumes from its checkpoint.")

    def _fit(self) -> None:
        config, origin = self._config, self._origin
        callbacks = self._callbacks
        resumption = Resumption(
            config,
            self._facts,
            self.model,
            self._watcher,
            callbacks,
            keeper=self._keeper,
            origin=origin,
            augmentation=self._augmentation,
        )
        resumption.restore()
        done = origin.epoch if origin else 0
        is_over = self._watcher.is_over_already(origin)
        with quiet_about_cut_epochs():
            self.model.fit(
                self._train_batches,
                validation_data=self._validation_batches,
                initial_epoch=done,
                epochs=done if is_over else config.epochs,
                callbacks=ProgressCallbackList(self._watcher, callbacks, self.model, resumption),
                shuffle=False,
                verbose=0,
            )
        self._watcher.announce()

    def _words_for_divergence(self) -> Callable[[float, int, int], str] | None:
        """Return the function that explains a loss of NaN or infinity; None if the config has TerminateOnNaN."""
        config, splits = self._config, self._splits
        if any(callback.kind == "TerminateOnNaN" for callback in config.callbacks):
            return None
        return lambda value, epoch, step: divergence(config, splits, value, epoch=epoch, step=step)

    def _evaluate(self) -> Evaluation:
        """Evaluate on the test part; a dataset without one gets only the files, for its validation part."""
        self._reporter.phase("evaluating")
        batches = self._test_batches
        metrics = {} if batches is None else self.model.evaluate(batches, return_dict=True, verbose=0)
        name = MeasuredPart.VALIDATION if batches is None else MeasuredPart.TEST
        part = self._splits.validation if batches is None else self._splits.test
        outputs = self._predict(part.x)
        files, predictions = describe_predictions(self._splits, name, outputs, self._config.loss)
        return Evaluation(
            metrics={TEST + name: value for name, value in scalars(metrics).items()},
            files=_named(files, name),
            predictions=None if predictions is None else predictions.within(),
        )

    def _predict(self, x: AnySamples) -> AnyArray:
        """Return the outputs for all of x, (samples, …)."""
        size = max(self._config.batch_size, PREDICTED_AT_ONCE)
        found = [
            self._forward(tf.convert_to_tensor(x[begin : begin + size])).numpy() for begin in range(0, len(x), size)
        ]
        return np.concatenate(found) if found else np.empty((0, 0), np.float32)

    def _labels(self, y: AnyArray) -> AnyArray:
        return labels_for(self._config.loss, y, classes=self._splits.schema.classes)


def _named(files: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Return the documents, with the name of the evaluated part in those that are JSON objects."""
    return {
        name: {"part": part, **document} if isinstance(document, dict) else document for name, document in files.items()
    }


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
        preparation_digest=None if splits.fitted is None else state_digest(splits.fitted.state()),
        samples={
            "train": len(splits.train.y),
            "validation": len(splits.validation.y),
            "test": len(splits.test.y),
        },
        notes=(*splits.notes, *notes),
    )
