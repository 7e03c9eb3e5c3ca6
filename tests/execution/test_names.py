"""Names of runs as they are queued."""

from tests.support.store import config_of
from trainer.execution import enqueue
from trainer.tracking import Store, Tag


def test_queued_run_without_a_name_gets_one_from_what_distinguishes_it(store: Store) -> None:
    first, second = (store.get(enqueue(store, config_of(name=None, rate=rate), queue="here")) for rate in (0.001, 0.01))
    assert (first.name, second.name) == ("Dense 128 · Adam 0.001", "lr 0.01 · Dense 128")
    assert second.tags[Tag.NAMED] == second.name
    config = config_of(name=None, rate=0.01)
    assert (second.tags[Tag.CONFIG_DIGEST], second.tags[Tag.CONFIG]) == (config.digest, config.canonical_json())


def test_queued_run_keeps_the_name_that_was_typed(store: Store) -> None:
    run = store.get(enqueue(store, config_of(name="mine"), queue="here"))
    assert run.name == "mine"
    assert Tag.NAMED not in run.tags


def test_rerun_and_repeats_get_names_of_their_own(store: Store) -> None:
    first = enqueue(store, config_of(name="mine"), queue="here")
    rerun = enqueue(store, config_of(name="mine"), queue="here", rerun_of=first)
    other = config_of(name="mine", units=64).model_copy(update={"experiment": "elsewhere"})
    variant = enqueue(store, other, queue="here", rerun_of=first)
    repeat = enqueue(store, config_of(name="mine", seed=2), queue="here", seeded=True)
    names = [store.get(run_id).name for run_id in (rerun, variant, repeat)]
    assert names == ["mine · rerun", "mine · Dense 64", "mine · seed 2"]


def test_run_beside_runs_of_other_programs_is_named(store: Store) -> None:
    store.client.create_run("0", run_name="theirs")
    enqueue(store, config_of(name=None), queue="here", rerun_of="f" * 32)
    assert [run.name for run in store.reader.recorded("Default", 1)] == ["Dense 128 · Adam 0.001"]
