import math
import sys

import pytest

from dashboard.charts.history import history_figure, history_infos
from trainer.tracking import Progress, Series


def series(*values):
    return Series(steps=range(1, len(values) + 1), values=values, times=range(len(values)))


def metrics(infos):
    return [info.metric for info in infos]


def test_history_infos_pair_training_with_validation_and_begin_with_the_loss():
    history = {"accuracy": series(0.5), "val_accuracy": series(0.4), "val_loss": series(2.0), "loss": series(1.0)}
    infos = history_infos(history)
    assert metrics(infos) == ["loss", "accuracy"]
    assert infos[1].train.values == (0.5,)
    assert infos[1].validation.values == (0.4,)


def test_history_infos_leave_out_what_was_tested_once():
    assert metrics(history_infos({"loss": series(1.0, 2.0), "test_loss": series(1.0)})) == ["loss"]


@pytest.mark.parametrize(("rates", "shown"), [((0.1, 0.1), []), ((0.1, 0.05), ["learning_rate"])])
def test_history_infos_show_a_learning_rate_that_moves(rates, shown):
    assert metrics(history_infos({"learning_rate": series(*rates)})) == shown


def test_history_infos_of_another_program_leave_out_single_numbers():
    assert metrics(history_infos({"rmse": series(3.0, 2.0), "score": series(1.0)}, unit="step")) == ["rmse"]


def test_history_infos_keep_validation_without_its_training_metric():
    assert metrics(history_infos({"val_f1": series(0.1, 0.2)})) == ["val_f1"]


def test_history_infos_go_on_with_the_epoch_under_way():
    progress = Progress(time=0, epoch=2, epochs=5, step=5, steps=10, values={"loss": 0.5})
    assert history_infos({"loss": series(2.0, 1.0)}, progress=progress)[0].running == ((2.0, 1.0), (2.5, 0.5))


def test_history_infos_show_the_first_epoch_before_it_ends():
    progress = Progress(time=0, epochs=5, step=5, steps=10, values={"loss": 0.5})
    (info,) = history_infos({}, progress=progress)
    assert info.running == ((0.5, 0.5),)
    assert len(history_figure(info, "#112233").data) == 1


def test_history_infos_drop_a_running_value_that_the_history_has_overtaken():
    progress = Progress(time=0, epoch=1, epochs=5, step=5, steps=10, values={"loss": 0.5})
    assert history_infos({"loss": series(2.0, 1.0)}, progress=progress)[0].running == ()


@pytest.mark.parametrize(
    ("value", "word"), [(math.nan, "NaN"), (math.inf, "∞"), (sys.float_info.max, "∞"), (-math.inf, "−∞")]
)
def test_history_figure_says_where_a_curve_leaves_the_numbers(value, word):
    figure = history_figure(history_infos({"loss": series(1.0, value, value)})[0], "#112233")
    assert [None if math.isnan(y) else y for y in figure.data[0].y] == [1.0, None, None]
    assert figure.layout.annotations[0].text == f"training is {word} from epoch 2 on"


def test_history_figure_shows_typed_markup_as_text():
    figure = history_figure(history_infos({"<b>x</b>": series(1.0, 2.0)})[0], "#112233")
    assert "&lt;b&gt;x" in figure.layout.title.text


def test_history_figure_keeps_its_zoom_name_as_data_grow():
    names = {
        history_figure(history_infos({"loss": series(*range(size))})[0], "#112233").layout.uirevision
        for size in (2, 3, 40)
    }
    assert len(names) == 1


def test_history_figure_of_nothing_is_empty_and_says_so():
    figure = history_figure(history_infos({"loss": series(1.0)})[0]._replace(points=0), "#112233")
    assert "No loss yet" in figure.layout.annotations[0].text


def test_history_info_counts_logged_and_drawn_points_and_a_zoom_draws_more():
    history = {"loss": series(*(math.sin(place) for place in range(50_000)))}
    (info,) = history_infos(history)
    assert info.points == 50_000
    assert info.drawn == len(history_figure(info, "#112233").data[0].x) <= 2000
    (zoomed,) = history_infos(history, windows={"loss": (300, 900)})
    assert set(range(300, 901)) <= set(history_figure(zoomed, "#112233").data[0].x.tolist())
    assert zoomed.drawn > info.drawn


def test_history_infos_fold_running_validation_into_its_metric_as_logged_ones_are():
    values = {"loss": 0.5, "val_loss": 0.6, "learning_rate": 0.1}
    progress = Progress(time=0, epoch=1, epochs=5, steps=10, values=values)
    assert metrics(history_infos({}, progress=progress)) == ["loss"]
    assert metrics(history_infos({"loss": series(1.0)}, progress=progress)) == ["loss"]


def test_history_infos_keep_the_place_of_what_a_live_run_will_have():
    infos = history_infos({}, expected=("accuracy", "loss", "learning_rate"))
    assert metrics(infos) == ["loss", "accuracy", "learning_rate"]
    empty = history_figure(infos[0], "#112233")
    drawn = history_figure(history_infos({"loss": series(1.0)})[0], "#112233")
    assert empty.layout.height == drawn.layout.height


@pytest.mark.parametrize(("value", "word"), [(math.nan, "NaN"), (math.inf, "∞")])
def test_history_figure_without_a_finite_value_says_so_instead_of_empty_axes(value, word):
    (info,) = history_infos({"loss": series(value, math.nan), "val_loss": series(value, value)})
    figure = history_figure(info, "#112233")
    assert [note.text for note in figure.layout.annotations] == [f"loss is {word} from epoch 1 on"]
    assert figure.layout.title.text == "<b>loss</b>"
    assert not figure.layout.xaxis.visible


def test_history_figure_of_a_diverged_run_shows_its_running_epoch_if_that_is_finite():
    progress = Progress(time=0, epoch=1, epochs=5, step=5, steps=10, values={"loss": 0.5})
    (info,) = history_infos({"loss": series(math.nan)}, progress=progress)
    assert any(0.5 in trace.y for trace in history_figure(info, "#112233").data)
