"""A system that cannot fork processes, such as Windows: the start methods are the seam, the processes are real."""

import logging
import multiprocessing
import sys
from types import ModuleType

import pytest

from tests.support.executor import CONFIG, queue_run
from tests.support.worker import wait_for
from trainer.commands.doctor import diagnose
from trainer.commands.options import Place
from trainer.execution import wish_standby
from trainer.execution.executors.choice import LOCAL
from trainer.execution.executors.local import context
from trainer.execution.worker.crew import opened_worker
from trainer.home import Home
from trainer.tracking import Status, Store, Tag


@pytest.fixture(autouse=True)
def _without_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    # A spawned process runs the file of `__main__` again, and Streamlit's AppTest leaves its own script there.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


def test_doctor_says_why_there_is_no_standby(home: Home, uri: str) -> None:
    (found,) = (each.told for each in diagnose(Place.of(home.path, uri)) if each.what == "Standby")
    assert found == "none; this system cannot fork processes, so every run imports TensorFlow first"


@pytest.mark.slow
def test_run_is_trained_in_a_new_process_and_no_standby_prepared(
    home: Home, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[object] = []
    opened = opened_worker(context(), LOCAL, home=home, store=store, say=lambda **fields: told.append(fields))
    with caplog.at_level(logging.INFO, logger="fitboard.worker"), opened as (worker, _):
        pass
    assert caplog.messages == [
        "This system cannot fork processes, so there is no standby and every run imports TensorFlow first."
    ]
    wish_standby(home, CONFIG)
    run_id = queue_run(store, home, CONFIG.model_copy(update={"epochs": 1}))
    wait_for(lambda: worker.look() or store.get(run_id).status.ended, "the end of the run")
    run = store.get(run_id)
    assert run.status is Status.FINISHED, run.tags.get(Tag.FAILURE)
    assert Tag.WEIGHTS in run.tags
    assert told == []
