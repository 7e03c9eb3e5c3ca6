"""A status that is only changed if it is still what was read: of many who try at once, one succeeds."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.executor import CONFIG
from trainer.execution import enqueue
from trainer.tracking import Status, Store, Tag
from trainer.tracking.write.exchange import exchange_status

WORKERS, RUNS = 6, 5


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest) -> Store:
    if request.param == "postgresql":
        found: Store = request.getfixturevalue("own_postgresql")[0]
        return found
    return request.getfixturevalue("store")  # type: ignore[no-any-return]


def _queued(store: Store) -> str:
    return enqueue(store, CONFIG, queue="team")


def test_one_of_many_who_claim_a_run_at_once_gets_it(any_store: Store) -> None:
    runs = [_queued(any_store) for _ in range(RUNS)]
    together = threading.Barrier(WORKERS)

    def claim_all(name: str) -> list[str]:
        together.wait()
        return [each for each in runs if _claims(any_store, each, name)]

    with ThreadPoolExecutor(WORKERS) as pool:
        names = [f"worker {number}" for number in range(WORKERS)]
        taken = dict(zip(names, pool.map(claim_all, names), strict=True))
    assert sorted(each for mine in taken.values() for each in mine) == sorted(runs), "each of them once"
    for name, mine in taken.items():
        assert [any_store.get(each).tags[Tag.OWNER] for each in mine] == [name] * len(mine)
    assert {any_store.get(each).status for each in runs} == {Status.RUNNING}


def _claims(store: Store, run_id: str, name: str) -> bool:
    return exchange_status(store, run_id, Status.SCHEDULED, Status.RUNNING, changes={Tag.OWNER: name})


def test_nothing_changes_where_the_run_is_another_than_was_read(any_store: Store) -> None:
    run_id = _queued(any_store)
    any_store.set_tags(run_id, {Tag.OWNER: "first", Tag.WAITS: "for memory"})
    before = any_store.get(run_id)

    def exchange(expected: Status, owner: str) -> bool:
        changes = {Tag.WAITS: None, Tag.STOP: "requested"}
        return exchange_status(any_store, run_id, expected, Status.KILLED, changes=changes, only_if={Tag.OWNER: owner})

    assert not exchange(Status.RUNNING, "first")
    assert not exchange(Status.SCHEDULED, "second")
    assert any_store.get(run_id) == before
    assert exchange(Status.SCHEDULED, "first")
    after = any_store.get(run_id)
    assert (after.status, after.tags[Tag.STOP], Tag.WAITS in after.tags) == (Status.KILLED, "requested", False)
    assert (after.end_time or 0) >= (after.start_time or 0) > 0
    any_store.delete(run_id)
    assert not exchange_status(any_store, run_id, Status.KILLED, Status.SCHEDULED, changes={})
