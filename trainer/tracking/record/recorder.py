"""Record a run in the store while it trains, from a separate thread, so that training never waits."""

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

from trainer.config.metrics.names import SYSTEM, TEST
from trainer.errors import FitboardError, StoreUnreachableError
from trainer.home import Home
from trainer.tracking.files import ENVIRONMENT_FILE
from trainer.tracking.record.clock import RunClock, Timetable
from trainer.tracking.record.delivery import first_points, undelivered
from trainer.tracking.record.environment import dump_environment
from trainer.tracking.record.journal import Journal, clear_backlog, note_backlog, read_journal
from trainer.tracking.record.notes import is_asked_here
from trainer.tracking.record.outbox import Outbox
from trainer.tracking.record.system import SystemMetrics
from trainer.tracking.run import Point
from trainer.tracking.tags import Owner, Progress, Tag
from trainer.tracking.write.store import Store

__all__ = ["Recorder"]

_log = logging.getLogger("fitboard.recorder")

_LEAVING_SECONDS = 0.5
# A look at a file takes microseconds, where one at the store takes milliseconds.
_HERE_SECONDS = 0.1
# Times, which differ in every run.
_TIMES = ("epoch_seconds", SYSTEM)


class _Threads(Protocol):
    @property
    def intra(self) -> int: ...
    @property
    def inter(self) -> int: ...


class _Facts(Protocol):
    """`trainer.engine.report.Facts`, which this package must not import."""

    @property
    def parameters(self) -> int: ...
    @property
    def trainable_parameters(self) -> int: ...
    @property
    def threads(self) -> _Threads: ...


