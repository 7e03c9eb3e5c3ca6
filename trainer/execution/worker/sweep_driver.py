"""Drive one sweep: propose and queue trials, prune them, and end the sweep. All it knows is in the store."""

import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trainer.config.search import Pruner, Sampler
from trainer.data import changed_at
from trainer.errors import ConfigError
from trainer.execution.control.stop import request_stop
from trainer.execution.control.sweep import PAUSE, STOP
from trainer.execution.limits import read_seconds
from trainer.execution.process.handover import is_elsewhere
from trainer.execution.queue.enqueue import enqueue_trial, queue_name, wake_worker
from trainer.execution.worker.sweep_confirmation import NOT_YET, confirm
from trainer.execution.worker.trial_journals import TrialJournals
from trainer.format import counted, exact_duration
from trainer.home import Home
from trainer.reproduce import finished_runs
from trainer.sweeps import Proposer, Trial, TrialState, common_failure, refuse_missing_sampler, summary_of
from trainer.sweeps.records import (
    NoRun,
    as_wished,
    course_of,
    in_sequence,
    results_of,
    sweep_file_of,
    sweep_runs,
    trial_of,
    trial_runs,
    trials_without_run,
)
from trainer.tracking.record.notes import ask_to_stop_here
from trainer.tracking.run import Run, Series, Status
from trainer.tracking.tags import SWEEP_TRIAL, Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["SweepDriver"]

_log = logging.getLogger("fitboard.worker")

# This many failures in a row, with no success before, are not bad luck.
_FAILURES = 3
# Trials without training take milliseconds; after this many, the driver listens to its wishes again.
_AT_ONCE = 20
# At most this much of a time limit is forgotten if the worker is killed.
_KEEP_SECONDS = 10.0

_History = Mapping[str, Series]
_NO_HISTORY: _History = {}


