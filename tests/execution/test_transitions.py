"""How a run without a process ends, and how it goes back to the queue."""

import pytest

from trainer.config import FailureKind
from trainer.execution.process.transitions import LONGEST_FAILURE, end_run, failure_tags, requeue
from trainer.home import Home
from trainer.tracking import Owner, Progress, Status, Store, Tag
from trainer.tracking.record.journal import Journal
from trainer.tracking.record.notes import ask_to_stop_here, is_asked_here
from trainer.tracking.run import Point


@pytest.fixture
def run_id(store: Store) -> str:
    owner = Owner(host="here", boot="b", pid=1, started=1.0)
    tags = {Tag.OWNER: owner.dumps(), Tag.PROGRESS: Progress(time=1.0).dumps(), Tag.QUEUE: "q"}
    run_id = store.create(config_text="", experiment="Default", name="x", tags=tags, params={})
    store.set_status(run_id, Status.RUNNING)
    return run_id


def test_failed_run_says_why_and_how_it_was_stopped(store: Store, run_id: str, home: Home) -> None:
    end_run(store, run_id, Status.FAILED, home=home, failure="x" * (LONGEST_FAILURE + 1), stop="killed")
    run = store.get(run_id)
    assert run.status is Status.FAILED
    assert run.tags[Tag.FAILURE] == "x" * 2000
    assert run.tags[Tag.STOP] == "killed"


@pytest.mark.parametrize(
    ("failure", "kind"), [("Out of memory; reduce the batch size.", "memory"), ("It failed unexpectedly.", None)]
)
def test_kind_of_a_failure_with_a_known_fix_is_recorded(
    store: Store, run_id: str, home: Home, failure: str, kind: str | None
) -> None:
    end_run(store, run_id, Status.FAILED, home=home, failure=failure)
    assert store.get(run_id).tags.get(Tag.FAILURE_KIND) == kind


def test_kind_of_the_error_precedes_that_of_its_sentence() -> None:
    assert failure_tags("Out of memory.", FailureKind.DATA)[Tag.FAILURE_KIND] == "data"


def test_run_that_ended_well_says_nothing_of_failure_or_stop(store: Store, run_id: str, home: Home) -> None:
    end_run(store, run_id, Status.FINISHED, home=home)
    assert not {Tag.FAILURE, Tag.STOP} & store.get(run_id).tags.keys()


def test_end_fails_the_model_whose_files_were_never_written(store: Store, run_id: str, home: Home) -> None:
    def models() -> list[str]:
        found = store.client.search_logged_models(["0"], filter_string=f"source_run_id = '{run_id}'")
        return sorted(str(each.status) for each in found)

    done, _ = (store.client.create_logged_model("0", "model", source_run_id=run_id) for _ in range(2))
    store.client.finalize_logged_model(done.model_id, "READY")
    assert models() == ["PENDING", "READY"]
    end_run(store, run_id, Status.FAILED, home=home)
    assert models() == ["FAILED", "READY"]


def test_end_delivers_the_journal_and_forgets_the_notes(store: Store, run_id: str, home: Home) -> None:
    folder = home.run(run_id)
    journal = Journal(folder)
    journal.append([Point("loss", 0.5, 1_000, 1)])
    journal.close()
    ask_to_stop_here(folder)
    end_run(store, run_id, Status.KILLED, home=home)
    assert store.get(run_id).metrics == {"loss": 0.5}
    assert not is_asked_here(folder)


def test_requeued_run_waits_without_owner_and_progress(store: Store, run_id: str) -> None:
    requeue(store, run_id)
    run = store.get(run_id)
    assert run.status is Status.SCHEDULED
    assert run.tags[Tag.QUEUE] == "q"
    assert not {Tag.OWNER, Tag.PROGRESS} & run.tags.keys()
