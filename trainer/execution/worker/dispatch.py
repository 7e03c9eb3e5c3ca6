"""The worker: takes the queued runs of one home, or of its team, from the store and executes them."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from trainer.errors import RunNotFoundError, StoreError, StoreUnreachableError
from trainer.execution.executors.base import Executor
from trainer.execution.limits import Limits
from trainer.execution.process.attempts import attempts, has_checkpoint, kept
from trainer.execution.process.handover import bring_checkpoint, trained_in
from trainer.execution.process.job import Job
from trainer.execution.queue.enqueue import queue_name
from trainer.execution.worker.admission import Admission, Admits
from trainer.execution.worker.caretaker import Caretaker
from trainer.execution.worker.changes import LOOK_SECONDS, QueueChanges
from trainer.execution.worker.memory_guard import MemoryGuard
from trainer.execution.worker.put_back import put_back
from trainer.execution.worker.shared_checkpoints import SharedCheckpoints
from trainer.execution.worker.standby import Standby
from trainer.home import Home
from trainer.reproduce import recorded_threads
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag
from trainer.tracking.write.exchange import exchange_status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["Worker"]

_log = logging.getLogger("fitboard.worker")

_TICK_SECONDS = 0.03


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
        admission: Admits | None = None,
        guard: MemoryGuard | None = None,
        standby: Standby | None = None,
        report: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tracking_uri` is the address that training processes open for themselves.

        `standby` manages the idle process of the executor; None if it has none. `report` is called in every turn.
        """
        self._home = home
        self._tracking_uri = tracking_uri
        self._store = store
        self._executor = executor
        self._jobs = jobs
        self._admission = admission or Admission(home, executor)
        self._standby = standby
        self._report = report
        self._queue = queue_name(home)
        self._changes = QueueChanges(home, tracking_uri, clock=clock)
        self._checkpoints = SharedCheckpoints(store, home, clock=clock)
        self._reachable = True
        self.caretaker = Caretaker(store, executor, home=home, guard=guard, clock=clock)

    def serve(self, stopping: Callable[[], bool]) -> None:
        """Work until `stopping` returns True, then return the running runs to the queue."""
        while not stopping():
            self.safely(self._turn)
            time.sleep(_TICK_SECONDS)
        self.safely(self.put_back)

    def look(self) -> None:
        """Do one turn, and check the queue whether or not it is time."""
        self._changes.expect()
        self._turn()

    def put_back(self) -> None:
        """End all processes and return their runs to the queue."""
        if self._standby is not None:
            self._standby.release()
        shared = self._checkpoints.keep
        put_back(self._store, self._executor, self.caretaker.in_charge_of, home=self._home, ended=shared)

    def safely(self, step: Callable[[], None]) -> None:
        """Do a step; log an error of the store and pause, so that the worker survives it."""
        try:
            step()
        except StoreUnreachableError as error:
            if self._reachable:
                _log.warning("%s New runs start once the store responds; running runs continue.", error)
            self._reachable = False
            time.sleep(LOOK_SECONDS)
            return
        except (StoreError, RunNotFoundError) as error:
            _log.warning("%s", error)
            time.sleep(LOOK_SECONDS)
            return
        if not self._reachable:
            _log.info("The store responds again.")
        self._reachable = True

    def _turn(self) -> None:
        self.caretaker.kill_greedy()
        self.caretaker.adopt_running()
        if self.caretaker.settle_ended():
            self._changes.expect()
        if self._changes.is_due():
            self.caretaker.take_over_left_behind()
            self.caretaker.look_after_running()
            self._checkpoints.tend(self.caretaker.in_charge_of)
            self._take_queued()
        self._report()
        if self._standby is not None:
            self._standby.tend(self._jobs - len(self.caretaker.in_charge_of))

    def _take_queued(self) -> None:
        free = self._jobs - len(self.caretaker.in_charge_of)
        queued = self._store.queued(self._queue)
        self._admission.look_forward(queued[: self._jobs] if self._jobs > 1 else ())
        for run in queued:
            if not self.caretaker.end_if_over(run) and free > 0:
                free = self._left(run, free)

    def _left(self, run: Run, free: int) -> int:
        """Start the run if there is a place for it, and return how many of the free places are left for others.

        Where another worker has it, it takes no place.
        """
        standby = self._standby
        job = self._job(run) if standby is not None else None
        # A standby that takes the run has its share of the memory already; for any other run it gives it back.
        held = standby.memory if standby is not None and job is not None and standby.suits(job) else 0
        decision = self._admission.decide(run, self.caretaker.in_charge_of, held=held)
        if decision.starts:
            return free - 1 if self._has_started(run, job or self._job(run)) else free
        if decision.refusal:
            self.caretaker.fail(run, decision.refusal)
        elif not decision.waits or (standby is not None and standby.release()):
            self._changes.expect()
        elif self._admission.is_news(run, decision):
            _log.info("Run %s (%s) %s.", run.run_id, run.title, decision.waits)
            self._store.set_tags(run.run_id, {Tag.WAITS: decision.waits})
        return decision.left(free)

    def _job(self, run: Run) -> Job:
        folder = self._home.run(run.run_id)
        is_new = Tag.STARTED not in run.tags and not has_checkpoint(folder) and not attempts(folder)
        return Job(
            run_id=run.run_id,
            home=self._home.path,
            tracking_uri=self._tracking_uri,
            config=run.tags.get(Tag.CONFIG),
            runs_at_once=self._jobs,
            threads=recorded_threads(self._store.reader, run),
            may_share=is_new and Limits.of(run).memory is None,
        )

    def _has_started(self, run: Run, job: Job) -> bool:
        """Claim the run in the worker's own name and start it; return False if another worker was faster.

        Whoever finds it later knows by the claim that it was queued completely.
        """
        # Before the claim, since storage that does not respond must not leave a run claimed that nobody starts.
        bring_checkpoint(self._store, run, home=self._home)
        claim: dict[str, str | None] = {
            Tag.OWNER: self._executor.own_handle().dumps(),
            Tag.HOME: trained_in(self._home).dumps(),
            Tag.WAITS: None,
        }
        if not exchange_status(self._store, run.run_id, Status.SCHEDULED, Status.RUNNING, changes=claim):
            _log.info("Run %s (%s) was changed or taken by another process.", run.run_id, run.title)
            self._changes.expect()
            return False
        owner = self._executor.submit(job)
        self.caretaker.take(run)
        folder = self._home.run(run.run_id)
        from_where = f" {kept(folder)}" if has_checkpoint(folder) else ""
        _log.info("Run %s (%s) is training in %s%s.", run.run_id, run.title, owner, from_where)
        self._store.set_tags(run.run_id, {Tag.OWNER: owner.dumps()})
        return True
