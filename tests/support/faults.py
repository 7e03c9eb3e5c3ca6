"""Harm done to a running system at random moments, and whether a run came through it unchanged."""

import contextlib
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psutil

from tests.support.worker import running_worker, wait_for
from trainer.config import Config, load_config
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.execution.identity import is_alive
from trainer.home import Home
from trainer.tracking import Run, Status, Store, Tag

__all__ = ["FAULTS", "Reference", "Row", "Scene", "Trial", "fault_config"]

_STUCK_SECONDS = 10
_END_SECONDS = 180
_SHARE_WHILE_TRAINING = 0.8


def fault_config(epochs: int = 120) -> Config:
    """Some seconds of training in which everything that has a state takes part."""
    return load_config(
        f"""
name: fault
dataset: digits
layers:
  - Flatten
  - {{layer: Dense, units: 24, activation: relu}}
  - BatchNormalization
  - {{layer: Dropout, rate: 0.3}}
  - {{layer: Dense, units: 10}}
loss: {{name: SparseCategoricalCrossentropy, from_logits: true}}
optimizer: Nadam
metrics: [accuracy]
epochs: {epochs}
callbacks:
  - {{callback: ReduceLROnPlateau, monitor: loss, patience: 2, factor: 0.9}}
  - {{callback: EarlyStopping, monitor: val_loss, patience: 100000, restore_best_weights: true}}
"""
    )


@dataclass(frozen=True)
class Reference:
    """What every run of the config has to come out as."""

    weights: str
    values: dict[str, dict[int, float]]

    @property
    def points(self) -> int:
        """How many there are, times among them."""
        return sum(map(len, self.values.values()))

    @classmethod
    def of(cls, store: Store, run: Run) -> "Reference":
        """An undisturbed run's; how long an epoch took counts as there, not as a value."""
        histories = store.reader.histories([run.run_id])[run.run_id]
        values = {
            key: {step: 0.0 if key == "epoch_seconds" else value for step, value in zip(*pair, strict=True)}
            for key, pair in ((key, (series.steps, series.values)) for key, series in histories.items())
        }
        return cls(run.tags.get(Tag.WEIGHTS, ""), values)


@dataclass
class Row:
    """A line of the table."""

    fault: str
    tried: int = 0
    survived: int = 0
    expected: int = 0
    found: int = 0

    def __str__(self) -> str:
        return f"{self.fault:<32}{self.tried:>6}{self.survived:>10}{self.expected:>10}{self.found:>8}"


