"""What becomes of a run whose process has died: the one rule for the worker and the foreground."""

from dataclasses import replace

import pytest

from trainer.execution.limits import OVER_MEMORY
from trainer.execution.process.exit_status import PUT_BACK, STORE_AWAY
from trainer.execution.process.recovery import KILL, Death, Recovery, recover
from trainer.tracking import Run, Status, Tag

RUN = Run(
    run_id="a" * 32,
    name="digits",
    experiment_id="0",
    experiment="Default",
    status=Status.RUNNING,
    start_time=1,
    end_time=None,
    artifact_uri="",
)
DEATH = Death(exit_code=-9, reason="It was killed.")
STOPPED = replace(RUN, tags={Tag.STOP: "requested"})
TO_KILL = replace(RUN, tags={Tag.STOP: KILL})
TIRED = f"{DEATH.reason} The run had already been restarted 3 times."


@pytest.mark.parametrize(
    ("run", "death", "becomes"),
    [
        (RUN, DEATH, Recovery(status=Status.SCHEDULED, attempt=1)),
        (RUN, replace(DEATH, attempts=2), Recovery(status=Status.SCHEDULED, attempt=3)),
        (RUN, replace(DEATH, attempts=3), Recovery(status=Status.FAILED, failure=TIRED)),
        (RUN, replace(DEATH, exit_code=None), Recovery(status=Status.SCHEDULED, attempt=1)),
        (RUN, replace(DEATH, exit_code=STORE_AWAY, attempts=3), Recovery(status=Status.SCHEDULED)),
        (RUN, replace(DEATH, exit_code=PUT_BACK, attempts=3), Recovery(status=Status.SCHEDULED)),
        (RUN, replace(DEATH, killed=True), Recovery(status=Status.KILLED)),
        (
            RUN,
            replace(DEATH, breach="Too much."),
            Recovery(status=Status.FAILED, failure="Too much.", stop=OVER_MEMORY),
        ),
        (STOPPED, DEATH, Recovery(status=Status.KILLED)),
        (STOPPED, replace(DEATH, unsaved=True), Recovery(status=Status.SCHEDULED, attempt=1)),
        (TO_KILL, replace(DEATH, unsaved=True), Recovery(status=Status.KILLED)),
        *((replace(RUN, status=status), DEATH, Recovery(status=None)) for status in Status if status != "RUNNING"),
    ],
)
def test_run_whose_process_died_goes_on_or_ends(run: Run, death: Death, becomes: Recovery) -> None:
    assert recover(run, death) == becomes


def test_counted_attempts_are_said() -> None:
    assert Recovery(status=Status.SCHEDULED, attempt=2).counted == " (attempt 2 of 3)"
    assert Recovery(status=Status.SCHEDULED).counted == ""
