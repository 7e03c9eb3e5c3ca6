from typing import Any

import pytest

from trainer.tracking import Run, Series, Status
from trainer.tracking.steps import by_epochs

KERAS = {"tags": {"mlflow.autologging": "tensorflow"}}


def a_run(**fields: Any) -> Run:
    return Run(
        run_id="a", name="a", experiment_id="0", experiment="Default", status=Status.FINISHED, start_time=0, end_time=1,
        artifact_uri="", **fields,
    )  # fmt: skip


def history(*steps: int) -> Series:
    return Series(steps=steps, values=[0.5] * len(steps), times=[9] * len(steps))


@pytest.mark.parametrize(
    ("fields", "logged", "epochs"),
    [
        ({"tags": {"fitboard.config_digest": "1"}}, (1, 2, 3), (1, 2, 3)),
        (KERAS, (0, 1, 2), (1, 2, 3)),
        ({"tags": {"mlflow.autologging": "keras"}}, (0,), (1,)),
        ({"params": {"opt_name": "adam"}}, (0, 1), (1, 2)),
        ({"params": {"optimizer_name": "adam"}}, (0, 1), (1, 2)),
        (KERAS, (100, 200), None),
        (KERAS, (0, 0, 0), None),
        (KERAS, (), None),
        ({"tags": {"mlflow.autologging": "xgboost"}}, (0, 1), None),
        ({}, (0, 1), None),
    ],
)
def test_steps_are_completed_epochs_where_that_is_known(
    fields: dict[str, Any], logged: tuple[int, ...], epochs: tuple[int, ...] | None
) -> None:
    found = by_epochs(a_run(**fields), history(*logged))
    assert (found and tuple(found.steps)) == epochs
