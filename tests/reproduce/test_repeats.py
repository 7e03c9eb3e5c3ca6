import pytest

from tests.support.store import config_of
from trainer.config import Config
from trainer.errors import ConfigError
from trainer.execution import enqueue
from trainer.reproduce.repeats import finished_in_group, finished_runs, live_in_group, one_a_seed, repeats
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
