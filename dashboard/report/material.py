"""Everything that a report shows, read once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from dashboard.charts.thinning import thinned
from dashboard.components.comparison import labels
from dashboard.components.differences import Row, config_differences, data_row, environment_differences
from trainer.comparison import Between, Compared, Side, bases_of, compare, sides_of
from trainer.config import UNTOLD, Config, Directions, MeasuredPart, MetricName, ranked_metrics
from trainer.config.phrases import SEED
from trainer.tracking import LoggedDataset, Run, Series
from trainer.tracking.steps import by_epochs

__all__ = ["Material", "Sources", "curve_metrics", "material"]

_MOST_CHARTS = 6
# Points of all curves of one metric together, and the fewest of one curve.
_MOST_POINTS, _FEWEST = 60_000, 100
_LONGEST_CURVE = 2_000

_Curves = Mapping[str, Mapping[str, Series]]


class Sources(NamedTuple):
    """How a report reads what runs logged; the pages read through caches."""

    config: Callable[[Run], Config | None]
    datasets: Callable[[Sequence[Run]], Mapping[str, Sequence[LoggedDataset]]]
    environments: Callable[[Sequence[Run]], Mapping[str, Mapping[str, Any]]]
    curves: Callable[[Sequence[Run], Sequence[str]], _Curves]
    """Returns run id → metric → history as logged."""


class Material(NamedTuple):
    """What a report shows. `labels` and `configs` are by run id, `curves` by metric and run id.

    `side_labels` name the sides, each a config with its seeds; `points` is metric → number of logged points.
    """

    runs: tuple[Run, ...]
    labels: Mapping[str, str]
    configs: Mapping[str, Config | None]
    sides: tuple[Side, ...]
    side_labels: tuple[str, ...]
    metrics: tuple[str, ...]
    found: Compared
    differences: tuple[Row, ...]
    curves: _Curves
    points: Mapping[str, int]
    notes: str
    written_at: float


def curve_metrics(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return the most informative metrics that have curves, at most six."""
    names = ranked_metrics(name for run in runs for name in run.metrics)
    return tuple(name for name in names if MetricName.of(name).part is not MeasuredPart.TEST)[:_MOST_CHARTS]


def material(
    runs: Sequence[Run],
    metrics: Sequence[str],
    sources: Sources,
    *,
    curves: Sequence[str],
    directions: Directions = UNTOLD,
    notes: str = "",
    between: Between | None = None,
    written_at: float,
) -> Material:
    """Read and compare the runs; the first run's side is the baseline.

    Args:
        runs: at least one.
        metrics: the metrics to compare.
        sources: where to read.
        curves: the metrics to draw.
        directions: the directions in which metrics improve.
        notes: in Markdown.
        between: what compares two networks, where each side has one run.
        written_at: seconds since 1970.
    """
    logged = sources.datasets(runs)
    bases = bases_of(runs, sources.config, logged)
    sides = sides_of(runs, bases, sources.config)
    firsts = [side.first for side in sides]
    side_names = labels(firsts, sources.config, left_out=(SEED,))
    drawn = _curves(runs, sources.curves(runs, curves), curves)
    most = min(_LONGEST_CURVE, max(_FEWEST, _MOST_POINTS // len(runs)))
    return Material(
        tuple(runs),
        labels(runs, sources.config),
        {run.run_id: sources.config(run) for run in runs},
        tuple(sides),
        tuple(side_names[run.run_id] for run in firsts),
        tuple(metrics),
        compare(sides, metrics, bases=bases, directions=directions, between=between),
        _differences(runs, sources, logged),
        {name: {run_id: thinned(each, most) for run_id, each in some.items()} for name, some in drawn.items()},
        {name: sum(len(each.values) for each in some.values()) for name, some in drawn.items()},
        notes,
        written_at,
    )


def _differences(
    runs: Sequence[Run], sources: Sources, logged: Mapping[str, Sequence[LoggedDataset]]
) -> tuple[Row, ...]:
    data = data_row(runs, logged)
    environment = environment_differences(runs, sources.environments(runs))
    return (
        *config_differences(runs, sources.config).rows,
        *([data] if data else []),
        *environment.rows,
        *environment.harmless,
    )


def _curves(runs: Sequence[Run], logged: _Curves, metrics: Sequence[str]) -> dict[str, dict[str, Series]]:
    """Return metric → run id → history, by epoch where the steps are known to be epochs."""
    found: dict[str, dict[str, Series]] = {metric: {} for metric in metrics}
    for run in runs:
        for metric, history in logged.get(run.run_id, {}).items():
            if metric in found and len(history.values):
                found[metric][run.run_id] = by_epochs(run, history) or history
    return {metric: some for metric, some in found.items() if some}
