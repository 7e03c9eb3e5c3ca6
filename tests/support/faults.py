"""A running system that is damaged on purpose, and the check whether a run came through unchanged."""

import contextlib
import os
import random
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.worker import running_worker, wait_for
from trainer.config import Config, load_config
from trainer.errors import StoreUnreachableError
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.execution.process.identity import is_alive
from trainer.home import Home
from trainer.tracking import Run, Status, Store, Tag

__all__ = ["Fault", "Reference", "Row", "Scene", "Trial", "fault_config"]

Fault = Callable[["Scene", str], bool]
"""Damages the scene while a run trains, leaves it with a ready worker, and returns whether it had an effect."""

_STUCK_SECONDS = 10
_END_SECONDS = 180
_LONGEST_RUN = 300
_LOOK_SECONDS = 0.05
_CLOCK = Path(__file__).with_name("clock")


def fault_config(epochs: int = 60) -> Config:
    """Return the config of some seconds of training, with every part that has state."""
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
    """The result that every run of the config must have."""

    weights: str
    values: dict[str, dict[int, float]]

    @property
    def points(self) -> int:
        """The number of logged points, epoch times included."""
        return sum(map(len, self.values.values()))

    @classmethod
    def of(cls, store: Store, run: Run) -> "Reference":
        """Return the result of an undisturbed run; epoch times only have to be there, whatever their value."""
        histories = store.reader.histories([run.run_id])[run.run_id]
        values = {
            key: {step: 0.0 if key == "epoch_seconds" else value for step, value in zip(*pair, strict=True)}
            for key, pair in ((key, (series.steps, series.values)) for key, series in histories.items())
        }
        return cls(run.tags.get(Tag.WEIGHTS, ""), values)


@dataclass
class Row:
    """A row of the table."""

    fault: str
    tried: int = 0
    survived: int = 0
    expected: int = 0
    found: int = 0

    def __str__(self) -> str:
        return f"{self.fault:<36}{self.tried:>6}{self.survived:>10}{self.expected:>10}{self.found:>8}"


@dataclass
class Scene:
    """A home with its store and, most of the time, a worker with a movable clock."""

    home: Home
    store: Store
    random: random.Random
    seconds: float = 4.0
    """The duration of the undisturbed run."""
    worker: "contextlib.AbstractContextManager[subprocess.Popen[bytes]] | None" = None
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def clock(self) -> Path:
        """The file with the seconds by which the clock of the worker and its children is ahead."""
        return self.home.path / "clock"

    def start_worker(self) -> None:
        """Start a worker and wait until it is ready."""
        paths = [str(_CLOCK), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"FITBOARD_TEST_CLOCK": str(self.clock), "PYTHONPATH": os.pathsep.join(paths)}
        self.worker = running_worker(self.home, self.store.tracking_uri, environment=environment)
        self.process = self.worker.__enter__()

    def stop_worker(self) -> None:
        """End the worker with SIGTERM."""
        if self.worker is not None:
            self.worker.__exit__(None, None, None)
        self.worker = self.process = None

    def kill_worker(self, *, everything: bool) -> None:
        """Kill the worker with SIGKILL, alone or with all its children, including those of the forkserver."""
        assert self.process is not None
        # The children are listed first: those of a dead process can no longer be found.
        doomed = [psutil.Process(self.process.pid)]
        if everything:
            doomed += doomed[0].children(recursive=True)
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        self.worker = self.process = None

    def run_of(self, run_id: str) -> Run | None:
        """Return the run as the store has it; None while the store does not respond."""
        with contextlib.suppress(StoreUnreachableError):
            return self.store.get(run_id)
        return None

    def is_at_work(self, run_id: str) -> bool:
        """Return whether the run has started and not ended."""
        run = self.run_of(run_id)
        return run is not None and run.status is Status.RUNNING and run.owner is not None

    def training(self, run_id: str) -> psutil.Process | None:
        """Return the run's training process, or None if there is none now."""
        run = self.run_of(run_id)
        # Until the training process starts, the worker itself owns the run.
        own = run is not None and run.owner is not None and run.status is Status.RUNNING and is_alive(run.owner)
        if run is None or run.owner is None or not own or (self.process and run.owner.pid == self.process.pid):
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(run.owner.pid)
        return None

    def wait_for_training(self, run_id: str) -> psutil.Process:
        """Wait for the run's training process and return it."""
        found: list[psutil.Process] = []

        def look() -> bool:
            process = self.training(run_id)
            found.extend([process] if process else [])
            return bool(found)

        wait_for(look, "a training process", 60, every=_LOOK_SECONDS)
        return found[0]

    def pause(self, share: float = 1.0) -> None:
        """Wait for a random part of a run's duration, so that the fault can hit any moment of it."""
        time.sleep(self.random.uniform(0.0, share * self.seconds))


