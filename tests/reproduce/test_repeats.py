from pathlib import Path

import pytest

from tests.support.store import config_of
from tests.support.tables import table_config
from trainer.config import Config, Vary, find_recipe
from trainer.errors import ConfigError
from trainer.execution import enqueue
from trainer.home import Home
from trainer.reproduce.repeats import (
    finished_in_group,
    finished_runs,
    live_in_group,
    one_a_seed,
    refuse_unsplit,
    repeats,
)
from trainer.tracking import Status, Store, Tag


def _finished(store: Store, config: Config) -> str:
    run_id = enqueue(store, config, queue="test/0")
    store.set_status(run_id, Status.FINISHED)
    return run_id


def test_repeats_are_one_group_with_seeds_of_their_own() -> None:
    configs = repeats(config_of(seed=3), 4)
    assert [config.seed for config in configs] == [3, 4, 5, 6]
    assert len({config.digest for config in configs}) == 4
    assert {config.group for config in configs} == {config_of().group}


def test_repeats_with_splits_of_their_own_are_one_group_too() -> None:
    configs = repeats(config_of(seed=3), 3, Vary.SPLIT)
    assert [(config.seed, config.dataset.split_seed) for config in configs] == [(3, 0), (4, 1), (5, 2)]
    assert {config.group_over(Vary.SPLIT) for config in configs} == {config_of().group_over(Vary.SPLIT)}
    assert len({config.group for config in configs}) == 3
    assert config_of(units=64).group_over(Vary.SPLIT) != config_of().group_over(Vary.SPLIT)


def test_folds_are_one_group_that_the_config_of_one_fold_belongs_to() -> None:
    configs = repeats(config_of(seed=3), 4, Vary.FOLD)
    assert [(config.seed, config.dataset.folds, config.dataset.fold) for config in configs] == [  # type: ignore[attr-defined]
        (3, 4, 1), (4, 4, 2), (5, 4, 3), (6, 4, 4),
    ]  # fmt: skip
    assert len({config.group_over(Vary.FOLD) for config in configs}) == 1
    assert len({config.group for config in configs}) == 4
    assert repeats(configs[2], 4, Vary.FOLD) == configs
    assert repeats(configs[2], 3, Vary.FOLD)[0].seed == 5
    assert configs[0].group_over(Vary.FOLD) != repeats(config_of(), 5, Vary.FOLD)[0].group_over(Vary.FOLD)


def test_folds_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="Expected 2 to 100 folds, got 1"):
        repeats(config_of(), 1, Vary.FOLD)
    mnist = find_recipe("quickstart-mnist").config
    with pytest.raises(ConfigError, match="mnist has test data of its own, so it cannot have folds"):
        repeats(mnist, 5, Vary.FOLD)
    table = table_config(Path("own.csv"), split={"by": "time", "column": "when"})
    with pytest.raises(ConfigError, match="A split by time cannot have folds"):
        repeats(table, 5, Vary.FOLD)


def test_runs_of_folds_are_named_by_them_and_their_reruns_stay_in_the_group(store: Store) -> None:
    first, second = repeats(config_of(name=None), 2, Vary.FOLD)
    runs = [store.get(enqueue(store, each, queue="test/0", seeded=True, vary=Vary.FOLD)) for each in (first, second)]
    again = store.get(enqueue(store, second, queue="test/0", rerun_of=runs[1].run_id))
    seeds = store.get(enqueue(store, second, queue="test/0", rerun_of=runs[1].run_id, seeded=True))
    assert [run.name.rpartition(" · ")[2] for run in (*runs, again)] == ["seed 0, fold 1", "seed 1, fold 2", "rerun"]
    assert {run.tags[Tag.GROUP] for run in (*runs, again)} == {first.group_over(Vary.FOLD)}
    assert {run.vary for run in (*runs, again)} == {Vary.FOLD}
    assert (seeds.vary, seeds.tags[Tag.GROUP]) == (Vary.SEED, second.group)


def test_split_seeds_that_cannot_be_are_refused() -> None:
    dataset = config_of().dataset.model_copy(update={"split_seed": 2**32 - 1})
    config = config_of().model_copy(update={"dataset": dataset})
    assert len(repeats(config, 2)) == 2
    with pytest.raises(ConfigError, match="use a smaller split_seed"):
        repeats(config, 2, Vary.SPLIT)


def test_other_splits_are_refused_where_nothing_is_split(home: Home) -> None:
    refuse_unsplit(config_of().dataset, home=home)
    whole = {"validation_fraction": 0.0, "test_fraction": 0.0}
    with pytest.raises(ConfigError, match="digits is split at random"):
        refuse_unsplit(config_of().dataset.model_copy(update=whole), home=home)


def test_reruns_stay_in_a_group_whose_splits_vary(store: Store) -> None:
    first, second = repeats(config_of(name=None), 2, Vary.SPLIT)
    runs = [store.get(enqueue(store, each, queue="test/0", seeded=True, vary=Vary.SPLIT)) for each in (first, second)]
    again = store.get(enqueue(store, second, queue="test/0", rerun_of=runs[1].run_id))
    alone = store.get(enqueue(store, second, queue="test/0"))
    assert {run.tags[Tag.GROUP] for run in (*runs, again)} == {first.group_over(Vary.SPLIT)}
    assert (again.tags[Tag.VARY], alone.tags.get(Tag.VARY)) == ("split", None)
    assert alone.tags[Tag.GROUP] == second.group
    names = ["Dense 128 · Adam 0.001 · seed 0, split 0", "Dense 128 · Adam 0.001 · seed 1, split 1"]
    assert [run.name for run in runs] == names
    assert again.name == "Dense 128 · Adam 0.001 · rerun"


@pytest.mark.parametrize(("seed", "count"), [(0, 0), (0, 101), (2**32 - 2, 3)])
def test_seeds_that_cannot_be_are_refused(seed: int, count: int) -> None:
    with pytest.raises(ConfigError, match="seeds"):
        repeats(config_of(seed=seed), count)


def test_finished_runs_are_those_of_the_config_newest_first(store: Store) -> None:
    config = config_of()
    old, new = _finished(store, config), _finished(store, config)
    _finished(store, config_of(seed=1))
    enqueue(store, config, queue="test/0")
    assert {run.run_id for run in finished_runs(store.reader, config.digest)} == {old, new}
    assert len(finished_runs(store.reader, config.digest, limit=1)) == 1


def test_runs_from_before_a_file_was_written_had_other_data(store: Store) -> None:
    config = config_of()
    store.set_tags(_finished(store, config), {Tag.STARTED: "5000"})
    assert finished_runs(store.reader, config.digest, since=4.0)
    assert not finished_runs(store.reader, config.digest, since=6.0)


def test_rerun_counts_once_in_its_group(store: Store) -> None:
    for config in (*repeats(config_of(), 3), config_of(), config_of(units=64)):
        _finished(store, config)
    assert len(one_a_seed(finished_in_group(store.reader, config_of().group))) == 3


def test_live_runs_of_a_group_are_those_that_have_not_ended(store: Store) -> None:
    _finished(store, config_of(seed=1))
    waiting = enqueue(store, config_of(seed=2), queue="test/0")
    enqueue(store, config_of(units=64), queue="test/0")
    assert [run.run_id for run in live_in_group(store.reader, config_of().group)] == [waiting]
