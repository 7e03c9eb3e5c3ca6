"""What is said of runs side by side: their names, their results, and where their configs differ."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dashboard.charts.finite import is_finite
from dashboard.components.format import number, percent
from dashboard.components.run_label import run_title
from trainer.config import Config, MetricName, ranked_metrics
from trainer.config.differences import differences
from trainer.statistics import Summary, summarize
from trainer.tracking import Run, Status

__all__ = [
    "MOST_COMPARED",
    "Differences",
    "Result",
    "config_differences",
    "group_results",
    "labels",
    "results",
    "signed",
]

_SHORTEST_ID = 4
_NOT_COMPARED = ("layers",)
"""Of the params, what the others tell better."""

MOST_COMPARED = 50
"""More curves than that cannot be told apart."""


class Result(NamedTuple):
    """One run's value of one metric beside the first run's. `better` is None where that cannot be said."""

    value: float | None
    delta: float | None
    percent: float | None
    better: bool | None
    best: bool


class Differences(NamedTuple):
    """The fields that are not the same in all runs: a path and each run's value in words.

    `of_params` tells that logged params were compared, since a run has no config.
    """

    rows: tuple[tuple[str, tuple[str, ...]], ...]
    of_params: bool


def labels(runs: Sequence[Run]) -> dict[str, str]:
    """Run id → name; the beginning of the id behind it where another run has the same name."""
    names = Counter(run_title(run) for run in runs)
    length = _SHORTEST_ID
    while len({run.run_id[:length] for run in runs}) < len({run.run_id for run in runs}):
        length += 1
    return {
        run.run_id: run_title(run) if names[run_title(run)] == 1 else f"{run_title(run)} · {run.run_id[:length]}"
        for run in runs
    }


def results(runs: Sequence[Run], awaited: Iterable[str] = ()) -> dict[str, tuple[Result, ...]]:
    """Metric → one result a run, the most telling metric first; differences are against the first run.

    `awaited` metrics have their row before a run has them.
    """
    table = {}
    for name in ranked_metrics({name for run in runs for name in run.metrics} | set(awaited)):
        values = {run.run_id: run.metrics[name] for run in runs if name in run.metrics}
        top = _best(values, name)
        reference = values.get(runs[0].run_id)
        table[name] = tuple(
            _result(name, values.get(run.run_id), None if run is runs[0] else reference, best=run.run_id in top)
            for run in runs
        )
    return table


def group_results(
    groups: Sequence[Sequence[Run]], awaited: Iterable[str] = ()
) -> dict[str, tuple[Summary | None, ...]]:
    """Metric → a summary for each group over its finished runs, None where none has the metric; as `results` else."""
    finished = [[run for run in group if run.status is Status.FINISHED] for group in groups]
    names = {name for group in finished for run in group for name in run.metrics} | set(awaited)
    return {
        name: tuple(summarize(run.metrics[name] for run in group if name in run.metrics) for group in finished)
        for name in ranked_metrics(names)
    }


def _best(values: Mapping[str, float], name: str) -> set[str]:
    """The keys of the best values; none where no direction is known or all are the same."""
    direction = MetricName.of(name).higher_is_better
    comparable = {key: value for key, value in values.items() if value == value}
    if direction is None or len(set(comparable.values())) < 2:
        return set()
    top = max(comparable.values()) if direction else min(comparable.values())
    return {key for key, value in comparable.items() if value == top}


def _result(name: str, value: float | None, reference: float | None, *, best: bool) -> Result:
    if value is None or reference is None or not (is_finite(value) and is_finite(reference)):
        return Result(value, None, None, None, best)
    delta = value - reference
    direction = MetricName.of(name).higher_is_better
    better = None if direction is None or not delta else (delta > 0) is direction
    return Result(value, delta, 100 * delta / abs(reference) if reference else None, better, best)


def signed(result: Result) -> str:
    """The difference in words: `+0.0121 (+1.3 %)`; nothing where there is none to tell."""
    if result.delta is None:
        return ""
    sign = "+" if result.delta > 0 else "±" if result.delta == 0 else ""
    words = f"{sign}{number(result.delta, 3)}"
    if result.percent is None:
        return words
    share = percent(result.percent / 100, signed=True) if result.percent else "0 %"
    return f"{words} ({share})"


def config_differences(
    runs: Sequence[Run], config_of: Callable[[Run], Config | None], *, left_out: Collection[str] = ()
) -> Differences:
    """Where the configs differ, or where the params do if one of the runs has no config; but in `left_out`."""
    configs = [config_of(run) for run in runs]
    known = [config for config in configs if config is not None]
    is_known = len(known) == len(configs)
    if is_known:
        rows = [(path, tuple(_words(value) for value in values)) for path, values in differences(known)]
    else:
        rows = _param_differences([run.params for run in runs])
    return Differences(tuple(row for row in rows if row[0] not in left_out), not is_known)


def _param_differences(params: Sequence[Mapping[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    names = dict.fromkeys(name for one in params for name in one if name not in _NOT_COMPARED)
    rows = [(name, tuple(one.get(name, "–") for one in params)) for name in names]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def _words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " × ".join(map(str, value)) if isinstance(value, tuple) else str(value)
