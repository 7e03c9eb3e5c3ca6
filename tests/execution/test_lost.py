from dataclasses import replace

import pytest

from trainer.execution.process.liveness import judged_lost, silent_since
from trainer.tracking import Owner, Progress, Run, Status, Tag

NOW = 1_000_000.0
OWNER = Owner(host="elsewhere", boot="b", pid=1, started=1.0)
RUN = Run(
    run_id="a" * 32,
    name="digits",
    experiment_id="0",
    experiment="Default",
    status=Status.RUNNING,
    start_time=int(NOW - 3_600) * 1000,
    end_time=None,
    artifact_uri="",
    tags={Tag.OWNER: OWNER.dumps(), Tag.PROGRESS: Progress(time=NOW - 30).dumps()},
)


@pytest.mark.parametrize(
    ("lives", "later", "lost"),
    [(True, 0, False), (True, 3_600, False), (False, 0, True), (None, 0, False), (None, 29, False), (None, 31, True)],
)
def test_run_is_lost_whose_process_is_gone_or_not_heard_of_for_a_minute(
    lives: bool | None, later: float, lost: bool
) -> None:
    assert judged_lost(RUN, lives=lives, now=NOW + later) is lost


def test_run_that_never_said_anything_is_judged_by_its_start() -> None:
    mute = replace(RUN, tags={Tag.OWNER: OWNER.dumps()})
    assert judged_lost(mute, lives=None, now=NOW)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.RUNNING])
def test_run_that_does_not_run_is_not_lost(status: Status) -> None:
    assert not judged_lost(replace(RUN, status=status), lives=False, now=NOW)


def test_half_made_run_is_not_lost() -> None:
    assert not judged_lost(replace(RUN, tags={}), lives=False, now=NOW)


@pytest.mark.parametrize(
    ("logged", "later", "silent"),
    [(None, 301, True), (None, 299, False), (600, 899, False), (600, 901, True)],
)
def test_run_of_another_program_is_silent_five_minutes_after_its_newest_metric(
    logged: int | None, later: int, silent: bool
) -> None:
    begun = int(NOW) * 1000
    run = replace(RUN, tags={}, start_time=begun, last_metric_time=logged and begun + logged * 1000)
    since = silent_since(run, now=NOW + later)
    assert since == (NOW + (logged or 0) if silent else None)
    assert silent_since(replace(run, status=Status.FINISHED), now=NOW + later) is None


def test_run_of_ours_is_silent_a_minute_after_its_heartbeat_and_not_before_it_has_one() -> None:
    ours = {Tag.CONFIG_DIGEST: "a"}
    assert silent_since(replace(RUN, tags=ours), now=NOW + 10_000) is None
    beating = replace(RUN, tags=ours | {Tag.PROGRESS: Progress(time=NOW).dumps()})
    assert silent_since(beating, now=NOW + 59) is None
    assert silent_since(beating, now=NOW + 61) == NOW