class SweepDriver:
    """The trials of one sweep, which is the run `sweep_id`.

    A new driver continues where another one was killed: the trials are read from the store, and proposals and
    decisions depend on them alone.
    """

    def __init__(
        self, store: "Store", sweep_id: str, *, home: Home, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Raise ConfigError if the run is not a sweep that this version can drive."""
        self._store, self._reader, self._home, self._clock = store, store.reader, home, clock
        self._id, self._queue = sweep_id, queue_name(home)
        run = self._run = store.get(sweep_id)
        self._sweep = sweep_file_of(self._reader, run)
        refuse_missing_sampler(self._sweep.settings.sampler or Sampler.TPE)
        self._proposer = Proposer(self._sweep)
        self._ended: dict[int, Trial] = {}
        self._live: set[str] = set()
        self._busy: set[str] = set()
        self._spent = read_seconds(run.tags.get(Tag.SPENT))
        self._kept = self._spent
        self._looked = clock()
        self._said = run.tags.get(Tag.SWEEP_SUMMARY, "")
        self._again = Tag.SWEEP_AGAIN in run.tags
        self._courses: dict[str, dict[int, float]] = {}
        self._journals = TrialJournals(home, self._sweep.settings.objective[0], clock=clock)
        self._trials_seen: list[Trial] = []
        self._confirming = NOT_YET
        self._is_new = True
        self._tolerated = 0

    def step(self) -> bool:
        """Do what is due; return whether the sweep has ended, or another home drives it.

        Raises:
            StoreError: the store does not respond; calling again later is safe.
        """
        run = self._store.get(self._id)
        # Another worker of the team took it over, since this one could not report for a minute.
        if (run.status.ended and not run.deleted) or is_elsewhere(run, self._home):
            return True
        self._sweep = as_wished(self._sweep, run)
        tolerated = run.tags.get(Tag.SWEEP_TOLERATED, "")
        self._tolerated = int(tolerated) if tolerated.isdecimal() else 0
        if self._is_new:
            self._begin(run)
        trials = self._trials_seen = self._judged(self._trials(run))
        wish = run.tags.get(Tag.SWEEP_WISH, "")
        self._spend(paused=wish == PAUSE)
        if run.deleted or wish == STOP:
            self._stop_running()
        over = self._over(run, trials, wish)
        if over is None and wish != PAUSE:
            trials = self._propose(trials)
            over = self._over(run, trials, wish)
        self._summarize(trials)
        if over is None or self._busy or any(not each.ended for each in trials):
            return False
        if over[0] is Status.FINISHED and (wish == PAUSE or not self._has_confirmed(trials)):
            return False
        self._end(run, *over)
        return True

    def foresees_pruning(self) -> bool:
        """Return whether a trial will be pruned for what its journal has since the last step; then a step is due."""
        return self._journals.any_pruned(self._trials_seen, self._proposer)

    def _has_confirmed(self, trials: Sequence[Trial]) -> bool:
        """Queue the next runs that confirm the best trials; return whether all of them have ended."""
        settings = self._sweep.settings
        # Runs that a person has asked for are trained however long they take.
        is_late = settings.confirm is None and settings.seconds is not None and self._spent >= settings.seconds
        self._confirming = confirm(
            self._store, self._run, self._sweep, trials, home=self._home, earlier=self._earlier, is_late=is_late
        )
        self._summarize(trials)
        return self._confirming.over

    def _begin(self, run: Run) -> None:
        """Remove the trial that a killed driver was creating; it is proposed again with the same values."""
        for each in sweep_runs(self._reader, self._id, (Status.RUNNING,)):
            # A worker claims a run before it sets it to RUNNING, so this one was never queued.
            if each.owner is None and Tag.STARTED not in each.tags:
                self._store.delete(each.run_id)
        if run.status is Status.SCHEDULED:
            self._store.set_status(self._id, Status.RUNNING)
            self._store.set_tags(self._id, {Tag.STARTED: str(round(time.time() * 1000))})
        self._is_new = False

    def _trials(self, sweep: Run) -> list[Trial]:
        """Return all trials; those that ended are read once, as they never change."""
        settings = self._sweep.settings
        if not self._ended:
            runs = trial_runs(self._reader, self._id)
        else:
            live = trial_runs(self._reader, self._id, (Status.SCHEDULED, Status.RUNNING))
            found = {run.run_id: run for run in live}
            gone = self._reader.get(sorted(self._live - found.keys()))
            runs = (*live, *(run for run in gone if not run.deleted))
        without = trials_without_run(sweep)
        unknown = {number: each for number, each in without.items() if number not in self._ended}
        taken = {run.run_id: run for run in self._reader.get([each.run_id for each in unknown.values() if each.run_id])}
        histories = {**self._reader.histories([*taken], settings.objective), **self._histories(runs)}
        trials = [trial_of(run, settings, histories.get(run.run_id, {})) for run in runs]
        for number, each in unknown.items():
            trials.append(each.trial(number, taken.get(each.run_id), settings, histories.get(each.run_id, {})))
        # A pruned trial has its result, but its run is still being evaluated and saved.
        self._busy = {run.run_id for run in runs if not run.status.ended}
        self._live = self._busy | {each.run_id for each in trials if not each.ended}
        self._courses = {run.run_id: course_of(settings, histories.get(run.run_id, {})) for run in runs}
        return self._remembered([each for each in trials if each.number not in self._ended])

    def _histories(self, runs: Sequence[Run]) -> Mapping[str, _History]:
        settings = self._sweep.settings
        found = self._reader.histories([run.run_id for run in runs], settings.objective)
        return found if settings.pruner is Pruner.NONE else self._journals.ahead(runs, found)

    def _remembered(self, trials: Sequence[Trial]) -> list[Trial]:
        """Return the trials with those that ended before, as the same objects."""
        whole = in_sequence([*self._ended.values(), *trials])
        self._ended = {each.number: each for each in whole if each.ended}
        return whole

    def _judged(self, trials: list[Trial]) -> list[Trial]:
        """Let the pruner decide on the epochs that it has not seen yet, trial by trial."""
        if self._sweep.settings.pruner is Pruner.NONE:
            return trials
        for trial in [each for each in trials if not each.ended]:
            course = self._courses.get(trial.run_id, {})
            if max(course, default=0) <= trial.judged:
                continue
            judged, is_pruned = self._proposer.prunes(trials, trial.number, course)
            tags: dict[str, str] = {Tag.TRIAL_JUDGED: json.dumps({"epoch": judged.judged, "attrs": dict(judged.attrs)})}
            if is_pruned:
                tags[Tag.TRIAL_PRUNED] = str(judged.judged)
                tags[Tag.STOP] = f"pruned at epoch {judged.judged}"
                _log.info("Trial %d is pruned at epoch %d.", trial.number, judged.judged)
            self._store.set_tags(trial.run_id, tags)
            run = self._store.get(trial.run_id)
            history = self._histories([run])
            trials[trial.number] = trial_of(run, self._sweep.settings, history.get(run.run_id, {}))
            if is_pruned and not run.status.ended:
                self._stop_here(trial.run_id)
                wake_worker(self._home)
        return self._remembered(trials)

    def _stop_here(self, run_id: str) -> None:
        """Tell a process of this machine, which reads the store once a second only, and a trial may take no longer."""
        folder = self._home.run(run_id)
        with contextlib.suppress(OSError):
            if folder.is_dir():
                ask_to_stop_here(folder)

    def _over(self, run: Run, trials: Sequence[Trial], wish: str) -> tuple[Status, str] | None:
        """Return how the sweep ends once no trial runs, and why in a sentence; None if it goes on."""
        settings = self._sweep.settings
        if run.deleted or wish == STOP:
            return Status.KILLED, ""
        done = [each for each in trials if each.ended]
        if self._is_hopeless(done):
            return Status.FAILED, f"The first {counted(len(done), 'trial')} failed, {common_failure(done)}"
        if settings.seconds is not None and self._spent >= (settings.search_seconds or 0):
            return Status.FINISHED, _time_is_up(settings.seconds, len(trials))
        if settings.sampler is Sampler.GRID and len(trials) >= len(self._proposer.grid):
            return Status.FINISHED, ""
        return (Status.FINISHED, "") if len(trials) >= settings.trials else None

    def _propose(self, trials: list[Trial]) -> list[Trial]:
        """Queue trials until as many are running as may be."""
        settings = self._sweep.settings
        for _ in range(_AT_ONCE):
            if len(self._busy) >= settings.jobs or self._over_now(trials):
                break
            pending = tuple(each.number for each in trials if not each.ended)
            trials = self._remembered([*trials, self._start(trials, pending)])
        return trials

    def _over_now(self, trials: Sequence[Trial]) -> bool:
        settings = self._sweep.settings
        is_grid_done = settings.sampler is Sampler.GRID and len(trials) >= len(self._proposer.grid)
        return len(trials) >= settings.trials or is_grid_done or self._is_hopeless(trials)

    def _is_hopeless(self, trials: Sequence[Trial]) -> bool:
        """Return whether all have failed, and enough of them since a person last continued the sweep."""
        is_enough = len(trials) >= _FAILURES + self._tolerated
        return is_enough and all(each.state is TrialState.FAILED for each in trials)

    def _start(self, trials: Sequence[Trial], pending: tuple[int, ...]) -> Trial:
        """Propose the next trial and queue its run, unless its result is known or it makes no valid config."""
        number, values = len(trials), self._proposer.ask(trials)
        try:
            config = self._sweep.space.config_of(values)
        except ConfigError as error:
            return self._record(number, NoRun(values=values, failure=str(error), pending=pending), None)
        if (earlier := self._earlier(config.digest)) is not None:
            return self._take(trials, NoRun(values=values, run_id=earlier.run_id, pending=pending), earlier)
        tags: dict[str, str] = {
            Tag.TRIAL: str(number),
            Tag.TRIAL_VALUES: json.dumps(values),
            **({Tag.TRIAL_PENDING: json.dumps(pending)} if pending else {}),
        }
        name = f"{self._sweep.config.name or 'sweep'} · trial {number}"
        run_id = enqueue_trial(self._store, config, sweep=self._run, queue=self._queue, name=name, tags=tags)
        wake_worker(self._home)
        self._live.add(run_id)
        self._busy.add(run_id)
        return Trial(number=number, state=TrialState.RUNNING, values=values, pending=pending, run_id=run_id)

    def _earlier(self, digest: str) -> Run | None:
        """Return a finished run of the config with all objectives: any, or with `--again` one of this sweep."""
        since = changed_at(self._sweep.config.dataset, home=self._home)
        for run in finished_runs(self._reader, digest, since=since):
            is_own = run.tags.get(Tag.SWEEP) == self._id
            if (is_own or not self._again) and results_of(run, self._sweep.settings) is not None:
                return run
        return None

    def _take(self, trials: Sequence[Trial], found: NoRun, earlier: Run) -> Trial:
        """Record that a trial has the results of an earlier run, as far as the pruner lets it."""
        settings, number = self._sweep.settings, len(trials)
        history = self._reader.histories([earlier.run_id], settings.objective).get(earlier.run_id, {})
        course = course_of(settings, history)
        if settings.pruner is not Pruner.NONE and course:
            running = Trial(number=number, state=TrialState.RUNNING, values=found.values, pending=found.pending)
            judged, is_pruned = self._proposer.prunes([*trials, running], number, course)
            found = replace(found, judged=judged.judged, pruned=is_pruned, attrs=judged.attrs)
        return self._record(number, found, earlier, history)

    def _record(self, number: int, found: NoRun, earlier: Run | None, history: _History = _NO_HISTORY) -> Trial:
        self._store.set_tags(self._id, {f"{SWEEP_TRIAL}{number}": found.dumps()})
        return found.trial(number, earlier, self._sweep.settings, history)

    def _stop_running(self) -> None:
        for run in sweep_runs(self._reader, self._id, (Status.SCHEDULED, Status.RUNNING)):
            self._busy.add(run.run_id)
            if Tag.STOP not in run.tags:
                request_stop(self._store, run, home=self._home)

    def _spend(self, *, paused: bool) -> None:
        now = self._clock()
        self._spent += 0.0 if paused else now - self._looked
        self._looked = now

    def _summarize(self, trials: Sequence[Trial]) -> None:
        """Write what a list of sweeps shows, whenever a trial has started or ended, and the time spent of a limit."""
        ended, wanted, _ = self._confirming
        told = summary_of(trials, self._sweep.settings, confirmed=ended, confirming=wanted).dumps()
        is_timed = self._sweep.settings.seconds is not None and self._spent - self._kept > _KEEP_SECONDS
        if told != self._said or is_timed:
            self._store.set_tags(self._id, {Tag.SWEEP_SUMMARY: told, Tag.SPENT: f"{self._spent:.1f}"})
            self._said, self._kept = told, self._spent

    def _end(self, run: Run, status: Status, why: str) -> None:
        if run.deleted:
            return
        self._store.set_tags(self._id, {Tag.SPENT: f"{self._spent:.1f}", **({Tag.FAILURE: why} if why else {})})
        self._store.set_status(self._id, status)
        _log.info("Sweep %s (%s) has ended: %s.%s", self._id, run.title, status.word, f" {why}" if why else "")


def _time_is_up(limit: float, trials: int) -> str:
    return f"The sweep reached its time limit of {exact_duration(limit)} after {counted(trials, 'trial')}."
