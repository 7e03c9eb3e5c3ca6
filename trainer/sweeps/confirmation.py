"""Confirm the winners of a sweep: their results with fresh seeds, which did not choose them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trainer.config import Config
from trainer.config.metrics.names import MeasuredPart, MetricName
from trainer.config.search import SweepFile, SweepSettings
from trainer.errors import ConfigError
from trainer.format import counted, exact_duration
from trainer.statistics import Summary, summarize_all
from trainer.sweeps.trial import Trial, best_trials
from trainer.tracking.reader import RunQuery, RunReader
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

__all__ = ["Confirmed", "confirmations", "confirming_configs", "plan"]

_SEEDS = 2**32
_MOST = 1_000
_MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What a trial reached with fresh seeds: its runs, and the summary of each validation and test metric."""

    number: int
    wanted: int
    runs: tuple[Run, ...]
    metrics: Mapping[str, Summary]


def plan(settings: SweepSettings) -> str:
    """Return in a sentence how the winner will be confirmed; empty if a person has chosen that it will not."""
    how = settings.confirmation
    if how is None:
        most = min(_MOST_NAMED, settings.trials)
        few = f"With fewer than 10 trials, no winner is confirmed by default; --confirm {most}x5 confirms "
        return few + ("the only one." if most == 1 else f"the best {most}.") if settings.confirm is None else ""
    most = min(how.best, settings.trials)
    best = "the best trial is" if most == 1 else f"the best {most} trials are"
    seeds = counted(how.seeds, "fresh seed") + (" each" if most > 1 else "")
    told = f"After the search, {best} trained again with {seeds} ({counted(most * how.seeds, 'run')})"
    if settings.confirm is not None:
        return f"{told}."
    if settings.seconds is not None and settings.search_seconds is not None:
        told += f", within the last {exact_duration(settings.seconds - settings.search_seconds)} of the time"
    return f"{told}; --confirm no leaves that out."


def confirming_configs(sweep: SweepFile, trials: Sequence[Trial]) -> dict[int, tuple[Config, ...]]:
    """Return trial → its config with each fresh seed, for the best trials, best first; empty without `confirm`.

    Of trials with the same config only the first counts. The seeds follow that of the config.
    """
    how = sweep.settings.confirmation
    found: dict[int, tuple[Config, ...]] = {}
    groups: set[str] = set()
    for trial in best_trials(trials, sweep.settings.maximizes) if how else ():
        try:
            config = sweep.space.config_of(trial.values)
        # The tags of a trial may be of another program.
        except ConfigError:
            continue
        if how is None or len(found) == how.best:
            break
        if config.group not in groups:
            groups.add(config.group)
            seeds = ((config.seed + step) % _SEEDS for step in range(1, how.seeds + 1))
            found[trial.number] = tuple(config.model_copy(update={"seed": seed}) for seed in seeds)
    return found


def confirmations(reader: RunReader, sweep: SweepFile, trials: Sequence[Trial]) -> tuple[Confirmed, ...]:
    """Return what the best trials reached with fresh seeds so far, best trial first.

    The seed by which a trial was chosen does not count, since its value flatters it.
    """
    found = []
    for number, configs in confirming_configs(sweep, trials).items():
        digests = {config.digest for config in configs}
        query = RunQuery(statuses=(Status.FINISHED,), tags=((str(Tag.GROUP), configs[0].group),), limit=_MOST)
        runs: dict[str, Run] = {}
        for run in reader.page(query).runs:
            digest = run.tags.get(Tag.CONFIG_DIGEST, "")
            if digest in digests:
                runs.setdefault(digest, run)
        metrics = summarize_all(map(_telling, runs.values()))
        found.append(Confirmed(number=number, wanted=len(configs), runs=tuple(runs.values()), metrics=metrics))
    return tuple(found)


def _telling(run: Run) -> dict[str, float]:
    """Return the metrics on validation and test data."""
    parts = {MeasuredPart.VALIDATION, MeasuredPart.TEST}
    return {name: value for name, value in run.kept_metrics.items() if MetricName.of(name).part in parts}
