import dataclasses

import pytest

from dashboard.components.status import look, progress_words
from trainer.execution import Expected
from trainer.execution.process.identity import owner_of
from trainer.format import clock
from trainer.tracking import Owner, Progress, Run, Status, Tag

NOW = 1_000_000.0
RUN = Run(
    run_id="a" * 32,
    name="digits",
    experiment_id="0",
    experiment="Default",
    status=Status.RUNNING,
    start_time=int(NOW * 1000) - 5000,
    end_time=None,
    artifact_uri="",
)


def _with(progress=None, status=Status.RUNNING, **tags):
    if progress is not None:
        tags[str(Tag.PROGRESS)] = progress.dumps()
    return dataclasses.replace(RUN, status=status, tags=tags)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.SCHEDULED, "queued"),
        (Status.RUNNING, "running"),
        (Status.FINISHED, "finished"),
        (Status.FAILED, "failed"),
        (Status.KILLED, "stopped"),
    ],
)
def test_look_has_a_word_for_every_status(status, word):
    assert look(_with(status=status), NOW).word == word


def test_look_of_a_live_run_asked_to_stop():
    assert look(_with(**{Tag.STOP: "requested"}), NOW).word == "stopping…"


def test_look_of_an_ended_run_asked_to_stop():
    assert look(_with(status=Status.KILLED, **{Tag.STOP: "requested"}), NOW).word == "stopped"


def test_look_of_a_run_without_heartbeat():
    assert look(_with(Progress(time=NOW - 61)), NOW).word == f"silent since {clock(NOW - 61)[11:16]}"


def test_look_of_a_run_of_another_program_that_logs_no_more():
    run = dataclasses.replace(RUN, last_metric_time=int(NOW * 1000))
    assert look(run, NOW + 299).word == "running"
    assert look(run, NOW + 301).word == f"silent since {clock(NOW)[11:16]}"
    assert progress_words(run, now=NOW) == "running"
    assert progress_words(run, now=NOW + 301).startswith(f"no update since {clock(NOW)}")


def test_look_of_a_run_whose_host_was_silent_for_a_minute():
    owner = Owner(host="elsewhere", boot="b", pid=1, started=1.0).dumps()
    assert look(_with(Progress(time=NOW - 61), **{Tag.OWNER: owner}), NOW).word == "lost"
    assert look(_with(Progress(time=NOW - 59), **{Tag.OWNER: owner}), NOW).word == "running"


def test_look_of_a_run_whose_process_is_gone():
    gone = dataclasses.replace(owner_of(), started=-1.0).dumps()
    run = _with(Progress(time=NOW), **{Tag.OWNER: gone})
    assert look(run, NOW).word == "lost"
    assert progress_words(run, now=NOW) == "its process no longer exists"
    assert look(_with(Progress(time=NOW), **{Tag.OWNER: owner_of().dumps()}), NOW).word == "running"


def test_progress_words_within_an_epoch():
    progress = Progress(time=NOW, epoch=2, epochs=5, step=120, steps=1875, estimated_end=NOW + 2.2)
    assert progress_words(_with(progress), now=NOW) == "epoch 3/5 · step 120/1,875 · 3 s left"


def test_progress_words_after_the_last_epoch():
    assert progress_words(_with(Progress(time=NOW, epoch=5, epochs=5)), now=NOW) == "epoch 5/5"


def test_progress_words_of_a_phase():
    progress = Progress(time=NOW, phase="downloading mnist, 40 %")
    assert progress_words(_with(progress), now=NOW) == "downloading mnist, 40 %"


def test_progress_words_of_a_silent_run():
    assert progress_words(_with(Progress(time=NOW - 180)), now=NOW).endswith("(3 min ago)")


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (Expected(ahead=2, seconds=38.0), "starts in about 40 s, behind 2 runs"),
        (Expected(ahead=0, seconds=200.0, guessed=True), "starts in perhaps 3 min, next in the queue"),
        (Expected(ahead=0, seconds=0.2), "starts in a moment, next in the queue"),
        (Expected(ahead=1, seconds=None), "behind 1 run, start time unknown"),
        (None, "queued"),
    ],
)
def test_progress_words_of_a_queued_run(expected, words):
    assert progress_words(_with(status=Status.SCHEDULED), now=NOW, expected=expected) == words


def test_progress_words_of_an_ended_run_are_none():
    assert progress_words(_with(Progress(time=NOW), Status.FINISHED), now=NOW) == ""


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("Training diverged: the loss rose from 2 to 1e+15.", "finished, diverged"),
        ("Test accuracy 0.1 is at chance level: …", "finished, at chance level"),
    ],
)
def test_look_of_a_finished_run_that_learned_nothing_is_not_green(sentence, word):
    shown = look(_with(status=Status.FINISHED, **{Tag.JUDGEMENT: sentence}), NOW)
    assert (shown.word, shown.color) == (word, "orange")
