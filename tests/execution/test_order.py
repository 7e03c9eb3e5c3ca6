import pytest

from trainer.config import Config, load_config
from trainer.errors import ConfigError
from trainer.execution import Move, enqueue, move, queue_name
from trainer.execution.queue.order import new_places
from trainer.home import Home
from trainer.tracking import Run, Status, Store, Tag
from trainer.tracking.read.find import in_order

CONFIG = load_config(
    "dataset: digits\nlayers: [Flatten, {layer: Dense, units: 10}]\n"
    "loss: {name: SparseCategoricalCrossentropy, from_logits: true}\n"
)


def _run(name: str, place: float, queued: int = 0) -> Run:
    return Run(
        run_id=name,
        name=name,
        experiment_id="0",
        experiment="Default",
        status=Status.SCHEDULED,
        start_time=queued,
        end_time=None,
        artifact_uri="",
        tags={Tag.PLACE: repr(place)},
    )


def _order(places: dict[str, float]) -> str:
    return "".join(run.run_id for run in in_order(tuple(_run(name, place) for name, place in places.items())))


@pytest.mark.parametrize(
    ("name", "where", "then"),
    [
        ("c", Move.FIRST, "cabd"),
        ("a", Move.FIRST, "abcd"),
        ("c", Move.UP, "acbd"),
        ("b", Move.UP, "bacd"),
        ("a", Move.UP, "abcd"),
        ("b", Move.DOWN, "acbd"),
        ("c", Move.DOWN, "abdc"),
        ("d", Move.DOWN, "abcd"),
        ("x", Move.FIRST, "abcd"),
    ],
)
def test_moved_run_changes_its_place_and_no_others(name: str, where: Move, then: str) -> None:
    places = {"a": 1.0, "b": 2.0, "c": 2.5, "d": 9.0}
    changed = new_places([_run(*each) for each in places.items()], name, where)
    assert set(changed) <= {name}
    assert _order(places | changed) == then


def test_place_before_the_first_and_behind_the_last_leaves_a_second() -> None:
    queued = [_run("a", 5_000.0), _run("b", 6_500.0)]
    assert new_places(queued, "b", Move.FIRST) == {"b": 4_000.0}
    assert new_places(queued, "a", Move.DOWN) == {"a": 7_500.0}


def test_places_without_room_between_them_are_spread() -> None:
    queued = [_run(name, 5.0) for name in "abc"]
    changed = new_places(queued, "c", Move.UP)
    assert _order(dict.fromkeys("abc", 5.0) | changed) == "acb"


def test_places_hold_out_any_number_of_moves() -> None:
    places = {name: 1_763_829_377_123.0 + index for index, name in enumerate("abc")}
    for _ in range(200):
        queued = in_order(tuple(_run(*each) for each in places.items()))
        before = [run.run_id for run in queued]
        places |= new_places(queued, before[2], Move.UP)
        assert list(_order(places)) == [before[0], before[2], before[1]]


def test_place_that_is_no_number_is_the_time_of_queueing() -> None:
    for text in ("", "nan", "inf", "first please"):
        run = _run("a", 0.0, queued=7)
        assert Run(**{**vars(run), "tags": {Tag.PLACE: text}}).place == 7.0


def _queue(store: Store, home: Home, count: int, config: Config = CONFIG) -> list[str]:
    return [enqueue(store, config, queue=queue_name(home)) for _ in range(count)]


def _ids(store: Store, queue: str) -> list[str]:
    return [run.run_id for run in store.queued(queue)]


def test_queue_is_first_in_first_out_until_a_person_moves_a_run(home: Home, store: Store) -> None:
    a, b, c = _queue(store, home, 3)
    queue = queue_name(home)
    assert _ids(store, queue) == [a, b, c]
    move(store, c, Move.FIRST, home=home)
    assert _ids(store, queue) == [c, a, b]
    (d,) = _queue(store, home, 1)
    move(store, a, Move.DOWN, home=home)
    move(store, d, Move.UP, home=home)
    assert _ids(store, queue) == [c, b, d, a]


def test_two_people_who_move_at_once_only_change_who_is_first(home: Home, store: Store) -> None:
    a, b, c = _queue(store, home, 3)
    seen = store.queued(queue_name(home))
    for run_id in (b, c):
        for each, place in new_places(seen, run_id, Move.FIRST).items():
            store.set_tags(each, {Tag.PLACE: repr(place)})
    assert _ids(store, queue_name(home)) == [b, c, a]
    move(store, c, Move.UP, home=home)
    assert _ids(store, queue_name(home)) == [c, b, a]


def test_run_of_another_hosts_queue_is_moved_there(home: Home, store: Store) -> None:
    (mine,) = _queue(store, home, 1)
    others = [enqueue(store, CONFIG, queue="elsewhere/12345678") for _ in range(2)]
    move(store, others[1], Move.FIRST, home=home)
    assert _ids(store, "elsewhere/12345678") == others[::-1]
    assert _ids(store, queue_name(home)) == [mine]


@pytest.mark.parametrize(("status", "told"), [(Status.RUNNING, "has already started"), (Status.FINISHED, "has ended")])
def test_run_that_does_not_wait_is_left_alone_with_a_sentence(
    home: Home, store: Store, status: Status, told: str
) -> None:
    _, b = _queue(store, home, 2)
    store.set_status(b, status)
    before = store.get(b).tags
    with pytest.raises(ConfigError, match=told):
        move(store, b, Move.FIRST, home=home)
    assert store.get(b).tags == before


def test_run_without_a_place_waits_since_it_was_queued(home: Home, store: Store) -> None:
    a, b, c = _queue(store, home, 3)
    store.delete_tag(b, Tag.PLACE)
    assert _ids(store, queue_name(home)) == [a, b, c]
