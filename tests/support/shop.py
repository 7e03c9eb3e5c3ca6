"""A worker that several tests share, since it takes seconds to start, and the runs that it trains."""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.support.faults import Reference
from tests.support.worker import running_worker, wait_for, wait_for_end
from trainer.config import Config
from trainer.execution import NO_LIMITS, Limits, enqueue, queue_name, wake_worker, wish_standby
from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.tracking import Run, Status, Store, Tag, open_store

__all__ = ["OWN_PROCESS", "Shop", "opened_shop", "pid_of", "unused_batch_size"]

OWN_PROCESS = Limits(memory=10**12)
"""A run with a limit to its memory never shares a process."""

_batch_sizes = itertools.count(40)


@dataclass(frozen=True)
class Shop:
    """A worker that is ready, by its process id, and a home that it serves."""

    home: Home
    store: Store
    worker: int

    def queue(self, config: Config, limits: Limits = NO_LIMITS) -> str:
        """Queue a run, and have the worker look at its queue; return its id."""
        run_id = enqueue(self.store, config, queue=queue_name(self.home), limits=limits)
        wake_worker(self.home)
        return run_id

    def trained(self, config: Config, limits: Limits = NO_LIMITS) -> Run:
        """Queue a run and wait until it has finished."""
        return self.finished(self.queue(config, limits))

    def finished(self, run_id: str) -> Run:
        """Wait until the run has finished."""
        run = wait_for_end(self.store, run_id)
        assert run.status is Status.FINISHED, run.tags.get(Tag.FAILURE)
        return run

    def standby(self, config: Config) -> int:
        """Have a process prepared for the config alone; return its process id."""
        wish_standby(self.home, config)
        before = self._standby_pid()
        wait_for(lambda: self._standby_pid() not in (None, before), "the standby")
        return int(self._standby_pid() or 0)

    def rests(self, run: Run) -> None:
        """Wait until the run's process is the idle one, or gone."""
        pid = pid_of(run)
        wait_for(lambda: self.idle().get("pid") == pid or not psutil.pid_exists(pid), "the run's process to be idle")

    def idle(self) -> dict[str, Any]:
        """Return what the worker says of its idle process; empty if there is none."""
        return (holder_of(self.home.worker_lock) or {}).get("standby") or {}

    def _standby_pid(self) -> int | None:
        said = self.idle()
        return said["pid"] if said.get("is_prepared") else None

    def training(self, run_id: str) -> psutil.Process:
        """Return the run's process, once an epoch was logged."""
        wait_for(lambda: "loss" in self.store.get(run_id).metrics, "the first epoch")
        return psutil.Process(pid_of(self.store.get(run_id)))

    def same_bits(self, run: Run, other: Run) -> None:
        """Assert that both runs have the same weights and values."""
        assert Reference.of(self.store, run) == Reference.of(self.store, other)


@contextlib.contextmanager
def opened_shop(folder: Path) -> Iterator[Shop]:
    """Start a worker on a new home in the folder."""
    home = Home(folder).make()
    store = open_store(home.tracking_uri(environment={}), home)
    with running_worker(home, store.tracking_uri) as process:
        yield Shop(home, store, process.pid)


def pid_of(run: Run) -> int:
    """Return the id of the process that trains or trained the run."""
    assert run.owner is not None
    return run.owner.pid


def unused_batch_size() -> int:
    """Return a batch size with which no process of another test has traced a network."""
    return next(_batch_sizes)
