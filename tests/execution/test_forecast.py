import pytest

from trainer.execution.queue.forecast import Durations, Expected, forecast
from trainer.tracking import Progress, Run, Status, Tag

NOW = 1_800_000_000.0
KNOWN = Durations(by_group={"short": 10.0, "long": 100.0}, usual=30.0)
NOTHING = Durations(by_group={}, usual=None)


def _run(name: str, group: str = "short", status: Status = Status.SCHEDULED, **tags: str) -> Run:
    return Run(
        run_id=name,
        name=name,
        experiment_id="0",
        experiment="Default",
        status=status,
        start_time=0,
        end_time=None,
        artifact_uri="",
        tags={Tag.CONFIG_DIGEST: "d", Tag.GROUP: group, **{f"fitboard.{key}": value for key, value in tags.items()}},
    )


def _running(left: float | None, *, silent: float = 0.0, group: str = "short", began: float | None = None) -> Run:
    end = None if left is None else NOW + left
    progress = Progress(time=NOW - silent, epochs=5, estimated_end=end)
    started = {} if began is None else {"started": str(int((NOW - began) * 1000))}
    return _run("running", group, Status.RUNNING, progress=progress.dumps(), **started)


def _starts(queued: list[Run], running: list[Run], jobs: int | None = 1, known: Durations = KNOWN) -> list[object]:
    found = forecast(queued, running, jobs=jobs, durations=known, now=NOW)
    return [found[run.run_id].seconds for run in queued if run.run_id in found]


def test_runs_start_one_after_another_once_the_running_one_ends() -> None:
    queued = [_run("a"), _run("b", "long"), _run("c")]
    assert _starts(queued, [_running(40.0)]) == [40.0, 50.0, 150.0]


def test_with_two_places_the_one_that_is_free_first_is_taken() -> None:
    queued = [_run("a", "long"), _run("b"), _run("c")]
    assert _starts(queued, [_running(40.0)], jobs=2) == [0.0, 40.0, 50.0]


def test_more_at_work_than_there_are_places_have_to_end_first() -> None:
    assert _starts([_run("a"), _run("b")], [_running(5.0), _running(50.0), _running(20.0)], jobs=2) == [20.0, 30.0]


def test_run_of_which_nothing_is_known_is_taken_to_last_as_recent_ones_and_that_is_said() -> None:
    found = forecast([_run("a", "new"), _run("b")], [_running(40.0)], jobs=1, durations=KNOWN, now=NOW)
    assert found["a"] == Expected(ahead=0, seconds=40.0, guessed=False)
    assert found["b"] == Expected(ahead=1, seconds=70.0, guessed=True)
    assert "perhaps 1 min" in found["b"].words()


def test_start_is_unknown_where_nothing_was_ever_finished() -> None:
    assert _starts([_run("a"), _run("b")], [_running(40.0)], known=NOTHING) == [40.0, None]


def test_start_is_unknown_without_a_worker_and_behind_a_silent_run() -> None:
    assert _starts([_run("a")], [], jobs=None) == [None]
    assert _starts([_run("a")], [_running(40.0, silent=90.0)]) == [None]


@pytest.mark.parametrize(("began", "left"), [(None, 10.0), (4.0, 6.0), (60.0, 0.0)])
def test_running_run_without_an_estimate_takes_what_its_group_took(began: float | None, left: float) -> None:
    assert _starts([_run("a")], [_running(None, began=began)]) == [left]


def test_run_that_is_to_be_stopped_keeps_nobody_waiting() -> None:
    queued = [_run("a", "long", stop="requested"), _run("b")]
    assert forecast(queued, [], jobs=1, durations=KNOWN, now=NOW) == {"b": Expected(ahead=0, seconds=0.0)}


def test_run_that_is_held_back_starts_when_the_next_one_ends() -> None:
    assert _starts([_run("a", waits="waiting for memory")], [_running(40.0)], jobs=2) == [40.0]


def test_run_that_is_held_back_says_what_for_while_it_is_next() -> None:
    queued = [_run("a", waits="waiting for memory"), _run("b", waits="waiting for memory")]
    found = forecast(queued, [_running(40.0)], jobs=2, durations=KNOWN, now=NOW)
    assert found["a"].words() == "starts in about 40 s, waiting for memory"
    assert found["b"].waits == ""


def test_first_run_of_a_group_tells_how_long_the_others_take() -> None:
    running = _running(30.0, group="new", began=20.0)
    found = forecast([_run("a", "new"), _run("b", "new")], [running], jobs=1, durations=NOTHING, now=NOW)
    assert [each.seconds for each in found.values()] == [30.0, 80.0]
    assert not found["b"].guessed


def test_durations_are_medians_of_finished_runs_by_group() -> None:
    ended = [
        Run(**{**vars(_run(str(n), group, started="1000")), "status": Status.FINISHED, "end_time": 1000 + 1000 * n})
        for n, group in ((1, "a"), (2, "a"), (90, "a"), (7, "b"))
    ]
    known = Durations.of([*ended, _run("never begun")])
    assert known == Durations(by_group={"a": 2.0, "b": 7.0}, usual=4.5)
    assert Durations.of([]) == NOTHING


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (Expected(ahead=0, seconds=None), "next in the queue, start time unknown"),
        (Expected(ahead=3, seconds=None), "behind 3 runs, start time unknown"),
        (Expected(ahead=0, seconds=0.99), "starts in a moment, next in the queue"),
        (Expected(ahead=0, seconds=1.0), "starts in about 1 s, next in the queue"),
        (Expected(ahead=2, seconds=40.0, guessed=True), "starts in perhaps 40 s, behind 2 runs"),
        (Expected(ahead=0, seconds=5.0, waits="not enough memory"), "starts in about 5 s, not enough memory"),
    ],
)
def test_expected_start_in_words(expected: Expected, words: str) -> None:
    assert expected.words() == words


@pytest.mark.parametrize(("silent", "seconds"), [(60.0, 40.0), (60.5, None)])
def test_run_that_is_silent_for_more_than_a_minute_ends_nobody_knows_when(silent: float, seconds: float | None) -> None:
    assert _starts([_run("a")], [_running(40.0, silent=silent)]) == [seconds]
