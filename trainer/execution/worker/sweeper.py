"""Drive the sweeps of a home's queue, in a thread of the worker beside its own loop."""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trainer.errors import ConfigError, RunNotFoundError, StoreError, StoreUnreachableError
from trainer.execution.process.handover import is_elsewhere, trained_in
from trainer.execution.queue.enqueue import queue_name
from trainer.execution.queue.team import team_queue
from trainer.execution.worker.changes import LOOK_SECONDS, QueueChanges
from trainer.execution.worker.silence import Silence
from trainer.execution.worker.sweep_driver import SweepDriver
from trainer.home import Home
from trainer.sweeps.records import open_sweeps
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag
from trainer.tracking.write.exchange import exchange_status

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["Sweeper"]

_log = logging.getLogger("fitboard.worker")

_TICK_SECONDS = 0.05
# Often enough for the other workers of a team, which take a sweep over after a minute.
_BEAT_SECONDS = 15.0


class Sweeper:
    """Keeps the open sweeps of one queue going. Optuna is imported with the first one.

    Of a team's queue, each sweep is driven by one home; another takes it over once that one has been silent for a
    minute.
    """

    def __init__(
        self, store: "Store", *, home: Home, tracking_uri: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._home, self._clock = store, home, clock
        self._changes = QueueChanges(home, tracking_uri)
        self._silence = Silence(clock)
        self._drivers: dict[str, SweepDriver] = {}
        self._beaten: dict[str, float] = {}

    def serve(self, stopping: Callable[[], bool], wait: Callable[[float], object]) -> None:
        """Work until `stopping` returns True; `wait` pauses for some seconds."""
        reachable = True
        while not stopping():
            pause = _TICK_SECONDS
            try:
                if self._changes.is_due() or any(each.foresees_pruning() for each in self._drivers.values()):
                    self.look()
                reachable = True
            except StoreUnreachableError as error:
                if reachable:
                    _log.warning("%s Sweeps continue once the store responds.", error)
                reachable, pause = False, LOOK_SECONDS
            except StoreError as error:
                _log.warning("%s", error)
                pause = LOOK_SECONDS
            wait(pause)

    def look(self) -> None:
        """Do one step of each open sweep."""
        opened = open_sweeps(self._store.reader, queue_name(self._home))
        if team_queue():
            self._return_silent(opened)
        for run in opened:
            if run.run_id not in self._drivers and self._is_ours(run):
                self._take(run)
        for sweep_id, driver in list(self._drivers.items()):
            # One that was deleted is no longer open, but its trials may still be running.
            if self._step(sweep_id, driver):
                del self._drivers[sweep_id]

    def _return_silent(self, opened: Sequence[Run]) -> None:
        """Return the sweeps whose homes do not report to the queue, where the next look of any worker takes them."""
        driven = [run for run in opened if run.status is Status.RUNNING and is_elsewhere(run, self._home)]
        for run in self._silence.look(driven):
            only_if: dict[str, str] = {Tag.HOME: run.tags[Tag.HOME]}
            nobody: dict[str, str | None] = {Tag.HOME: None}
            if exchange_status(
                self._store, run.run_id, Status.RUNNING, Status.SCHEDULED, changes=nobody, only_if=only_if
            ):
                where = "" if run.trained_in is None else run.trained_in.name
                _log.warning("Sweep %s returns to the queue: its home %s does not report.", run.run_id, where)

    def _is_ours(self, run: Run) -> bool:
        """Return whether to drive a sweep; one of a team's queue is claimed, so that no other worker drives it too."""
        if not team_queue() or run.status is not Status.SCHEDULED:
            return not is_elsewhere(run, self._home)
        now = str(round(time.time() * 1000))
        claim: dict[str, str | None] = {Tag.HOME: trained_in(self._home).dumps(), Tag.STARTED: now}
        return exchange_status(self._store, run.run_id, Status.SCHEDULED, Status.RUNNING, changes=claim)

    def _step(self, sweep_id: str, driver: SweepDriver) -> bool:
        """Do one step of a sweep; return whether it has ended."""
        try:
            is_over = driver.step()
            if not is_over and team_queue():
                self._report(sweep_id)
            return is_over
        except RunNotFoundError:
            return True
        except ConfigError as error:
            self._fail(sweep_id, error)
            return True
        except StoreError:
            # It may have been creating a trial; a new driver removes what is half made, as after a kill.
            del self._drivers[sweep_id]
            raise

    def _report(self, sweep_id: str) -> None:
        """Let the other workers of the team know that this one drives the sweep; a paused one has no other news."""
        now = self._clock()
        if now - self._beaten.get(sweep_id, -math.inf) >= _BEAT_SECONDS:
            # In nanoseconds, since others hear a report only by a value that has changed.
            self._store.set_tags(sweep_id, {Tag.SWEEP_BEAT: str(time.time_ns())})
            self._beaten[sweep_id] = now

    def _take(self, run: Run) -> None:
        try:
            self._drivers[run.run_id] = SweepDriver(self._store, run.run_id, home=self._home)
        except ConfigError as error:
            self._fail(run.run_id, error)
            return
        _log.info("Sweep %s (%s) is running.", run.run_id, run.title)

    def _fail(self, sweep_id: str, error: ConfigError) -> None:
        _log.warning("Sweep %s: %s", sweep_id, error)
        self._store.set_tags(sweep_id, {Tag.FAILURE: str(error)})
        self._store.set_status(sweep_id, Status.FAILED)

    def start(self, stopping: threading.Event) -> threading.Thread:
        """Serve in a thread until the event is set."""
        thread = threading.Thread(target=self.serve, args=(stopping.is_set, stopping.wait), name="sweeper", daemon=True)
        thread.start()
        return thread
