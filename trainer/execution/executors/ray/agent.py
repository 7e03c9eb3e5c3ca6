"""What runs on each node of a Ray cluster: an agent that starts the training processes, and the slots of runs.

The agent uses no CPU of Ray's. A slot trains nothing; it holds what a run takes of its node. An agent that dies takes
its forkserver and its training processes along, so that none is left where nobody looks after it; Ray then starts it
again.
"""

import contextlib
import os
import platform
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Protocol

import ray

from trainer.config import FileDataset, FileWeights
from trainer.data.sources.file import find_file
from trainer.errors import ConfigError, ResourceError
from trainer.execution.executors.base import Ended
from trainer.execution.executors.companions import Companions
from trainer.execution.executors.local import LocalExecutor, Process, context
from trainer.execution.process.job import Job
from trainer.execution.worker.standby import IDLE_SECONDS
from trainer.home import Home
from trainer.tracking.read.config import parse_recorded
from trainer.tracking.tags import Owner

__all__ = ["Agent", "Launch", "Slot", "Training", "View", "versions"]

_MEASURE_SECONDS = 2.0
# After this long without a word of the worker, its slots are freed by the agent.
_ABANDONED_SECONDS = 30.0
# And after this long without a run too, the agent itself goes; its forkserver uses 770 MB.
_LONELY_SECONDS = 900.0
_WATCH_SECONDS = 5.0
_SAME = ("tensorflow", "keras", "numpy", "mlflow")


@dataclass(frozen=True, kw_only=True)
class Training:
    """A living training process: its handle, the name of its slot, and its memory in bytes (PSS and USS)."""

    owner: Owner
    slot: str
    used: int | None = None
    held: int = 0


@dataclass(frozen=True, kw_only=True)
class View:
    """An agent's answer: what happens on its node.

    `birth` differs between an agent and the one that Ray started after its death. `ended` are the processes whose end
    was not acknowledged yet, by a number that grows. `free` is the node's free memory in bytes.
    """

    birth: str
    is_warm: bool
    trainings: Mapping[str, Training]
    ended: Mapping[int, Ended]
    free: int


class Launch(Protocol):
    """Starts processes on a node."""

    def start(self, job: Job) -> Process:
        """Start the job's process."""
        ...

    def is_warm(self) -> bool:
        """Return whether a process could start without delay."""
        ...

    def tidy(self) -> None:
        """End what is no longer of use; called several times a second."""
        ...


