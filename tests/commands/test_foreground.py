"""What `fitboard train` draws of a run, without a training."""

import io

import pytest
from rich.console import Console

from trainer.commands import foreground
from trainer.commands.foreground import _bar, _draw
from trainer.tracking import Progress, Run, Status, Tag


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
    assert drawn.startswith("reading the data" if progress is not None and progress.phase else "Keras is loading")
    assert _last_words(monkeypatch, running, failed).strip() == ""
