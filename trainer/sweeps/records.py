"""Read a sweep and its trials from the store: everything about a sweep is in tags of MLflow runs."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.config.search import Pruner, SweepFile, SweepSettings, load_sweep
from trainer.errors import ConfigError
from trainer.sweeps.trial import Trial, TrialState
from trainer.tracking.files import SWEEP_FILE
from trainer.tracking.filter import parse_filter
from trainer.tracking.reader import RunQuery, RunReader, pages
from trainer.tracking.run import Run, Series, Status
from trainer.tracking.tags import SWEEP_TRIAL, Tag

__all__ = [
    "NoRun",
    "as_wished",
    "course_of",
    "in_sequence",
    "is_sweep",
    "open_sweeps",
    "refuse_sweep",
    "results_of",
    "sweep_file_of",
    "sweep_runs",
    "sweep_trials",
    "sweeps",
    "trial_of",
    "trial_runs",
    "trials_with_runs",
    "trials_without_run",
]

_AT_ONCE = 1_000


def is_sweep(run: Run) -> bool:
    """Return whether the run is that of a sweep, in which its trials are nested."""
    return Tag.SWEEP_QUEUE in run.tags


def refuse_sweep(run: Run) -> None:
    """Raise ConfigError if the run is that of a sweep, which trained nothing itself."""
    if is_sweep(run):
        raise ConfigError(
            f"Run {run.short_title} is a sweep; name one of its trials, which "
            f"`fitboard sweep show {run.short_id}` lists."
        )


def sweep_file_of(reader: RunReader, run: Run) -> SweepFile:
    """Return the file of a sweep, with the settings that were changed since and the experiment that it is in.

    Raises:
        ConfigError: the run is no sweep, or of a version that this one does not know.
    """
    text: str | bytes | None = run.tags.get(Tag.SWEEP_FILE) or reader.artifact(run, SWEEP_FILE)
    if not is_sweep(run) or text is None:
        raise ConfigError(f"Run {run.short_title} is not a sweep; `fitboard sweep list` lists them.")
    sweep = as_wished(load_sweep(text, is_stored=True), run)
    return sweep.with_config(sweep.config.model_copy(update={"experiment": run.experiment}))


def as_wished(sweep: SweepFile, run: Run) -> SweepFile:
    """Return the sweep with the number of trials and the confirmation that people have asked for since it started."""
    wanted, confirm = run.tags.get(Tag.SWEEP_TRIALS, ""), run.tags.get(Tag.SWEEP_CONFIRM)
    changes = {"trials": int(wanted) if wanted.isdecimal() else sweep.settings.trials}
    plain: dict[str, Any] = {**changes, "confirm": confirm or sweep.settings.confirm}
    is_same = all(getattr(sweep.settings, name) == value for name, value in plain.items())
    return sweep if is_same else sweep.with_settings(plain, is_stored=True)


def sweeps(reader: RunReader, limit: int) -> tuple[Run, ...]:
    """Return the newest sweeps of the store."""
    query = RunQuery(filters=parse_filter(f"tags.`{Tag.SWEEP_TRIALS}` LIKE '%'"), limit=limit)
    return tuple(run for run in reader.page(query).runs if is_sweep(run))


def open_sweeps(reader: RunReader, queue: str) -> tuple[Run, ...]:
    """Return the sweeps of a queue that have not ended, newest first, at most 200."""
    live = tuple(status for status in Status if not status.ended)
    query = RunQuery(statuses=live, tags=((str(Tag.SWEEP_QUEUE), queue),), limit=200)
    return tuple(run for run in reader.page(query).runs if is_sweep(run))


def sweep_runs(reader: RunReader, sweep_id: str, statuses: tuple[Status, ...] = ()) -> tuple[Run, ...]:
    """Return the runs of a sweep that are not deleted, trials and those that confirm them, in any order."""
    query = RunQuery(tags=((str(Tag.SWEEP), sweep_id),), statuses=statuses, limit=_AT_ONCE)
    return tuple({run.run_id: run for run in pages(reader, query)}.values())


def trial_runs(reader: RunReader, sweep_id: str, statuses: tuple[Status, ...] = ()) -> tuple[Run, ...]:
    """Return the runs of a sweep's trials that are not deleted, in any order."""
    return tuple(run for run in sweep_runs(reader, sweep_id, statuses) if run.tags.get(Tag.TRIAL, "").isdecimal())


def sweep_trials(reader: RunReader, sweep: Run, settings: SweepSettings) -> list[Trial]:
    """Return all trials of a sweep in the order of their numbers."""
    return trials_with_runs(reader, sweep, settings)[0]


def trials_with_runs(reader: RunReader, sweep: Run, settings: SweepSettings) -> tuple[list[Trial], dict[str, Run]]:
    """Return all trials of a sweep in the order of their numbers, and run id → the run whose results a trial has."""
    runs, without = trial_runs(reader, sweep.run_id), trials_without_run(sweep)
    taken = {run.run_id: run for run in reader.get([each.run_id for each in without.values() if each.run_id])}
    histories = reader.histories([*(run.run_id for run in runs), *taken], settings.objective)
    own = [trial_of(run, settings, histories.get(run.run_id, {})) for run in runs]
    others = [
        each.trial(number, taken.get(each.run_id), settings, histories.get(each.run_id, {}))
        for number, each in without.items()
    ]
    return in_sequence([*own, *others]), taken | {run.run_id: run for run in runs}


