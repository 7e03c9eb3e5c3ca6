"""The worker: takes queued runs from the store and has them executed, one home a worker."""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import RunNotFoundError, StoreError, StoreUnreachableError
from trainer.execution.control.stop import KILL
from trainer.execution.executors.base import Ended, Executor
from trainer.execution.limits import OVER_MEMORY, Limits
from trainer.execution.logs import cap_log
from trainer.execution.process.attempts import MOST_ATTEMPTS, count_attempt, has_checkpoint, kept
from trainer.execution.process.exit_status import PUT_BACK, STORE_AWAY, reason_of
from trainer.execution.process.identity import is_alive, owner_of
from trainer.execution.process.job import Job
from trainer.execution.queue.enqueue import queue_name
from trainer.execution.worker.admission import Admission
from trainer.execution.worker.left_behind import LeftBehind
from trainer.execution.worker.memory_guard import MemoryGuard
from trainer.home import Home
from trainer.reproduce import recorded_threads
from trainer.tracking.record.delivery import deliver
from trainer.tracking.record.notes import forget_notes, is_unsaved
from trainer.tracking.types import Owner, Run, Status, Tag
from trainer.tracking.write.database import sqlite_file

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["Worker"]

_log = logging.getLogger("fitboard.worker")

_LOOK_SECONDS = 0.5
"""The store is asked for new runs this often where nothing woke the worker; a look costs 4 ms."""

_TICK_SECONDS = 0.03
_HALF_MADE_SECONDS = 60
_LEAVING_SECONDS = 2.0
"""So long an ending worker waits for checkpoints; Ctrl-C of `up` is to be over within 5 s."""

_LONGEST_SENTENCE = 2_000
_RESULT_TAGS = (Tag.OWNER, Tag.PROGRESS)