@dataclass
class Scene:
    """A home with its store and, most of the time, a worker."""

    home: Home
    store: Store
    random: random.Random
    worker: "contextlib.AbstractContextManager[subprocess.Popen[bytes]] | None" = None
    process: "subprocess.Popen[bytes] | None" = None
    log: list[str] = field(default_factory=list)

    def start_worker(self) -> None:
        """Starts one and waits until it is ready."""
        self.worker = running_worker(self.home, self.store.tracking_uri)
        self.process = self.worker.__enter__()

    def stop_worker(self) -> None:
        """Ends it as a person would."""
        if self.worker is not None:
            self.worker.__exit__(None, None, None)
        self.worker = self.process = None

    def kill_worker(self, *, everything: bool) -> None:
        """Kill -9: the worker alone, or its whole group with the training process."""
        assert self.process is not None
        (os.killpg if everything else os.kill)(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.worker = self.process = None

    def training(self, run_id: str) -> psutil.Process | None:
        """The run's training process, where there is one now."""
        run = self.store.get(run_id)
        own = run.owner is not None and run.status is Status.RUNNING and is_alive(run.owner)
        if run.owner is None or not own or (self.process is not None and run.owner.pid == self.process.pid):
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(run.owner.pid)
        return None

    def wait_for_training(self, run_id: str) -> psutil.Process:
        """The training process, as soon as there is one."""
        found: list[psutil.Process] = []

        def look() -> bool:
            process = self.training(run_id)
            found.extend([process] if process else [])
            return bool(found)

        wait_for(look, "a training process", 60)
        return found[0]

    def pause(self, longest: float, run_id: str = "") -> None:
        """Waits for a random time, so that the fault meets any moment of a run; mostly one in which it trains."""
        if run_id and self.random.random() < _SHARE_WHILE_TRAINING:
            wait_for(lambda: "loss" in self.store.get(run_id).metrics, "the first epoch", 60)
        time.sleep(self.random.uniform(0.0, longest))


def _kill_training(scene: Scene, run_id: str) -> None:
    process = scene.wait_for_training(run_id)
    scene.pause(4.0, run_id)
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def _kill_worker(scene: Scene, run_id: str) -> None:
    scene.wait_for_training(run_id)
    scene.pause(4.0, run_id)
    scene.kill_worker(everything=False)
    scene.start_worker()


def _kill_both(scene: Scene, run_id: str) -> None:
    scene.pause(4.0, run_id)
    scene.kill_worker(everything=True)
    scene.start_worker()


def _stop_and_continue(scene: Scene, run_id: str) -> None:
    process = scene.wait_for_training(run_id)
    scene.pause(2.0, run_id)
    with contextlib.suppress(psutil.NoSuchProcess):
        process.suspend()
        time.sleep(5.0)
        process.resume()


def _fill_disk(scene: Scene, run_id: str) -> None:
    """For the training process no file may grow beyond 4 kB for some seconds, its log, journal and store included."""
    process = scene.wait_for_training(run_id)
    scene.pause(2.0, run_id)
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
        time.sleep(scene.random.uniform(0.5, 4.0))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))


def _put_back(scene: Scene, run_id: str) -> None:
    scene.wait_for_training(run_id)
    scene.pause(4.0, run_id)
    scene.stop_worker()
    scene.start_worker()


FAULTS: dict[str, Callable[[Scene, str], None]] = {
    "kill -9 of the training": _kill_training,
    "kill -9 of the worker": _kill_worker,
    "kill -9 of both": _kill_both,
    "SIGSTOP and SIGCONT": _stop_and_continue,
    "disk full for the training": _fill_disk,
    "Ctrl-C of the worker, next worker": _put_back,
}
"""Each harms the scene while a run trains, and leaves it with a worker that is ready."""


@dataclass(frozen=True)
class Trial:
    """One fault, once."""

    scene: Scene
    config: Config

    def run(self, fault: Callable[[Scene, str], None]) -> Run:
        """Queues a run, harms the scene, and waits for the run's end."""
        scene = self.scene
        run_id = enqueue(scene.store, self.config, queue=queue_name(scene.home))
        wake_worker(scene.home)
        fault(scene, run_id)
        wait_for(lambda: not self._is_stuck(run_id), "the run not to be stuck in RUNNING", _STUCK_SECONDS)
        wait_for(lambda: scene.store.get(run_id).status.ended, f"the end of run {run_id}", _END_SECONDS)
        return scene.store.get(run_id)

    def _is_stuck(self, run_id: str) -> bool:
        run = self.scene.store.get(run_id)
        return run.status is Status.RUNNING and not (run.owner is not None and is_alive(run.owner))

    def problems(self, run: Run, reference: Reference) -> Iterator[str]:
        """What is wrong with a run that went through a fault; nothing where it is as if there had been none."""
        if run.status is not Status.FINISHED:
            yield f"it is {run.status}: {run.tags.get(Tag.FAILURE, '')}"
        if run.tags.get(Tag.WEIGHTS) != reference.weights:
            yield "other weights"
        histories = self.scene.store.reader.histories([run.run_id])[run.run_id]
        doubled = [key for key, series in histories.items() if len(set(series.steps)) != len(series.steps)]
        if doubled:
            yield f"points twice in {', '.join(doubled)}"
        found = Reference.of(self.scene.store, run).values
        for key in sorted({*found, *reference.values}):
            if found.get(key) != reference.values.get(key):
                yield f"{key} differs, or is not whole"
