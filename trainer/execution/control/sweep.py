"""Start, pause, continue, stop and extend sweeps: tags on the run of the sweep, which the worker reads."""

from dataclasses import replace
from typing import TYPE_CHECKING

from trainer.config.search import Sampler, SweepFile
from trainer.errors import ConfigError
from trainer.execution.control.stop import request_stop
from trainer.execution.queue.enqueue import queue_name, wake_worker, worker_alive
from trainer.home import Home
from trainer.sweeps import Summary, refuse_missing_sampler
from trainer.sweeps.records import is_sweep, sweep_file_of, sweep_runs
from trainer.tracking.files import SWEEP_FILE
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["PAUSE", "STOP", "add_trials", "confirm_sweep", "continue_sweep", "pause_sweep", "start_sweep", "stop_sweep"]

PAUSE, STOP = "pause", "stop"
"""The values of `fitboard.sweep.wish`: start no further trials; stop the running ones too and end the sweep."""
# MLflow silently truncates longer tags.
_LONGEST_TAG = 8_000
_MOST_TRIALS = 100_000


def start_sweep(store: "Store", sweep: SweepFile, *, home: Home, again: bool = False, user: str | None = None) -> str:
    """Hand a sweep to the worker of a home and return the id of its run, in which its trials will be nested.

    With `again`, configs that have already finished are trained again. `user` is to whom the sweep and all of its runs
    belong, by default the user of this process.

    Raises:
        ConfigError: its sampler needs a package that is not installed.
        StoreError: the store refuses it or does not respond; nothing is queued then.
    """
    refuse_missing_sampler(sweep.settings.sampler or Sampler.TPE)
    text = sweep.dump()
    tags: dict[str, str] = {
        Tag.SWEEP_TRIALS: str(sweep.settings.trials),
        Tag.SWEEP_QUEUE: queue_name(home),
        **({Tag.SWEEP_FILE: text} if len(text) <= _LONGEST_TAG else {}),
        **({Tag.SWEEP_AGAIN: "true"} if again else {}),
    }
    name = f"{sweep.config.name or 'unnamed'} · sweep"
    sweep_id = store.create_parent(
        experiment=sweep.config.experiment, name=name, tags=tags, files={SWEEP_FILE: text}, user=user
    )
    store.set_status(sweep_id, Status.SCHEDULED)
    wake_worker(home)
    return sweep_id


def pause_sweep(store: "Store", run: Run, *, home: Home) -> None:
    """Start no further trials; running ones finish. Raises ConfigError if the run is no sweep, or has ended."""
    _refuse_other(run)
    _refuse_ended(run)
    store.set_tags(run.run_id, {Tag.SWEEP_WISH: PAUSE})
    wake_worker(home)


def continue_sweep(store: "Store", run: Run, *, home: Home) -> None:
    """Continue a sweep that was paused or stopped, or that failed. Raises ConfigError if nothing is left to do."""
    _refuse_other(run)
    if run.status is Status.FINISHED:
        raise ConfigError(f"Sweep {run.short_title} has finished; add trials with `fitboard sweep add`.")
    _reopen(store, run, home)


def stop_sweep(store: "Store", run: Run, *, home: Home) -> None:
    """Stop the running trials, which are evaluated and saved, and end the sweep.

    Without a worker it is ended here. Raises ConfigError if the run is no sweep, or has ended.
    """
    _refuse_other(run)
    _refuse_ended(run)
    store.set_tags(run.run_id, {Tag.SWEEP_WISH: STOP})
    if not worker_alive(home):
        for trial in sweep_runs(store.reader, run.run_id, (Status.SCHEDULED, Status.RUNNING)):
            request_stop(store, trial, home=home)
        store.set_status(run.run_id, Status.KILLED)
    wake_worker(home)


def add_trials(store: "Store", run: Run, count: int, *, home: Home) -> int:
    """Add trials to a sweep, which continues if it has ended; return how many it has then.

    Raises:
        ConfigError: the run is no sweep, or would have too many trials.
    """
    _refuse_other(run)
    sweep = sweep_file_of(store.reader, run)
    wanted = sweep.settings.trials + count
    if count < 1 or wanted > _MOST_TRIALS:
        raise ConfigError(f"Expected 1 trial or more, and at most {_MOST_TRIALS:,} in all; got {count:,}.")
    store.set_tags(run.run_id, {Tag.SWEEP_TRIALS: str(wanted)})
    _reopen(store, run, home)
    return wanted


def confirm_sweep(store: "Store", run: Run, how: str, *, home: Home) -> None:
    """Train the best trials again with fresh seeds, such as `3x5`; a sweep that has ended continues for that.

    One that was stopped continues with that alone, without further trials. `no` leaves the confirmation out.

    Raises:
        ConfigError: the run is no sweep, has no trial to confirm, or `how` is not valid.
    """
    _refuse_other(run)
    settings = sweep_file_of(store.reader, run).with_settings({"confirm": how}).settings
    summary = Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, ""))
    if settings.confirmation is not None and run.status.ended and summary.best is None:
        raise ConfigError(f"Sweep {run.short_title} has no complete trial to confirm.")
    store.set_tags(run.run_id, {Tag.SWEEP_CONFIRM: how})
    if run.status is Status.KILLED:
        store.set_tags(run.run_id, {Tag.SWEEP_TRIALS: str(summary.trials)})
    if settings.confirmation is not None:
        _reopen(store, run, home)
        return
    if run.status.ended:
        # Else the summary would still want these runs; while the sweep is live, its worker writes it.
        told = replace(summary, confirmed=0, confirming=0).dumps()
        store.set_tags(run.run_id, {Tag.SWEEP_SUMMARY: told})
    wake_worker(home)


def _reopen(store: "Store", run: Run, home: Home) -> None:
    if run.status is Status.FAILED:
        # Else it would end at once, as its trials have failed.
        known = Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, ""))
        store.set_tags(run.run_id, {Tag.SWEEP_TOLERATED: str(known.failed)})
    for tag in (Tag.SWEEP_WISH, Tag.FAILURE):
        store.delete_tag(run.run_id, tag)
    if run.status.ended:
        store.set_status(run.run_id, Status.SCHEDULED)
    wake_worker(home)


def _refuse_other(run: Run) -> None:
    if not is_sweep(run):
        raise ConfigError(f"Run {run.short_title} is not a sweep; `fitboard sweep list` lists them.")
    if run.deleted:
        raise ConfigError(f"Sweep {run.short_title} is deleted; `fitboard restore {run.short_id}` restores it.")


def _refuse_ended(run: Run) -> None:
    if run.status.ended:
        raise ConfigError(f"Sweep {run.short_title} has already ended ({run.status.word}).")