@dataclass(frozen=True)
class Trial:
    """One trial of a fault."""

    scene: Scene
    config: Config

    def run(self, fault: Fault) -> tuple[Run, bool]:
        """Queue a run, damage the scene, and wait for the run's end; return also whether the fault had an effect."""
        scene = self.scene
        run_id = enqueue(scene.store, self.config, queue=queue_name(scene.home))
        wake_worker(scene.home)
        bit = fault(scene, run_id)
        wait_for(
            lambda: not self._is_stuck(run_id),
            "the run not to be stuck in RUNNING",
            _STUCK_SECONDS,
            every=_LOOK_SECONDS,
        )
        wait_for(lambda: self._has_ended(run_id), f"the end of run {run_id}", _END_SECONDS, every=_LOOK_SECONDS)
        return scene.store.get(run_id), bit

    def _is_stuck(self, run_id: str) -> bool:
        run = self.scene.run_of(run_id)
        return run is None or (run.status is Status.RUNNING and not (run.owner is not None and is_alive(run.owner)))

    def _has_ended(self, run_id: str) -> bool:
        run = self.scene.run_of(run_id)
        return run is not None and run.status.ended

    def problems(self, run: Run, reference: Reference) -> Iterator[str]:
        """Yield what is wrong with a run that went through a fault; nothing if it is as if there had been none."""
        if run.status is not Status.FINISHED:
            yield f"it is {run.status}: {run.tags.get(Tag.FAILURE, '')}"
        if run.tags.get(Tag.WEIGHTS) != reference.weights:
            yield "other weights"
        found = Reference.of(self.scene.store, run).values
        for key in sorted({*found, *reference.values}):
            if found.get(key) != reference.values.get(key):
                yield f"{key} differs, or is not whole"
        yield from self._in_the_database(run)
        if run.seconds is None or not 0 < run.seconds < _LONGEST_RUN:
            yield f"it says that it took {run.seconds} s"
        leftovers = [file.name for file in self.scene.home.run(run.run_id).glob("*.tmp")]
        if leftovers:
            yield f"left behind: {', '.join(leftovers)}"

    def _in_the_database(self, run: Run) -> Iterator[str]:
        """Yield problems that the reader would hide, since it shows one point per step."""
        with contextlib.closing(sqlite3.connect(self.scene.home.database)) as database:
            points = "FROM metrics WHERE run_uuid = ? AND key NOT LIKE 'system/%'"
            doubled = f"SELECT DISTINCT key {points} GROUP BY key, step HAVING count(*) > 1"
            for (key,) in database.execute(doubled, [run.run_id]):
                yield f"points twice in {key}"
            first, last = database.execute(f"SELECT min(timestamp), max(timestamp) {points}", [run.run_id]).fetchone()
            times = database.execute(
                f"SELECT timestamp {points} AND key = 'loss' ORDER BY step", [run.run_id]
            ).fetchall()
        if (last - first) / 1000 > _LONGEST_RUN or times != sorted(times):
            yield f"the times of its points span {(last - first) / 1000:.0f} s, or go backwards"
