"""What `fitboard train` does with its run and draws of it, without a training."""

import io

import pytest
from rich.console import Console

from tests.support.executor import CONFIG, FakeExecutor
from trainer.commands import foreground
from trainer.commands.foreground import _bar, _draw, _Foreground
from trainer.commands.options import Place
from trainer.execution import enqueue
from trainer.execution.process.attempts import attempts
from trainer.execution.process.exit_status import PUT_BACK, STORE_AWAY
from trainer.execution.process.job import Job
from trainer.execution.queue.enqueue import foreground_queue
from trainer.home import Home
from trainer.tracking import Owner, Progress, Run, Status, Store, Tag
from trainer.tracking.record.notes import is_unsaved, note_unsaved


def _run(status: Status, progress: Progress | None) -> Run:
    tags = {} if progress is None else {str(Tag.PROGRESS): progress.dumps()}
    return Run(
        run_id="a" * 32,
        name="a",
        experiment_id="0",
        experiment="Default",
        status=status,
        start_time=1,
        end_time=None,
        artifact_uri="",
        tags=tags,
    )


def _last_words(monkeypatch: pytest.MonkeyPatch, *runs: Run) -> str:
    """What stands there when the bar is closed, as in a file: only the last state is written to one."""
    written = io.StringIO()
    monkeypatch.setattr(foreground, "Console", lambda **_: Console(file=written, width=120))
    with _bar() as (bar, task):
        for run in runs:
            _draw(bar, task, run)
    return written.getvalue()


LOADING = Progress(time=1.0)
FIRST = Progress(time=1.0, epoch=0, epochs=2, step=30, steps=36, values={"loss": 0.5})
STOPPED = Progress(time=1.0, epoch=1, epochs=5, step=12, steps=36, values={"loss": 0.25})
DONE = Progress(time=1.0, epoch=2, epochs=2, step=0, steps=36, values={"loss": 0.25, "val_loss": 0.5})
EARLY = Progress(time=1.0, epoch=7, epochs=50, values={"loss": 0.25})


@pytest.mark.parametrize(
    ("status", "progress", "words"),
    [
        (Status.RUNNING, FIRST, "epoch 1/2"),
        (Status.FINISHED, DONE, "epoch 2/2"),
        (Status.FINISHED, EARLY, "epoch 7/50"),
        (Status.KILLED, STOPPED, "epoch 2/5"),
        (Status.FAILED, STOPPED, "epoch 2/5"),
    ],
)
def test_last_line_says_how_far_the_run_came(
    monkeypatch: pytest.MonkeyPatch, status: Status, progress: Progress, words: str
) -> None:
    drawn = _last_words(monkeypatch, _run(Status.RUNNING, LOADING), _run(status, progress))
    assert drawn.startswith(f"{words} ━")
    assert "loss 0." in drawn


@pytest.mark.parametrize("progress", [None, LOADING, Progress(time=1.0, phase="reading the data")])
def test_run_that_never_trained_has_no_bar(monkeypatch: pytest.MonkeyPatch, progress: Progress | None) -> None:
    running, failed = _run(Status.RUNNING, progress), _run(Status.FAILED, progress)
    drawn = _last_words(monkeypatch, running)
    assert "epoch" not in drawn
    assert "━" not in drawn
    assert drawn.startswith("reading the data" if progress is not None and progress.phase else "loading Keras")
    assert _last_words(monkeypatch, running, failed).strip() == ""


class _Dying(FakeExecutor):
    """Its processes end at once, one after the other with these exit codes; the last one finishes the run."""

    def __init__(self, store: Store, *exit_codes: int) -> None:
        super().__init__()
        self.store, self.exit_codes = store, list(exit_codes)

    def submit(self, job: Job) -> Owner:
        handle = super().submit(job)
        if not self.exit_codes:
            self.store.set_status(job.run_id, Status.FINISHED)
        self.end(job.run_id, self.exit_codes.pop(0) if self.exit_codes else 0)
        return handle


def _train(home: Home, store: Store, *exit_codes: int, **tags: str) -> Run:
    run_id = enqueue(store, CONFIG, queue=foreground_queue(home))
    store.set_status(run_id, Status.RUNNING)
    store.set_tags(run_id, {Tag[name]: value for name, value in tags.items()})
    home.run(run_id).mkdir(parents=True)
    note_unsaved(home.run(run_id))
    job = Job(run_id=run_id, home=home.path, tracking_uri=store.tracking_uri)
    executor = _Dying(store, *exit_codes)
    place = Place(home, store.tracking_uri)
    return _Foreground(place, store, job, executor=executor, bar=lambda run: None, interrupts=[]).train()


def test_process_that_was_put_back_or_found_no_store_is_not_counted_as_dead(home: Home, store: Store) -> None:
    run = _train(home, store, *[PUT_BACK, STORE_AWAY] * 3, -9)
    assert run.status is Status.FINISHED
    assert attempts(home.run(run.run_id)) == 1


@pytest.mark.parametrize(("tags", "status"), [({}, Status.FAILED), ({"STOP": "kill"}, Status.KILLED)])
def test_run_that_ends_in_the_foreground_leaves_no_notes(
    home: Home, store: Store, tags: dict[str, str], status: Status
) -> None:
    run = _train(home, store, -9, -9, -9, -9, **tags)
    assert run.status is status
    assert not is_unsaved(home.run(run.run_id))
    assert ("restarted 3 times" in run.tags.get(Tag.FAILURE, "")) is (status is Status.FAILED)