def trial_of(run: Run, settings: SweepSettings, history: Mapping[str, Series]) -> Trial:
    """Return the trial of a run, given the histories of its objectives.

    With a pruner, a finished run is still undecided until the pruner has judged all of its epochs: a trial then has the
    same result whether its run heard in time that it is pruned or not.
    """
    course = course_of(settings, history)
    judged = _mapping(run.tags.get(Tag.TRIAL_JUDGED))
    at = int(judged.get("epoch", 0))
    state, results, failure = _outcome(run, settings)
    pruned = run.tags.get(Tag.TRIAL_PRUNED, "")
    if pruned.isdecimal():
        state, results, failure, at = TrialState.PRUNED, (), "", int(pruned)
    is_judged = settings.pruner is not Pruner.NONE
    if is_judged and state is TrialState.COMPLETE and at < max(course, default=0):
        state, results = TrialState.RUNNING, ()
    return Trial(
        number=int(run.tags[Tag.TRIAL]),
        state=state,
        values=_mapping(run.tags.get(Tag.TRIAL_VALUES)),
        results=results,
        course={epoch: value for epoch, value in course.items() if epoch <= at} if is_judged else course,
        judged=at,
        attrs=judged.get("attrs", {}),
        pending=tuple(_list(run.tags.get(Tag.TRIAL_PENDING))),
        run_id=run.run_id,
        failure=failure,
    )


def course_of(settings: SweepSettings, history: Mapping[str, Series]) -> dict[int, float]:
    """Return a single objective by epoch (1, 2, …); empty for several objectives."""
    series = history.get(settings.objective[0]) if len(settings.objective) == 1 else None
    return {} if series is None else dict(zip(series.steps, series.values, strict=True))


def results_of(run: Run, settings: SweepSettings) -> tuple[float, ...] | None:
    """Return the objectives of the network that a run kept; None if it did not log them all."""
    values = [run.kept_metrics.get(name) for name in settings.objective]
    return None if None in values else tuple(value for value in values if value is not None)


@dataclass(frozen=True, kw_only=True)
class NoRun:
    """A trial without a run of its own: it takes the results of an earlier run, or its values make no valid config."""

    values: Mapping[str, Any]
    run_id: str = ""
    failure: str = ""
    judged: int = 0
    pruned: bool = False
    attrs: Mapping[str, Any] | None = None
    pending: tuple[int, ...] = ()

    def dumps(self) -> str:
        """Return the text of the tag."""
        return json.dumps({name: value for name, value in vars(self).items() if value})

    def trial(self, number: int, run: Run | None, settings: SweepSettings, history: Mapping[str, Series]) -> Trial:
        """Return the trial, given the run whose results it takes."""
        results = None if run is None else results_of(run, settings)
        state = TrialState.FAILED if results is None else TrialState.PRUNED if self.pruned else TrialState.COMPLETE
        course = course_of(settings, history)
        is_judged = settings.pruner is not Pruner.NONE
        return Trial(
            number=number,
            state=state,
            values=self.values,
            results=results if results is not None and not self.pruned else (),
            course={epoch: value for epoch, value in course.items() if epoch <= self.judged} if is_judged else course,
            judged=self.judged,
            attrs=self.attrs or {},
            pending=tuple(self.pending),
            run_id=self.run_id,
            failure=self.failure or ("" if results is not None else "The run whose results it took is gone."),
            taken=bool(self.run_id),
        )


def trials_without_run(sweep: Run) -> dict[int, NoRun]:
    """Return number → trial for those that the run of the sweep itself records."""
    found = {}
    for tag, text in sweep.tags.items():
        number, fields = tag.removeprefix(SWEEP_TRIAL), _mapping(text)
        if tag.startswith(SWEEP_TRIAL) and number.isdecimal() and "values" in fields:
            known = {name: fields[name] for name in NoRun.__dataclass_fields__ if name in fields}
            found[int(number)] = NoRun(**known)
    return found


def in_sequence(trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials in the order of their numbers, with a failed one in the place of each that was deleted."""
    by_number: dict[int, Trial] = {}
    for each in trials:
        by_number.setdefault(each.number, each)
    gone = "The run of this trial was deleted."
    return [
        by_number.get(number) or Trial(number=number, state=TrialState.FAILED, failure=gone)
        for number in range(max(by_number, default=-1) + 1)
    ]


def _outcome(run: Run, settings: SweepSettings) -> tuple[TrialState, tuple[float, ...], str]:
    """Return the state, the results, and why there are none."""
    if not run.status.ended:
        return TrialState.RUNNING, (), ""
    if run.status is Status.FAILED:
        return TrialState.FAILED, (), run.tags.get(Tag.FAILURE, "The run failed; see its log.")
    if run.status is Status.KILLED:
        return TrialState.STOPPED, (), run.tags.get(Tag.FAILURE, "The run was stopped.")
    results = results_of(run, settings)
    if results is None:
        missing = [name for name in settings.objective if name not in run.kept_metrics]
        return TrialState.FAILED, (), _not_logged(missing)
    if not all(map(math.isfinite, results)):
        bad = next(name for name, value in zip(settings.objective, results, strict=True) if not math.isfinite(value))
        return TrialState.FAILED, (), f"{bad} is not a finite number at the end."
    return TrialState.COMPLETE, results, ""


def _not_logged(missing: Sequence[str]) -> str:
    names = " and ".join(missing)
    return f"The run did not log {names}, so there is nothing to compare; choose another objective."


def _mapping(text: str | None) -> dict[str, Any]:
    found = _loaded(text)
    return found if isinstance(found, dict) else {}


def _list(text: str | None) -> list[int]:
    found = _loaded(text)
    return [each for each in found if isinstance(each, int)] if isinstance(found, list) else []


def _loaded(text: str | None) -> Any:
    """Return the JSON in a tag; None for anything else, since other programs may write tags too."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return None
