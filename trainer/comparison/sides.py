"""The sides of a comparison: each a config with its runs, one for each seed."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from trainer.comparison.basis import Basis
from trainer.config import Config
from trainer.config.dataset import Undivided
from trainer.reproduce import one_a_seed
from trainer.tracking import Run, Status, Tag

__all__ = ["Shares", "Side", "Split", "grouped_runs", "side_of", "sides_of"]


class Shares(NamedTuple):
    """The samples of each part for every training sample, where the parts are split off at random."""

    validation: float
    test: float


class Split(NamedTuple):
    """How the data of one run are divided: the seed, and the fold that is the test part; 0 without folds."""

    seed: int
    fold: int = 0


class Side(NamedTuple):
    """Runs of one config on the same data, one for each seed, in the order in which they were given."""

    runs: tuple[Run, ...]
    splits: tuple[Split, ...] = ()
    """The split of each run; empty where a run's is unknown or its dataset has no random split."""
    shares: Shares | None = None
    """How the splits divide the samples; None where a config is unknown."""
    dataset: str = ""
    """The dataset's name, or that of its file; empty where the config is unknown."""
    method: str = ""
    """What the config has in common with the same config on another dataset: everything but the dataset, the seed and
    the number of outputs; empty where the config is unknown."""

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
    configs = [config_of(run) for run in runs]
    known = [config for config in configs if config is not None]
    if len(known) < len(configs):
        return Side(tuple(runs))
    splits = tuple(_split(config) for config in known)
    first = known[0]
    return Side(tuple(runs), splits, _shares(first), _dataset(first), _method(first))


def _split(config: Config) -> Split:
    dataset = config.dataset
    return Split(dataset.split_seed, dataset.fold if isinstance(dataset, Undivided) and dataset.folds else 0)


def _shares(config: Config) -> Shares:
    """Return the shares by the fractions of a config, or by its folds.

    Where a dataset has test samples of its own, the training sets of two splits differ by the validation samples alone,
    and so these stand for the test samples too.
    """
    folds = getattr(config.dataset, "folds", None)
    test = 1 / folds if folds else getattr(config.dataset, "test_fraction", None)
    validation = config.dataset.validation_fraction
    of_validation = validation / (1 - validation)
    return Shares(of_validation, of_validation if test is None else test / ((1 - test) * (1 - validation)))


def _dataset(config: Config) -> str:
    path = getattr(config.dataset, "path", None)
    return PurePath(str(path)).name if path else config.dataset.kind


def _method(config: Config) -> str:
    fields: dict[str, Any] = config.model_dump(mode="json", exclude={"name", "experiment", "dataset", "seed"})
    # A dataset with more classes needs more outputs.
    fields["layers"][-1].pop("units", None)
    return json.dumps(fields, sort_keys=True)
