"""Supervise the running runs of a queue: those that the worker started, and those that it found."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trainer.errors import RunNotFoundError, StoreError, StoreUnreachableError
from trainer.execution.executors.base import Ended, Executor
from trainer.execution.limits import Limits
from trainer.execution.logs import cap_log
from trainer.execution.process.attempts import attempts, kept, note_attempt
from trainer.execution.process.handover import is_elsewhere
from trainer.execution.process.liveness import LOST_SECONDS
from trainer.execution.process.recovery import KILL, Death, is_over, recover
from trainer.execution.process.transitions import end_run, requeue
from trainer.execution.queue.enqueue import queue_name
from trainer.execution.worker.left_behind import LeftBehind
from trainer.execution.worker.memory_guard import MemoryGuard
from trainer.execution.worker.silence import Silence
from trainer.home import Home
from trainer.tracking.files import LOG_FILE
from trainer.tracking.record.notes import is_unsaved
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Owner, Tag
from trainer.tracking.write.exchange import exchange_status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["Caretaker"]

_log = logging.getLogger("fitboard.worker")

_HALF_MADE_SECONDS = 60


class Caretaker:
    """Ends or requeues runs whose process has ended, and finds runs that have lost theirs.

    Only runs created by Fitboard are changed, since the store lists no others in a queue. Of a team's queue, the runs
    of another home are left to it while it reports.
    """

    def __init__(
        self,
        store: "Store",
        executor: Executor,
        *,
        home: Home,
        guard: MemoryGuard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._executor, self._home, self._clock = store, executor, home, clock
        self._queue = queue_name(home)
        self._guard = guard or MemoryGuard(executor.memory_used)
        self._left_behind = LeftBehind(store, home, executor)
        self._silence = Silence(clock)
        self._mine: dict[str, None] = {}
        self._gone: dict[str, Ended] = {}
        self._ownerless: dict[str, float] = {}
        self._has_adopted = False

    @property
    def in_charge_of(self) -> Sequence[str]:
        """The runs that occupy a place: their process is alive, or has ended and is not settled yet."""
        return tuple(self._mine)

    def take(self, run: Run) -> None:
        """Supervise a run whose process the executor has; it is killed if it exceeds its memory limit."""
        self._mine[run.run_id] = None
        self._guard.watch(run.run_id, Limits.of(run))

    def kill_greedy(self) -> None:
        """Kill the processes that exceed the memory limits of their runs."""
        for run_id in self._guard.look():
            self._executor.cancel(run_id)

    def adopt_running(self) -> None:
        """Adopt the living runs of an earlier worker and requeue the others; later calls do nothing."""
        if self._has_adopted:
            return
        for run in self._store.running(self._queue):
            if run.owner is None or run.run_id in self._mine:
                continue
            lives = None if is_elsewhere(run, self._home) else self._executor.is_alive(run.owner)
            if lives:
                self._adopt(run, run.owner)
            elif lives is False:
                self._end_or_requeue(run)
        # Set last: if the store fails in between, the next turn tries again.
        self._has_adopted = True

    def take_over_left_behind(self) -> None:
        """Move foreground runs whose command no longer exists to this queue, whatever state they are in."""
        for run in self._left_behind.look():
            _log.info(
                "The process that was training run %s no longer exists; this worker is taking over the run.", run.run_id
            )
            self._store.set_tags(run.run_id, {Tag.QUEUE: self._queue})
            if self._left_behind.is_unstarted(run):
                requeue(self._store, run.run_id)
            elif run.status is Status.RUNNING and run.owner is not None and self._executor.is_alive(run.owner):
                self._adopt(run, run.owner)

    def look_after_running(self) -> None:
        """Cap logs, kill what is to be killed, put back what lost its process, fail what was left half made."""
        running = self._store.running(self._queue)
        for run in self._silence.look([run for run in running if self._is_out_of_sight(run)]):
            self._take_from(run)
        for run in running:
            if is_elsewhere(run, self._home):
                continue
            is_mine = run.run_id in self._mine
            cap_log(self._home.run(run.run_id) / LOG_FILE)
            if is_mine and run.tags.get(Tag.STOP) == KILL:
                _log.info("Killed run %s, as requested.", run.run_id)
                self._executor.cancel(run.run_id)
            elif is_mine:
                continue
            elif run.owner is None and self._is_half_made(run.run_id):
                self._end(run.run_id, Status.FAILED, "The run was not queued completely; queue it again.")
            elif run.owner is not None and self._executor.is_alive(run.owner) is False:
                self._end_or_requeue(run)

    def _is_out_of_sight(self, run: Run) -> bool:
        """Return whether only its reports tell of a run: another home's, or one on a machine that left the cluster."""
        if is_elsewhere(run, self._home):
            return True
        return run.run_id not in self._mine and run.owner is not None and self._executor.is_alive(run.owner) is None

    def settle_ended(self) -> bool:
        """Settle each process that has ended, one by one, since the store may fail in between; return whether any."""
        self._gone |= {ended.run_id: ended for ended in self._executor.ended()}
        settled = bool(self._gone)
        for run_id, ended in list(self._gone.items()):
            try:
                adopted = self._settle(ended)
            except StoreUnreachableError:
                raise
            except (StoreError, RunNotFoundError) as error:
                _log.warning("Run %s cannot be ended: %s", run_id, error)
                adopted = False
            # Deleted only now: `ended` reports each process once, so an unreachable store must not lose it.
            del self._gone[run_id]
            if not adopted:
                self._mine.pop(run_id, None)
                self._guard.forget(run_id)
        return settled

    def end_if_over(self, run: Run) -> bool:
        """End a run without a process that was stopped and has nothing left to save; return whether it was one."""
        over = is_over(run, unsaved=is_unsaved(self._home.run(run.run_id)))
        if over:
            self._end(run.run_id, Status.KILLED)
        return over

    def fail(self, run: Run, failure: str) -> None:
        """End a queued run that can never start."""
        _log.warning("Run %s (%s) cannot start: %s", run.run_id, run.title, failure)
        self._end(run.run_id, Status.FAILED, failure)

    def _adopt(self, run: Run, owner: Owner) -> None:
        _log.info("Run %s is still training in %s; watching it.", run.run_id, owner)
        self._executor.adopt(run.run_id, owner)
        self.take(run)

    def _end_or_requeue(self, run: Run) -> None:
        """End a run that lost its process if it was stopped, otherwise requeue it."""
        if self.end_if_over(run):
            return
        _log.info(
            "The process of run %s no longer exists; the run resumes %s.", run.run_id, kept(self._home.run(run.run_id))
        )
        requeue(self._store, run.run_id)

    def _settle(self, ended: Ended) -> bool:
        """End or requeue a run whose process has ended; return True if it is still alive elsewhere and was adopted."""
        run_id = ended.run_id
        run = self._store.get(run_id)
        if is_elsewhere(run, self._home):
            _log.warning("Run %s was taken over by another home, since this one did not report.", run_id)
            return False
        if run.status is Status.RUNNING and self._trains_on(run):
            return True
        folder = self._home.run(run_id)
        death = Death.seen(folder, ended.exit_code, reason=ended.reason, breach=self._guard.breach(run_id))
        recovery = recover(run, death)
        if recovery.status is None:
            return False
        if recovery.status.ended:
            _log.warning("Run %s: %s", run_id, recovery.failure or "it was stopped, and its process has ended.")
            self._end(run_id, recovery.status, recovery.failure, recovery.stop)
            return False
        if recovery.attempt:
            # Before the requeue, so that a crash in between cannot restart a run without end.
            note_attempt(folder, recovery.attempt)
        _log.warning("Run %s: %s The run resumes %s%s.", run_id, death.reason, kept(folder), recovery.counted)
        requeue(self._store, run_id)
        return False

    def _take_from(self, run: Run) -> None:
        """Return a silent run to the queue, or end it; do nothing if another worker does."""
        owner, where = run.owner, run.trained_in
        if owner is None or where is None:
            return
        is_others = is_elsewhere(run, self._home)
        silent = f"The home {where.name}" if is_others else f"Process {owner.pid} on {owner.host}"
        reason = f"{silent} has not reported for {LOST_SECONDS} seconds."
        folder = self._home.run(run.run_id)
        recovery = recover(run, Death(exit_code=None, reason=reason, attempts=attempts(folder)))
        if recovery.status is None or not exchange_status(
            self._store,
            run.run_id,
            Status.RUNNING,
            recovery.status,
            changes={Tag.OWNER: None, Tag.PROGRESS: None},
            only_if={Tag.OWNER: run.tags[Tag.OWNER], Tag.HOME: run.tags[Tag.HOME]},
        ):
            return
        _log.warning("Run %s: %s%s", run.run_id, reason, recovery.counted)
        if recovery.status.ended:
            self._end(run.run_id, recovery.status, recovery.failure, recovery.stop)
        else:
            note_attempt(folder, recovery.attempt)

    def _trains_on(self, run: Run) -> bool:
        """Adopt a process that lives although its forkserver reported it gone."""
        owner = run.owner
        if owner is None or owner == self._executor.own_handle() or not self._executor.is_alive(owner):
            return False
        _log.warning("Run %s continues in %s without its forkserver.", run.run_id, owner)
        self._executor.adopt(run.run_id, owner)
        return True

    def _end(self, run_id: str, status: Status, failure: str = "", stop: str | None = None) -> None:
        end_run(self._store, run_id, status, home=self._home, failure=failure, stop=stop)

    def _is_half_made(self, run_id: str) -> bool:
        """By the worker's own watch: the run's start may be of a clock that was set since."""
        now = self._clock()
        return now - self._ownerless.setdefault(run_id, now) > _HALF_MADE_SECONDS
