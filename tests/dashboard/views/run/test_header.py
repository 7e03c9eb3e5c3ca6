import dataclasses

import pytest

from dashboard.views.run.header import big_numbers
from dashboard.views.run.notices import kept_words, notices
from dashboard.views.runs.columns import run_rows
from trainer.tracking import Kept, Run, Status, Tag

RUN = Run(
    run_id="a" * 32,
    name="digits",
    experiment_id="0",
    experiment="Default",
    status=Status.FINISHED,
    start_time=0,
    end_time=9000,
    artifact_uri="",
    metrics={"val_accuracy": 0.9083, "val_loss": 0.4, "loss": 0.1},
)
KEPT = Kept(epoch=12, epochs=17, ended_by="EarlyStopping", values={"val_accuracy": 0.9306, "val_loss": 0.3})
EARLY = dataclasses.replace(RUN, tags={Tag.KEPT: KEPT.dumps()})


def shown(run, **more):
    return {number.label: number.value for number in big_numbers(run, now=10.0, **more)}


def test_big_numbers_are_of_the_epoch_whose_weights_were_kept():
    assert shown(EARLY)["validation accuracy"] == "0.9306"
    assert shown(RUN)["validation accuracy"] == "0.9083"
    assert "epoch 12" in big_numbers(EARLY, now=10.0)[0].meaning


def test_big_numbers_of_a_test_are_those_of_the_kept_network_whatever_the_epoch():
    tested = dataclasses.replace(EARLY, metrics={**RUN.metrics, "test_accuracy": 0.92})
    assert shown(tested)["test accuracy"] == "0.9200"


def test_big_numbers_of_a_live_run_have_their_places_before_they_are_known():
    live = dataclasses.replace(RUN, status=Status.RUNNING, end_time=None, metrics={})
    expected = ("val_loss", "val_accuracy")
    before = shown(live, expected=expected)
    assert before["validation accuracy"] == "–"
    after = shown(dataclasses.replace(live, metrics=RUN.metrics, params={"parameters": "12"}), expected=expected)
    assert list(before) == list(after)


def test_notices_say_which_epoch_is_kept_and_what_ended_the_training():
    assert kept_words(KEPT).startswith("EarlyStopping ended training after epoch 17. The weights of epoch 12 of 17")
    assert [kind for kind, _ in notices(EARLY, queue="", worker=True)] == ["info"]


def test_notices_name_the_arrays_of_a_file_that_were_ignored():
    ignoring = dataclasses.replace(RUN, params={"dataset.ignored": "groups, x*_val"})
    (notice,) = notices(ignoring, queue="", worker=True)
    assert "contains groups, x*_val, which Fitboard ignored" in notice[1].replace("\\", "")
    assert notices(RUN, queue="", worker=True) == ()
    assert notices(dataclasses.replace(ignoring, status=Status.RUNNING), queue="", worker=True) == ()


def test_notices_say_that_a_finished_run_diverged():
    run = dataclasses.replace(RUN, tags={Tag.JUDGEMENT: "Training diverged: the loss is NaN."})
    assert notices(run, queue="", worker=True) == (("warning", "Training diverged\\: the loss is NaN\\."),)


def test_rows_show_the_last_and_the_kept_value():
    cells = run_rows([EARLY, RUN], {}, now=10.0, chosen=["metrics.val_accuracy"]).cells["metrics.val_accuracy"]
    assert cells == ["0.9083 (kept 0.9306)", "0.9083"]


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"epoch": "x", "epochs": 3}', '{"epoch": 1}', "null"])
def test_kept_of_a_tag_that_others_wrote_is_none(text):
    assert Kept.loads(text) is None