def versions() -> dict[str, str]:
    """Return the versions here that a run's numbers depend on, Python's included."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in _SAME:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


class _Forks:
    """Forks processes from a server that has TensorFlow imported; both end with the agent."""

    def __init__(self) -> None:
        start = context()
        if not isinstance(start, ForkServerContext):
            raise ResourceError("Ray nodes must be able to fork processes; use Linux or macOS.")
        # Without a file, since every child would import that of `__main__`, which is Ray's.
        vars(sys.modules["__main__"]).pop("__file__", None)
        # In the actor's own thread: the kernel ends the server with the thread that started it.
        forkserver.ensure_running()
        self._companions = Companions(start, tied=True)
        self._warm = threading.Event()
        threading.Thread(target=self._warm_up, args=(start,), name="warm-up", daemon=True).start()

    def _warm_up(self, start: ForkServerContext) -> None:
        first = start.Process(target=_nothing)
        first.start()
        first.join()
        self._warm.set()

    def start(self, job: Job) -> Process:
        return self._companions.start(job)

    def is_warm(self) -> bool:
        return self._warm.is_set()

    def tidy(self) -> None:
        self._companions.keep_one()
        if self._companions.idle_seconds > IDLE_SECONDS:
            self._companions.release()


def _nothing() -> None:
    pass


class Agent:
    """Trains the runs of one home on one node, and answers its worker at once.

    Args:
        home: the home's folder.
        folder: the worker's current folder, where relative paths start.
        environment: variables for the training processes.
        launch: makes what starts them; by default they are forked from a server with TensorFlow.
    """

    def __init__(
        self, home: Path, folder: Path, environment: Mapping[str, str], launch: Callable[[], Launch] | None = None
    ) -> None:
        # Ray sets it to 1; a process would then train with other threads than elsewhere.
        os.environ.pop("OMP_NUM_THREADS", None)
        os.environ.update(environment)
        with contextlib.suppress(OSError):
            os.chdir(folder)
        self._home, self._birth = Home(home), uuid.uuid4().hex
        self._launch = (launch or _Forks)()
        self._executor = LocalExecutor(self._launch.start)
        self._trainings: dict[str, Training] = {}
        self._ended: dict[int, Ended] = {}
        self._count = 0
        self._heard = self._busy = self._measured = time.monotonic()
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def versions(self) -> dict[str, str]:
        """Return the versions on this node."""
        return versions()

    def sees(self, mark: Path, token: str) -> bool:
        """Return whether the home is here the folder that it is for the worker, which wrote a token into a file."""
        with contextlib.suppress(OSError):
            return mark.read_text() == token
        return False

    def lacks(self, config: str) -> str | None:
        """Return the first file that a config names and this node does not have; None if it has all."""
        with contextlib.suppress(ConfigError):
            parsed = parse_recorded(config)
            for part in (parsed.dataset, parsed.weights):
                if isinstance(part, FileDataset | FileWeights):
                    file = find_file(part.path, self._home)
                    if not file.exists():
                        return str(file.absolute())
        return None

    def start(self, job: Job, slot: str) -> Owner:
        """Start the run's process in a slot of this node."""
        with self._lock:
            owner = self._executor.submit(job)
            self._trainings[job.run_id] = Training(owner=owner, slot=slot)
            return owner

    def look(self, birth: str, seen: int) -> View:
        """Return what happens here. Ends up to the number `seen` of the agent `birth` are acknowledged."""
        with self._lock:
            self._heard = time.monotonic()
            if birth == self._birth:
                self._ended = {number: ended for number, ended in self._ended.items() if number > seen}
            self._collect()
            self._measure()
            self._launch.tidy()
            return View(
                birth=self._birth,
                is_warm=self._launch.is_warm(),
                trainings=dict(self._trainings),
                ended=dict(self._ended),
                free=self._executor.free_memory(),
            )

    def ask_to_leave(self, run_id: str) -> None:
        """Ask the run's process to exit with a checkpoint."""
        with self._lock:
            self._executor.ask_to_leave(run_id)

    def cancel(self, run_id: str) -> None:
        """Kill the run's process."""
        with self._lock:
            self._executor.cancel(run_id)

    def kill(self, handle: Owner) -> bool:
        """Kill a process of this node; return whether it was alive and signaled."""
        return self._executor.kill(handle)

    def _collect(self) -> list[str]:
        """Note the processes that have ended; return the names of their slots."""
        slots = []
        for ended in self._executor.ended():
            self._count += 1
            self._ended[self._count] = ended
            if (training := self._trainings.pop(ended.run_id, None)) is not None:
                slots.append(training.slot)
        return slots

    def _measure(self) -> None:
        # Reading both takes 40 ms for each process.
        now = time.monotonic()
        if now - self._measured < _MEASURE_SECONDS:
            return
        self._measured = now
        for run_id, each in self._trainings.items():
            used, held = self._executor.memory_used(run_id), self._executor.memory_held(run_id)
            self._trainings[run_id] = Training(owner=each.owner, slot=each.slot, used=used, held=held)

    def _watch(self) -> None:
        """Free what nobody needs any more after the worker has died."""
        while True:
            time.sleep(_WATCH_SECONDS)
            with self._lock:
                now = time.monotonic()
                self._busy = now if self._trainings else self._busy
                if now - self._heard > _ABANDONED_SECONDS:
                    for slot in self._collect():
                        _kill_actor(slot)
                if now - max(self._heard, self._busy) > _LONELY_SECONDS:
                    ray.kill(ray.get_runtime_context().current_actor, no_restart=True)


def _kill_actor(name: str) -> None:
    with contextlib.suppress(ValueError):
        ray.kill(ray.get_actor(name), no_restart=True)


class Slot:
    """Holds what a run takes of a node until it is killed."""

    def where(self) -> tuple[str, str]:
        """Return the node's id, and the GPUs that the run may use as CUDA names them."""
        return ray.get_runtime_context().get_node_id(), os.environ.get("CUDA_VISIBLE_DEVICES", "")