class Recorder:
    """The engine's reporter, which writes everything to the journal and sends it to the store.

    Points are sent at once if none were sent within the last second, otherwise together when that second is over. Once
    a second, and at the end, the recorder writes `fitboard.progress`, which is also the heartbeat; once a second it
    reads `fitboard.stop`. If the store does not respond, it retries after 1, 2, 4, … 15 seconds.

    A point that the journal has from before an interruption is kept, and reporting it again adds no second one. Points
    of the journal that the store lacks are sent first.

    Args:
        store: the store to write to.
        run_id: the run to record.
        home: the home with the run's folder, which contains the journal.
        owner: this process; once the run's tag names another owner, nothing more is written.
        system: whether to record system metrics.
        resumed: whether training began in an earlier process, which has recorded when it started.
        stopping: whether a stop had been requested before.
        clock: monotonic seconds that determine when something is due.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        home: Home,
        *,
        owner: Owner | None = None,
        system: bool = True,
        resumed: bool = False,
        stopping: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._owner = owner
        self._clock = clock
        self._outbox = Outbox(store, run_id)
        self._folder = home.run(run_id)
        self._known = first_points(read_journal(self._folder))
        # Times continue after the journal's latest, even if the clock was set back in between.
        self._times = RunClock(earliest=max((point.time_ms for point in self._known.values()), default=0))
        self._journal = Journal(self._folder)
        self._resumed = resumed
        self._progress = Progress(time=time.time())
        self._changed = threading.Event()
        self._closing = threading.Event()
        self._stop = stopping
        self._looked_here = -math.inf
        self._leaving = False
        self._taken_over = False
        self._system = system
        if owner is not None:
            self._outbox.add(tags={str(Tag.OWNER): owner.dumps()})
        if self._known:
            self._outbox.add(task=self._deliver)
        # A daemon, so that a store that never responds cannot keep the process from ending.
        self._thread = threading.Thread(target=self._serve, name="fitboard-recorder", daemon=True)
        self._thread.start()

    def phase(self, text: str) -> None:
        """Set the current phase in words, outside training."""
        self._progress = replace(self._progress, phase=text)

    def began(self, facts: _Facts) -> None:
        """Record the start of training as params, tags and `environment.json`."""
        known: dict[str, Any] = asdict(facts)  # type: ignore[call-overload]
        tags = {str(Tag.THREADS): json.dumps(known["threads"])}
        if known.get("start_weights"):
            tags[Tag.START_WEIGHTS] = known["start_weights"]
        if not self._resumed:
            tags[Tag.STARTED] = str(self.now_ms())
        self._progress = replace(self._progress, phase="")
        self._outbox.add(
            params={"parameters": str(facts.parameters), "trainable_parameters": str(facts.trainable_parameters)},
            tags=tags,
            task=partial(self._write_environment, known),
        )
        self._changed.set()

    def progressed(self, progress: Progress) -> None:
        """Record the progress; only the latest is kept until the next heartbeat."""
        self._progress = progress

    def epoch_ended(self, epoch: int, values: Mapping[str, float], seconds: float) -> None:
        """Record a completed epoch (1, 2, …) with all its metrics."""
        self._progress = replace(self._progress, epoch=epoch, step=0, values=dict(values), epoch_seconds=seconds)
        self.log({**values, "epoch_seconds": seconds}, step=epoch)

    def stop_requested(self) -> bool:
        """Return whether a person requested a stop, or another process took over the run."""
        if not self._stop and self._clock() - self._looked_here > _HERE_SECONDS:
            self._looked_here = self._clock()
            self._stop = is_asked_here(self._folder)
        return self._stop or self._taken_over

    def leave(self) -> None:
        """Ask the training to exit with a checkpoint. Safe to call from a signal handler."""
        # A signal handler may interrupt the recorder while it holds a lock, so it must not take one.
        self._leaving = True

    def leave_requested(self) -> bool:
        """Return whether the process has been asked to exit."""
        return self._leaving

    @property
    def taken_over(self) -> bool:
        """Whether another process owns the run now, after which nothing is written."""
        return self._taken_over

    def log(self, values: Mapping[str, float], *, step: int) -> None:
        """Record metrics at a step with the current time."""
        now = self.now_ms()
        self._keep([Point(key, float(value), now, step) for key, value in values.items()])

    def now_ms(self) -> int:
        """Return the time of the record in milliseconds since 1970, unaffected by changes of the clock."""
        return self._times.now_ms()

    def tag(self, tags: Mapping[str, str]) -> None:
        """Queue tags of the run to be set."""
        self._outbox.add(tags=tags)
        self._changed.set()

    def file(self, path: str, content: bytes) -> None:
        """Queue an artifact to be written."""
        self.later(partial(self._store.log_file, self._run_id, path, content))

    def later(self, task: Callable[[], None]) -> None:
        """Run a task with the store in the recorder's thread, and retry while the store does not respond."""
        self._outbox.add(task=task)
        self._changed.set()

    def close(self, patience: float = 60.0) -> bool:
        """Send what is left within `patience` seconds, and return whether all was sent; the journal has it anyway.

        A process that was asked to exit waits for half a second at most.
        """
        patience = min(patience, _LEAVING_SECONDS) if self._leaving else patience
        self._closing.set()
        self._changed.set()
        self._thread.join(patience)
        self._journal.close()
        return self.is_done

    @property
    def is_done(self) -> bool:
        """Whether the recorder is closed and everything has reached the store, or another process owns the run."""
        return self._taken_over or not (self._outbox or self._thread.is_alive())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, points: Sequence[Point]) -> None:
        """Write points to the journal first, then to the store, except those that the journal already has."""
        new = [point for point in points if self._is_new(point)]
        if not new:
            return
        self._known |= {(point.key, point.step): point for point in new}
        try:
            self._journal.append(new)
        except OSError as error:
            _log.warning("The journal of run %s cannot be written: %s", self._run_id, error)
        self._outbox.add(points=new)
        self._changed.set()

    def _is_new(self, point: Point) -> bool:
        """Return whether to record a point: test results may change after a stop, but an epoch's values cannot."""
        known = self._known.get((point.key, point.step))
        if known is None:
            return True
        same = known.value == point.value or (known.value != known.value and point.value != point.value)
        if not same and not point.key.startswith(_TIMES):
            _log.warning("%s at step %d is %r, not %r as before.", point.key, point.step, point.value, known.value)
        return not same and point.key.startswith(TEST)

    def _deliver(self) -> None:
        missing = undelivered(self._store.reader, self._run_id, self._folder)
        if missing:
            self._store.log_metrics(self._run_id, missing)

    def _serve(self) -> None:
        timetable = Timetable(self._clock)
        measured: SystemMetrics | None = None
        while not self._taken_over:
            self._wait(timetable)
            closing = self._closing.is_set()
            try:
                if closing and measured is not None and measured.samples == 0:
                    self._keep(measured.sample(self.now_ms()))
                self._send(timetable, closing=closing)
                if self._system and not closing and timetable.system_due():
                    measured = self._measure(measured)
            except StoreUnreachableError as error:
                _log.warning("%s Run %s keeps its metrics and will retry.", error, self._run_id)
                note_backlog(self._folder, self._outbox.points)
                timetable.failed()
            # The edge of this thread: if recording fails, training continues, and the next round tries again.
            except Exception:
                _log.exception("Unexpected error while recording run %s.", self._run_id)
                timetable.failed()
            if closing and not self._outbox:
                return

    def _wait(self, timetable: Timetable) -> None:
        """Wait until a heartbeat is due, or until there is something to send and it may be sent."""
        while (pause := self._pause(timetable)) > 0:
            self._changed.wait(pause)
            self._changed.clear()

    def _pause(self, timetable: Timetable) -> float:
        points, others = self._outbox.has_points, self._outbox.has_others
        return timetable.pause(points=points, others=others, closing=self._closing.is_set())

    def _send(self, timetable: Timetable, *, closing: bool) -> None:
        had_points = self._outbox.has_points
        beating = timetable.beat_due()
        progress = replace(self._progress, time=time.time(), phase="" if closing else self._progress.phase)
        self._outbox.send({str(Tag.PROGRESS): progress.dumps()} if beating or closing else {})
        clear_backlog(self._folder)
        timetable.sent(points=had_points, beat=beating)
        if beating:
            self._listen()

    def _listen(self) -> None:
        """Read the tags that other processes wrote."""
        try:
            tags = self._store.get(self._run_id).tags
        # A FitboardError too, but one after which `_serve` has to retry.
        except StoreUnreachableError:
            raise
        except FitboardError as error:
            _log.warning("%s", error)
            return
        self._stop = self._stop or Tag.STOP in tags
        named = Owner.loads(tags.get(Tag.OWNER, ""))
        self._taken_over = self._owner is not None and named is not None and named != self._owner

    def _measure(self, measured: SystemMetrics | None) -> SystemMetrics | None:
        """Start measuring with the first call; a run that ends before its first sample gets one at its end."""
        if measured is None:
            steps = [step for key, step in list(self._known) if key.startswith(SYSTEM)]
            first_step = max(steps, default=-1) + 1
            return SystemMetrics(self._run_id, self._store.tracking_uri, first_step=first_step)
        self._keep(measured.sample(self.now_ms()))
        return measured

    def _write_environment(self, facts: Mapping[str, Any]) -> None:
        self._store.log_file(self._run_id, ENVIRONMENT_FILE, dump_environment(facts))