class Worker:
    """Keeps up to `jobs` runs of one queue executing until it is told to stop."""

    def __init__(
        self,
        *,
        home: Home,
        tracking_uri: str,
        store: "Store",
        executor: Executor,
        jobs: int = 1,
        admission: Admission | None = None,
        guard: MemoryGuard | None = None,
    ) -> None:
        """`tracking_uri` is the address that training processes open for themselves."""
        self._home = home
        self._tracking_uri = tracking_uri
        self._store = store
        self._executor = executor
        self._jobs = jobs
        self._admission = admission or Admission(home)
        self._guard = guard or MemoryGuard()
        self._queue = queue_name(home)
        self._left_behind = LeftBehind(store, home)
        self._adopted: dict[str, Owner] = {}
        self._gone: dict[str, Ended] = {}
        self._submitted: dict[str, Owner] = {}
        self._ownerless: dict[str, float] = {}
        self._has_adopted = False
        self._looked = 0.0
        self._watched = _files_to_watch(home, tracking_uri)
        self._seen: tuple[int, ...] = ()
        self._reachable = True

    def serve(self, stopping: Callable[[], bool]) -> None:
        """Works until `stopping` says so, then puts what is running back to the queue."""
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
        except (StoreError, RunNotFoundError) as error:
            _log.warning("%s", error)
            time.sleep(_LOOK_SECONDS)
            return
        if not self._reachable:
            _log.info("The store answers again.")
        self._reachable = True

    def _turn(self) -> None:
        for run_id in self._guard.look():
            self._kill(run_id)
        if not self._has_adopted:
            self._adopt()
        self._settle_ended()
        if self._is_time_to_look():
            self._looked = time.monotonic()
            self._take_over_left_behind()
            self._look_after_running()
            self._take_queued()

    def _is_time_to_look(self) -> bool:
        """Whether somebody woke the worker, the store's file has changed, or it is simply time."""
        seen = tuple(_changed_at(file) for file in self._watched)
        woken, self._seen = seen != self._seen, seen
        return woken or time.monotonic() - self._looked > _LOOK_SECONDS

    def _adopt(self) -> None:
        """Runs that an earlier worker left: those that live are watched, the others go on from their checkpoints."""
        for run in self._store.running(self._queue):
            if run.owner is None or run.run_id in self._adopted:
                continue
            lives = is_alive(run.owner)
            if lives:
                self._watch(run, run.owner)
            elif lives is False:
                self._end_or_requeue(run)
        self._has_adopted = True

    def _watch(self, run: Run, owner: Owner) -> None:
        """A living process that somebody else started is looked after from now on."""
        _log.info("Run %s still trains in process %d; watching it.", run.run_id, owner.pid)
        self._adopted[run.run_id] = owner
        self._guard.watch(run.run_id, owner.pid, Limits.of(run))

    def _take_over_left_behind(self) -> None:
        """Runs in the foreground whose command is gone become this worker's own, whatever is left of them."""
        for run in self._left_behind.look():
            _log.info("Run %s lost the command that trained it; this worker looks after it.", run.run_id)
            self._store.set_tags(run.run_id, {Tag.QUEUE: self._queue})
            if self._left_behind.is_unstarted(run):
                self._requeue(run.run_id)
            elif run.status is Status.RUNNING and run.owner is not None and is_alive(run.owner):
                self._watch(run, run.owner)

    def _end_or_requeue(self, run: Run) -> None:
        """A run whose process is gone through no fault of its own."""
        if self._is_over(run):
            self._end(run.run_id, Status.KILLED)
            return
        _log.info("Run %s lost its process; it goes on %s.", run.run_id, kept(self._home.run(run.run_id)))
        self._requeue(run.run_id)

    def _is_over(self, run: Run) -> bool:
        """Whether a run without a process was stopped, and is not to be evaluated and saved still."""
        stop = run.tags.get(Tag.STOP)
        return stop == KILL or (bool(stop) and not is_unsaved(self._home.run(run.run_id)))

    def _take_queued(self) -> None:
        free = self._jobs - len(self._executor.alive()) - len(self._adopted) - len(self._gone)
        queued = self._store.queued(self._queue)
        self._admission.look_forward(queued[: self._jobs] if self._jobs > 1 else ())
        for run in queued:
            if self._is_over(run):
                self._end(run.run_id, Status.KILLED)
            elif free > 0:
                free = free - 1 if self._has_started(run) else 0

    def _has_started(self, run: Run) -> bool:
        """Starts the run if it fits beside those that run; where it does not, none behind it may overtake it."""
        decision = self._admission.decide(run, {**self._adopted, **self._submitted})
        if decision.starts:
            self._start(run)
        elif not decision.waits:
            self._looked = 0.0
        elif self._admission.is_news(run, decision):
            _log.info("Run %s (%s) %s.", run.run_id, run.title, decision.waits)
            self._store.set_tags(run.run_id, {Tag.WAITS: decision.waits})
        return decision.starts

    def _start(self, run: Run) -> None:
        """Claims the run in the worker's own name first: whoever finds it later knows that it was complete."""
        job = Job(
            run_id=run.run_id,
            home=self._home.path,
            tracking_uri=self._tracking_uri,
            config=run.tags.get(Tag.CONFIG),
            runs_at_once=self._jobs,
            threads=recorded_threads(self._store.reader, run),
        )
        self._store.set_tags(run.run_id, {Tag.OWNER: owner_of().dumps()})
        self._store.set_status(run.run_id, Status.RUNNING)
        if Tag.WAITS in run.tags:
            self._store.delete_tag(run.run_id, Tag.WAITS)
        owner = self._executor.submit(job)
        self._submitted[run.run_id] = owner
        self._guard.watch(run.run_id, owner.pid, Limits.of(run))
        folder = self._home.run(run.run_id)
        from_where = f" {kept(folder)}" if has_checkpoint(folder) else ""
        _log.info("Run %s (%s) trains in process %d%s.", run.run_id, run.title, owner.pid, from_where)
        self._store.set_tags(run.run_id, {Tag.OWNER: owner.dumps()})

    def _settle_ended(self) -> None:
        """Each process that is gone, one by one: the store may go away between two."""
        self._gone |= {ended.run_id: ended for ended in self._executor.ended()}
        for run_id, owner in list(self._adopted.items()):
            if not is_alive(owner):
                del self._adopted[run_id]
                self._gone[run_id] = Ended(run_id=run_id, exit_code=None)
        for run_id, ended in list(self._gone.items()):
            try:
                self._settle(run_id, ended.exit_code)
            except StoreUnreachableError:
                raise
            except (StoreError, RunNotFoundError) as error:
                _log.warning("Run %s cannot be ended: %s", run_id, error)
            del self._gone[run_id]
            self._submitted.pop(run_id, None)
            if run_id not in self._adopted:
                self._guard.forget(run_id)

    def _settle(self, run_id: str, exit_code: int | None) -> None:
        """A process is gone: if it did not end its run itself, start it again, or say why it is gone."""
        self._looked = 0.0
        run = self._store.get(run_id)
        if run.status is not Status.RUNNING:
            return
        if run.owner is not None and run.owner.pid != os.getpid() and is_alive(run.owner):
            _log.warning("Run %s trains on in process %d without its forkserver.", run_id, run.owner.pid)
            self._adopted[run_id] = run.owner
            return
        folder = self._home.run(run_id)
        breach = self._guard.breach(run_id)
        if breach is not None:
            _log.warning("Run %s: %s", run_id, breach)
            self._store.set_tags(run_id, {Tag.STOP: OVER_MEMORY})
            self._end(run_id, Status.FAILED, failure=breach)
            return
        if self._is_over(run):
            _log.info("Run %s was stopped, and its process is gone.", run_id)
            self._end(run_id, Status.KILLED)
            return
        reason = reason_of(exit_code, folder / "log.txt")
        attempt = 0 if exit_code in {STORE_AWAY, PUT_BACK} else count_attempt(folder)
        if attempt is None:
            _log.warning("Run %s: %s", run_id, reason)
            told = f"{reason} It was started again {MOST_ATTEMPTS} times before."
            self._end(run_id, Status.FAILED, failure=told)
            return
        counted = f" (attempt {attempt} of {MOST_ATTEMPTS})" if attempt else ""
        _log.warning("Run %s: %s It goes on %s%s.", run_id, reason, kept(folder), counted)
        self._requeue(run_id)

    def _end(self, run_id: str, status: Status, *, failure: str = "") -> None:
        """Ends a run that has no process; what its journal holds is delivered first."""
        deliver(self._store, run_id, self._home.run(run_id))
        if failure:
            self._store.set_tags(run_id, {Tag.FAILURE: failure[:_LONGEST_SENTENCE]})
        self._store.set_status(run_id, status)
        forget_notes(self._home.run(run_id))

    def _look_after_running(self) -> None:
        """Caps logs, kills what is to be killed, and fails what was left half made: RUNNING without an owner ever."""
        mine = {*self._submitted, *self._adopted, *self._gone}
        for run in self._store.running(self._queue):
            is_mine = run.run_id in mine
            cap_log(self._home.run(run.run_id) / "log.txt")
            if is_mine and run.tags.get(Tag.STOP) == KILL:
                _log.info("Run %s is killed, as asked.", run.run_id)
                self._kill(run.run_id)
            elif run.owner is None and not is_mine and self._is_half_made(run.run_id):
                self._end(run.run_id, Status.FAILED, failure="The run was never completely queued; queue it again.")
            elif run.owner is not None and not is_mine and is_alive(run.owner) is False:
                self._end_or_requeue(run)

    def _is_half_made(self, run_id: str) -> bool:
        """By the worker's own watch: the run's start may be of a clock that was set since."""
        now = time.monotonic()
        return now - self._ownerless.setdefault(run_id, now) > _HALF_MADE_SECONDS

    def _put_back(self) -> None:
        """Ends every process first, whatever the store says; a run that cannot be put back now is found later."""
        ids = [*self._executor.alive(), *self._adopted]
        self._end_processes(ids)
        for run_id in [*ids, *self._gone]:
            if self._store.get(run_id).status is Status.RUNNING:
                self._requeue(run_id)
                where = kept(self._home.run(run_id))
                _log.info("Run %s went back to the queue; the next `fitboard up` goes on %s.", run_id, where)

    def _end_processes(self, ids: Sequence[str]) -> None:
        """Asks all to leave with a checkpoint, and kills those that have not in time."""
        for run_id in ids:
            self._executor.ask_to_leave(run_id)
            self._signal_adopted(run_id, signal.SIGTERM)
        until = time.monotonic() + _LEAVING_SECONDS
        while self._living(ids) and time.monotonic() < until:
            time.sleep(_TICK_SECONDS)
        for run_id in self._living(ids):
            _log.info("Run %s did not leave within %g s; its process is killed.", run_id, _LEAVING_SECONDS)
            self._kill(run_id)

    def _living(self, ids: Sequence[str]) -> list[str]:
        alive = {*self._executor.alive(), *(each for each, owner in self._adopted.items() if is_alive(owner))}
        return [run_id for run_id in ids if run_id in alive]

    def _kill(self, run_id: str) -> None:
        self._executor.cancel(run_id)
        self._signal_adopted(run_id, signal.SIGKILL)

    def _signal_adopted(self, run_id: str, number: signal.Signals) -> None:
        owner = self._adopted.get(run_id)
        if owner is not None and is_alive(owner):
            with contextlib.suppress(ProcessLookupError):
                os.kill(owner.pid, number)

    def _requeue(self, run_id: str) -> None:
        for tag in _RESULT_TAGS:
            self._store.delete_tag(run_id, tag)
        self._store.set_status(run_id, Status.SCHEDULED)


def _files_to_watch(home: Home, tracking_uri: str) -> tuple[Path, ...]:
    """Files of this machine that change with the queue: looking at them costs microseconds, asking the store 4 ms."""
    database = sqlite_file(tracking_uri)
    of_store = (database, database.with_name(f"{database.name}-wal")) if database else ()
    return (home.path / "queue.changed", *of_store)


def _changed_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
