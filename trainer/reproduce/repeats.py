"""Repeat a training with several seeds, splits and folds, and find the repeats in the store."""

from collections.abc import Sequence

from trainer.config import Config, DatasetConfig, Vary
from trainer.config.dataset import MOST_FOLDS, Undivided
from trainer.config.splits import ColumnSplit, TimeSplit
from trainer.data import is_split
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.tracking.reader import RunQuery, RunReader
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

__all__ = [
    "MOST_REPEATS",
    "finished_in_group",
    "finished_runs",
    "live_in_group",
    "one_a_seed",
    "refuse_unsplit",
    "repeats",
]

MOST_REPEATS = 100
"""Maximum number of runs to queue at once."""
# The largest seed that a config accepts.
_LARGEST_SEED = 2**32 - 1
_MOST_IN_A_GROUP = 200


def repeats(config: Config, count: int, vary: Vary = Vary.SEED) -> tuple[Config, ...]:
    """Return `count` copies of the config with consecutive seeds, and split seeds or folds as `vary` says: one group.

    The copies of a config that has as many folds already include it, unless its seed is smaller than its fold's place.

    Raises:
        ConfigError: `count` is out of range, a seed would exceed the maximum, or the dataset cannot have folds.
    """
    if vary is Vary.FOLD:
        config = _first_fold(config, count)
    if not 1 <= count <= MOST_REPEATS:
        raise ConfigError(f"Expected 1 to {MOST_REPEATS} seeds, got {count:,}.")
    split = config.dataset.split_seed
    for field, first in (("seed", config.seed), ("split_seed", split if vary is Vary.SPLIT else 0)):
        if first + count - 1 > _LARGEST_SEED:
            raise ConfigError(
                f"{count:,} seeds starting at {first:,} exceed the maximum of {_LARGEST_SEED:,}; use a smaller {field}."
            )

    def repeat(step: int) -> Config:
        if vary is Vary.SEED:
            return config.model_copy(update={"seed": config.seed + step})
        other = {"fold": 1 + step} if vary is Vary.FOLD else {"split_seed": split + step}
        dataset = config.dataset.model_copy(update=other)
        return config.model_copy(update={"seed": config.seed + step, "dataset": dataset})

    return tuple(map(repeat, range(count)))


def _first_fold(config: Config, folds: int) -> Config:
    dataset = config.dataset
    if not 2 <= folds <= MOST_FOLDS:
        raise ConfigError(f"Expected 2 to {MOST_FOLDS} folds, got {folds:,}.")
    if not isinstance(dataset, Undivided):
        raise ConfigError(
            f"The dataset {dataset.kind} has test data of its own, so it cannot have folds; vary the seed."
        )
    split = getattr(dataset, "split", None)
    if isinstance(split, TimeSplit | ColumnSplit):
        raise ConfigError(
            f"A split by {split.kind} cannot have folds; split by random or group, or vary only the seed."
        )
    before = dataset.fold - 1 if dataset.folds == folds else 0
    first = dataset.model_copy(update={"folds": folds, "fold": 1})
    seed = config.seed - before if config.seed >= before else config.seed
    return config.model_copy(update={"dataset": first, "seed": seed})


def refuse_unsplit(dataset: DatasetConfig, *, home: Home) -> None:
    """Refuse to repeat with other splits where nothing is split at random: the runs would differ in the seed alone.

    Raises:
        ConfigError: the dataset has its own validation and test data, or holds none out.
    """
    if not is_split(dataset, home=home):
        raise ConfigError(
            f"No part of the dataset {dataset.kind} is split at random, so other split seeds give the same data; vary "
            "only the seed or, if the dataset has no validation data of its own, set validation_fraction above 0."
        )


def finished_runs(reader: RunReader, config_digest: str, *, since: float = 0.0, limit: int = 5) -> tuple[Run, ...]:
    """Return the newest FINISHED runs of exactly this config that started at `since` or later (seconds since 1970).

    `since` excludes runs from before a data file was last written: the config has only its path, not its content.
    """
    digest = (str(Tag.CONFIG_DIGEST), config_digest)
    found = reader.page(RunQuery(statuses=(Status.FINISHED,), tags=(digest,), limit=limit)).runs
    return tuple(run for run in found if (run.started_at or 0) >= 1000 * since)


def finished_in_group(reader: RunReader, group: str) -> tuple[Run, ...]:
    """Return the FINISHED runs of a group, reruns included, newest first, at most 200."""
    tag = (str(Tag.GROUP), group)
    return reader.page(RunQuery(statuses=(Status.FINISHED,), tags=(tag,), limit=_MOST_IN_A_GROUP)).runs


def live_in_group(reader: RunReader, group: str) -> tuple[Run, ...]:
    """Return the runs of a group that have not ended, newest first, at most 200."""
    live = tuple(status for status in Status if not status.ended)
    return reader.page(RunQuery(statuses=live, tags=((str(Tag.GROUP), group),), limit=_MOST_IN_A_GROUP)).runs


def one_a_seed(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the first run of each config, since a rerun adds no information."""
    by_config: dict[str, Run] = {}
    for run in runs:
        by_config.setdefault(run.tags.get(Tag.CONFIG_DIGEST, run.run_id), run)
    return tuple(by_config.values())
