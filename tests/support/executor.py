"""An executor whose processes the test ends, and functions that queue runs and let a worker look at its queue."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from trainer.config import Config, load_config
from trainer.execution import enqueue, queue_name
from trainer.execution.executors.base import Ended, Place
from trainer.execution.process.exit_status import PUT_BACK
from trainer.execution.process.identity import is_alive, owner_of
from trainer.execution.process.job import Job
from trainer.execution.worker.admission import Admission
from trainer.execution.worker.dispatch import Worker
from trainer.home import Home
from trainer.tracking import Owner, Store

__all__ = ["CONFIG", "FakeExecutor", "FakePlacingExecutor", "admission_of_all", "queue_run", "turns"]

CONFIG = load_config(
    "dataset: digits\nlayers: [Flatten, {layer: Dense, units: 10}]\n"
    "loss: {name: SparseCategoricalCrossentropy, from_logits: true}\n"
)


@dataclass
class FakeExecutor:
    """An executor whose processes end when the test says so; all of them have the handle of this process."""

    jobs: dict[str, Job] = field(default_factory=dict)
    adopted: dict[str, Owner] = field(default_factory=dict)
    gone: list[Ended] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    polite: bool = False
    """Whether the processes leave when they are asked to."""
    mortal: bool = False
    """Whether the processes end when they are cancelled."""
    memory: int | None = 0
    """The memory of each process in bytes."""
    free: int = 10**12

    def own_handle(self) -> Owner:
        return owner_of()

    def submit(self, job: Job) -> Owner:
        self.jobs[job.run_id] = job
        return owner_of()

    def adopt(self, run_id: str, handle: Owner) -> None:
        self.adopted[run_id] = handle

    def is_alive(self, handle: Owner) -> bool | None:
        return is_alive(handle)

    def kill(self, handle: Owner) -> bool:
        raise AssertionError(f"{handle} is this process's own")

    def alive(self) -> Sequence[str]:
        return [*self.jobs, *(run_id for run_id, handle in self.adopted.items() if is_alive(handle))]

    def ended(self) -> Sequence[Ended]:
        for run_id, handle in list(self.adopted.items()):
            if not is_alive(handle):
                del self.adopted[run_id]
                self.gone.append(Ended(run_id=run_id, exit_code=None))
        gone, self.gone = self.gone, []
        return gone

    def ask_to_leave(self, run_id: str) -> None:
        self.asked.append(run_id)
        if self.polite and run_id in self.jobs:
            self.end(run_id, PUT_BACK)

    def cancel(self, run_id: str) -> None:
        self.cancelled.append(run_id)
        if self.mortal and run_id in self.jobs:
            self.end(run_id, -9)

    def memory_used(self, run_id: str, *, beyond: int = 0) -> int | None:
        return self.memory if run_id in self.alive() else None

    def memory_held(self, run_id: str) -> int:
        return self.memory_used(run_id) or 0

    def free_memory(self) -> int:
        return self.free

    def end(self, run_id: str, exit_code: int) -> None:
        del self.jobs[run_id]
        self.gone.append(Ended(run_id=run_id, exit_code=exit_code))


@dataclass
class FakePlacingExecutor(FakeExecutor):
    """An executor that has the places that the test says; a run without one waits for `a node`."""

    places: dict[str, Place] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)
    memories: dict[str, int | None] = field(default_factory=dict)
    capacity: int = 10

    def reserve(self, run_id: str, *, memory: int | None, config: str | None) -> Place:
        self.reserved.add(run_id)
        self.memories[run_id] = memory
        return self.places.get(run_id, Place(is_free=False, waits="a node"))

    def keep_reserved(self, run_ids: Collection[str]) -> None:
        self.reserved &= set(run_ids)


def admission_of_all(home: Home, executor: FakeExecutor) -> Admission:
    """An admission that waits for no estimate, however late a busy machine answers: for it, time runs fast."""
    return Admission(home, executor, check=lambda _: None, clock=itertools.count(0.0, 10.0).__next__)


def turns(worker: Worker, count: int = 1) -> None:
    """Let the worker look at its queue `count` times."""
    for _ in range(count):
        worker.look()


def queue_run(store: Store, home: Home, config: Config = CONFIG) -> str:
    """Queue a run of the config for this home's worker and return its id."""
    return enqueue(store, config, queue=queue_name(home))
