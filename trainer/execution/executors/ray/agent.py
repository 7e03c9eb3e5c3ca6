"""What runs on each node of a Ray cluster: an agent that starts the training processes.

The agent uses no CPU of Ray's. An agent that dies takes its forkserver and its training processes along, so that none
is left where nobody looks after it; Ray then starts it again.
"""

import contextlib
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Protocol

import ray

from trainer.errors import ResourceError
from trainer.execution.executors.base import Ended
from trainer.execution.executors.companions import Companions
from trainer.execution.executors.local import LocalExecutor, Process, context
from trainer.execution.executors.ray.fitness import Answer, Question, missing_file
from trainer.execution.executors.ray.slots import free_slot
from trainer.execution.process.job import Job
from trainer.execution.worker.standby import IDLE_SECONDS
from trainer.home import Home
from trainer.tracking.tags import Owner

__all__ = ["LOOKS", "Agent", "Launch", "Training", "View"]

LOOKS = "looks"
"""The group of an agent's threads that look, so that one that waits for news holds up nothing else."""

_MEASURE_SECONDS = 2.0
# A look without news is answered after this long, and one with news at the next tick.
_LOOK_SECONDS = 0.5
_TICK_SECONDS = 0.02
# After this long without a word of the worker, its slots are freed by the agent.
_ABANDONED_SECONDS = 30.0
# And after this long without a run too, the agent itself goes; its forkserver uses 770 MB.
_LONELY_SECONDS = 900.0
_WATCH_SECONDS = 5.0


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
        self._told: object = None
        self._heard = self._busy = self._measured = time.monotonic()
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def answer(self, question: Question) -> Answer:
        """Return what decides whether runs can be placed on this node."""
        return Answer.to(question)

    def lacks(self, config: str) -> str | None:
        """Return the first file that a config names and this node does not have; None if it has all."""
        return missing_file(config, self._home)

    def start(self, job: Job, slot: str) -> Owner:
        """Start the run's process in a slot of this node."""
        with self._lock:
            owner = self._executor.submit(job)
            self._trainings[job.run_id] = Training(owner=owner, slot=slot)
            return owner

    @ray.method(concurrency_group=LOOKS)  # type: ignore[untyped-decorator, unused-ignore]
    def look(self, birth: str, seen: int) -> View:
        """Return what happens here: at once to a worker that does not know this agent, to others when there is news.

        Ends up to the number `seen` of the agent `birth` are acknowledged.
        """
        self._measure()
        with self._lock:
            self._launch.tidy()
        until = time.monotonic() + (_LOOK_SECONDS if birth == self._birth else 0.0)
        while True:
            with self._lock:
                self._heard = time.monotonic()
                if birth == self._birth:
                    self._ended = {number: ended for number, ended in self._ended.items() if number > seen}
                self._collect()
                summary = self._launch.is_warm(), tuple(self._trainings), tuple(self._ended)
                if summary != self._told or self._heard >= until:
                    self._told = summary
                    return self._view()
            time.sleep(_TICK_SECONDS)

    def _view(self) -> View:
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
        """Read the memory of the processes. It takes 40 ms for each, in which others may use the agent."""
        now = time.monotonic()
        if now - self._measured < _MEASURE_SECONDS:
            return
        self._measured = now
        with self._lock:
            run_ids = list(self._trainings)
        for run_id in run_ids:
            used, held = self._executor.memory_used(run_id), self._executor.memory_held(run_id)
            with self._lock:
                if (training := self._trainings.get(run_id)) is not None:
                    self._trainings[run_id] = replace(training, used=used, held=held)

    def _watch(self) -> None:
        """Free what nobody needs any more after the worker has died."""
        while True:
            time.sleep(_WATCH_SECONDS)
            with self._lock:
                now = time.monotonic()
                self._busy = now if self._trainings else self._busy
                if now - self._heard > _ABANDONED_SECONDS:
                    for slot in self._collect():
                        free_slot(slot)
                if now - max(self._heard, self._busy) > _LONELY_SECONDS:
                    ray.kill(ray.get_runtime_context().current_actor, no_restart=True)
