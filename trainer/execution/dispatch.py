"""The worker: takes queued runs from the store and has them executed, one home a worker."""

import contextlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import StoreUnreachableError
from trainer.execution.endings import reason_of
from trainer.execution.executors import Executor, Job
from trainer.execution.identity import is_alive
from trainer.execution.queue import queue_name
from trainer.home import Home
from trainer.reproduce import recorded_threads
from trainer.tracking.types import Owner, Run, Status, Tag

if TYPE_CHECKING:
    from trainer.tracking.store import Store

__all__ = ["Worker"]

_log = logging.getLogger("fitboard.worker")

_LOOK_SECONDS = 0.5
"""The store is asked for new runs this often where nothing woke the worker; a look costs 4 ms."""

_TICK_SECONDS = 0.03
_HALF_MADE_SECONDS = 60
_RESULT_TAGS = (Tag.OWNER, Tag.PROGRESS, Tag.STARTED)


class Worker:
    """Keeps up to `jobs` runs of one queue executing until it is told to stop."""

    def __init__(self, *, home: Home, tracking_uri: str, store: "Store", executor: Executor, jobs: int = 1) -> None:
        """`tracking_uri` is the address that training processes open for themselves."""
        self._home = home
        self._tracking_uri = tracking_uri
        self._store = store
        self._executor = executor
        self._jobs = jobs
        self._queue = queue_name(home)
        self._adopted: dict[str, Owner] = {}
        self._looked = 0.0
        self._watched = _files_to_watch(home, tracking_uri)
        self._seen: tuple[int, ...] = ()
        self._reachable = True

    def serve(self, stopping: Callable[[], bool]) -> None:
        """Works until `stopping` says so, then puts what is running back to the queue."""
        self._safely(self._adopt)
        while not stopping():
            self._safely(self._turn)
            time.sleep(_TICK_SECONDS)
        self._safely(self._put_back)

    def _safely(self, step: Callable[[], None]) -> None:
        """Does a step; a store that is away is waited for, not died of."""
        try:
            step()
        except StoreUnreachableError as error:
            if self._reachable:
                _log.warning("%s The worker waits for it; running runs go on.", error)
            self._reachable = False
            time.sleep(_LOOK_SECONDS)
            return
        if not self._reachable:
            _log.info("The store answers again.")
        self._reachable = True

    def _turn(self) -> None:
        self._settle_ended()
        if self._is_time_to_look():
            self._looked = time.monotonic()
            self._fail_half_made()
            self._take_queued()

    def _is_time_to_look(self) -> bool:
        """Whether somebody woke the worker, the store's file has changed, or it is simply time."""
        seen = tuple(_changed_at(file) for file in self._watched)
        woken, self._seen = seen != self._seen, seen
        return woken or time.monotonic() - self._looked > _LOOK_SECONDS

    def _adopt(self) -> None:
        """Runs that an earlier worker left: those that live are watched, the others start afresh."""
        for run in self._store.running(self._queue):
            if run.owner is not None and is_alive(run.owner):
                _log.info("Run %s still trains in process %d; watching it.", run.run_id, run.owner.pid)
                self._adopted[run.run_id] = run.owner
            elif run.owner is not None:
                _log.info("Run %s lost its process; back to the queue.", run.run_id)
                self._requeue(run.run_id)

    def _take_queued(self) -> None:
        free = self._jobs - len(self._executor.alive()) - len(self._adopted)
        for run in self._store.queued(self._queue):
            if run.tags.get(Tag.STOP):
                self._store.set_status(run.run_id, Status.KILLED)
            elif free > 0:
                self._start(run)
                free -= 1

    def _start(self, run: Run) -> None:
        job = Job(
            run_id=run.run_id,
            home=self._home.path,
            tracking_uri=self._tracking_uri,
            config=run.tags.get(Tag.CONFIG),
            runs_at_once=self._jobs,
            threads=recorded_threads(self._store.reader, run),
        )
        self._store.set_status(run.run_id, Status.RUNNING)
        owner = self._executor.submit(job)
        self._store.set_tags(run.run_id, {Tag.OWNER: owner.dumps()})
        _log.info("Run %s (%s) trains in process %d.", run.run_id, run.name, owner.pid)

    def _settle_ended(self) -> None:
        for ended in self._executor.ended():
            self._settle(ended.run_id, ended.exit_code)
        for run_id, owner in list(self._adopted.items()):
            if not is_alive(owner):
                del self._adopted[run_id]
                self._settle(run_id, None)

    def _settle(self, run_id: str, exit_code: int | None) -> None:
        """A process is gone: if it did not end its run itself, say why it is gone."""
        self._looked = 0.0
        run = self._store.get(run_id)
        if run.status is not Status.RUNNING:
            return
        reason = reason_of(exit_code, self._home.run(run_id) / "log.txt")
        _log.warning("Run %s: %s", run_id, reason)
        self._store.set_tags(run_id, {Tag.FAILURE: reason})
        self._store.set_status(run_id, Status.FAILED)

    def _fail_half_made(self) -> None:
        """A run that is RUNNING without an owner was left half made by whoever queued it."""
        limit = (time.time() - _HALF_MADE_SECONDS) * 1000
        for run in self._store.running(self._queue):
            is_mine = run.run_id in self._executor.alive() or run.run_id in self._adopted
            if run.owner is None and not is_mine and (run.start_time or 0) < limit:
                self._store.set_tags(run.run_id, {Tag.FAILURE: "The run was never completely queued; queue it again."})
                self._store.set_status(run.run_id, Status.FAILED)

    def _put_back(self) -> None:
        for run_id in [*self._executor.alive(), *self._adopted]:
            self._kill(run_id)
            if self._store.get(run_id).status is Status.RUNNING:
                self._requeue(run_id)
                _log.info("Run %s went back to the queue; the next `fitboard up` starts it again.", run_id)

    def _kill(self, run_id: str) -> None:
        self._executor.cancel(run_id)
        owner = self._adopted.get(run_id)
        if owner is not None and is_alive(owner):
            with contextlib.suppress(ProcessLookupError):
                os.kill(owner.pid, 9)

    def _requeue(self, run_id: str) -> None:
        for tag in _RESULT_TAGS:
            self._store.delete_tag(run_id, tag)
        self._store.set_status(run_id, Status.SCHEDULED)


def _files_to_watch(home: Home, tracking_uri: str) -> tuple[Path, ...]:
    """Files of this machine that change with the queue: looking at them costs microseconds, asking the store 4 ms."""
    database = tracking_uri.removeprefix("sqlite:///") if tracking_uri.startswith("sqlite:///") else None
    of_store = (Path(database), Path(f"{database}-wal")) if database else ()
    return (home.path / "queue.changed", *of_store)


def _changed_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
