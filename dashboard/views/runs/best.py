"""The best value of each metric among the comparable runs on the page."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trainer.comparison.basis import Basis
from trainer.config import Directions, MetricName
from trainer.format import is_finite
from trainer.tracking import MetricValue, Reading, Run, Status

__all__ = ["Best", "best_values"]


_NOTHING_READ: Mapping[str, Mapping[str, float]] = {}


class Best(NamedTuple):
    """A run with the best value of a metric, and the number of finished runs with the same data."""

    run_id: str
    metric: str
    among: int


def best_values(
    runs: Sequence[Run],
    metrics: Sequence[str],
    bases: Mapping[str, Basis],
    directions: Directions,
    read: Mapping[str, Mapping[str, float]] = _NOTHING_READ,
) -> list[Best]:
    """Return the best values, one per dataset among the runs; equal values are all best.

    Only finished runs count, with the values of the weights that they kept. Runs with unknown data, or for a loss with
    an unknown loss function, are left out, as are metrics of unknown direction.

    Args:
        runs: the runs on the page.
        metrics: names or values of metrics: `val_loss`, `val_loss@best`.
        bases: run id → what its results were measured with.
        directions: the directions in which metrics improve.
        read: run id → value in `metrics` → number, of those that are read from histories.
    """
    finished = [run for run in runs if run.status is Status.FINISHED]
    return [
        best
        for metric in metrics
        if (higher := directions.higher_is_better(MetricValue.parse(metric).metric)) is not None
        for values in _comparable(finished, metric, bases, read).values()
        for best in _top(metric, values, higher=higher)
    ]


def _comparable(
    runs: Sequence[Run], metric: str, bases: Mapping[str, Basis], read: Mapping[str, Mapping[str, float]]
) -> dict[object, dict[str, float]]:
    """Return run id → value for each set of runs whose values can be compared."""
    wanted = MetricValue.parse(metric, bare=Reading.KEPT)
    is_loss = MetricName.of(wanted.metric).base.lower() == "loss"
    found: dict[object, dict[str, float]] = {}
    for run in runs:
        basis = bases.get(run.run_id)
        value = read.get(run.run_id, {}).get(metric) if wanted.histories else wanted.of_run(run)
        is_known = basis is not None and basis.data is not None and not (is_loss and basis.loss is None)
        if basis is not None and is_known and value is not None and is_finite(value):
            key = (basis.program, basis.data, basis.loss if is_loss else None)
            found.setdefault(key, {})[run.run_id] = value
    return found


def _top(metric: str, values: Mapping[str, float], *, higher: bool) -> list[Best]:
    # A value that all runs share distinguishes none.
    if len(set(values.values())) < 2:
        return []
    top = max(values.values()) if higher else min(values.values())
    return [Best(run_id, metric, len(values)) for run_id, value in values.items() if value == top]
