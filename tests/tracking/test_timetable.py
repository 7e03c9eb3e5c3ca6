"""When the recorder sends what."""

import pytest

from tests.support.hand_clock import HandClock
from trainer.tracking.record.clock import Timetable


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def timetable(clock: HandClock) -> Timetable:
    """As it is after the first heartbeat and the first points."""
    table = Timetable(clock)
    assert table.beat_due()
    assert table.pause(points=True, others=False, closing=False) == 0
    table.sent(points=True, beat=True)
    return table


def test_points_wait_until_a_second_after_the_last(timetable: Timetable, clock: HandClock) -> None:
    clock.now += 0.75
    assert timetable.pause(points=True, others=False, closing=False) == 0.25
    clock.now += 0.25
    assert timetable.pause(points=True, others=False, closing=False) == 0


def test_points_go_at_once_where_none_went_within_a_second(timetable: Timetable, clock: HandClock) -> None:
    clock.now += 5
    timetable.sent(points=False, beat=True)
    assert timetable.pause(points=False, others=False, closing=False) == 1
    assert timetable.pause(points=True, others=False, closing=False) <= 0


def test_heartbeat_is_due_once_a_second(timetable: Timetable, clock: HandClock) -> None:
    assert not timetable.beat_due()
    assert timetable.pause(points=False, others=False, closing=False) == 1
    clock.now += 1
    assert timetable.beat_due()


def test_tags_and_the_end_wait_for_nothing(timetable: Timetable) -> None:
    assert timetable.pause(points=False, others=True, closing=False) == 0
    assert timetable.pause(points=True, others=False, closing=True) <= 0


def test_files_and_records_leave_the_first_points_a_moment(clock: HandClock) -> None:
    table = Timetable(clock)
    table.sent(points=False, beat=True)
    assert table.pause(points=False, others=True, closing=False) == pytest.approx(0.4)
    assert table.pause(points=True, others=True, closing=False) == 0
    assert table.pause(points=False, others=True, closing=True) <= 0
    clock.now += 0.4
    assert table.pause(points=False, others=True, closing=False) == pytest.approx(0)


def test_store_that_is_away_is_tried_again_ever_later(timetable: Timetable, clock: HandClock) -> None:
    pauses = []
    for _ in range(6):
        timetable.failed()
        pauses.append(timetable.pause(points=True, others=True, closing=False))
        clock.now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 15, 15]
    timetable.sent(points=True, beat=True)
    timetable.failed()
    assert timetable.pause(points=True, others=True, closing=False) == 1


def test_end_tries_again_each_second(timetable: Timetable, clock: HandClock) -> None:
    for _ in range(4):
        timetable.failed()
    assert timetable.pause(points=True, others=True, closing=True) == 1


def test_machine_is_measured_every_ten_seconds(timetable: Timetable, clock: HandClock) -> None:
    assert timetable.system_due()
    clock.now += 9
    assert not timetable.system_due()
    clock.now += 1
    assert timetable.system_due()
