"""The sides of a comparison: each a config with its runs, one for each seed."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trainer.comparison.basis import Basis
from trainer.config import Config
from trainer.reproduce import one_a_seed
from trainer.tracking import Run, Status, Tag

__all__ = ["Side", "grouped_runs", "side_of", "sides_of"]


class Side(NamedTuple):
    """Runs of one config on the same data, one for each seed, in the order in which they were given."""

    runs: tuple[Run, ...]
    splits: tuple[int, ...] = ()
    """The `split_seed` of each run; empty where a run's is unknown or its dataset has no random split."""

    @property
    def first(self) -> Run:
        """The run whose name and color the side has."""
        return self.runs[0]

    @property
    def finished(self) -> tuple[Run, ...]:
        """The runs whose results count."""
        return tuple(run for run in self.runs if run.status is Status.FINISHED)

    def values(self, metric: str) -> dict[str, float]:
        """Return run id → value of the metric, of the model that each finished run kept."""
        return {run.run_id: run.kept_metrics[metric] for run in self.finished if metric in run.kept_metrics}


def grouped_runs(runs: Sequence[Run], bases: Mapping[str, Basis]) -> list[tuple[Run, ...]]:
    """Group runs that differ only in the seed, in the order of the first run of each group.

    Runs that trained on different data, even from a file of the same path, are apart. A run for which the data are
    unknown joins the first group that it fits.
    """
    order = {run.run_id: place for place, run in enumerate(runs)}
    members: dict[tuple[str, object], list[Run]] = {}
    for run in sorted(runs, key=lambda run: bases[run.run_id].data is None):
        group, data = run.tags.get(Tag.GROUP, run.run_id), bases[run.run_id].data
        known = next((key for key in members if key[0] == group), (group, data))
        members.setdefault(known if data is None else (group, data), []).append(run)
    parted = [tuple(runs[place] for place in sorted(order[run.run_id] for run in some)) for some in members.values()]
    return sorted(parted, key=lambda some: order[some[0].run_id])


def sides_of(runs: Sequence[Run], bases: Mapping[str, Basis], config_of: Callable[[Run], Config | None]) -> list[Side]:
    """Return the sides among runs. Of a run and its reruns only one counts, a finished one if there is any.

    Args:
        runs: what is compared.
        bases: run id → the data it trained on.
        config_of: gives a run's config; None where it has none.
    """
    return [
        side_of(one_a_seed(sorted(some, key=lambda run: run.status is not Status.FINISHED)), config_of)
        for some in grouped_runs(runs, bases)
    ]


def side_of(runs: Sequence[Run], config_of: Callable[[Run], Config | None]) -> Side:
    """Return the side of runs that belong together, one for each seed."""
    splits = [_split(config_of(run)) for run in runs]
    return Side(tuple(runs), tuple(each for each in splits if each is not None) if None not in splits else ())


def _split(config: Config | None) -> int | None:
    return None if config is None else getattr(config.dataset, "split_seed", None)
