import numpy as np
import pytest

from dashboard.charts.mistakes import mistakes_figure, mistakes_info


def entry(**changes):
    return {"index": 7, "true": 1, "predicted": 0, "confidence": 0.9, "x": np.eye(4).tolist(), **changes}


def test_mistakes_info_names_classes_and_sorts_by_confidence():
    info = mistakes_info([entry(confidence=0.5), entry(confidence=0.8, index=9)], ["cat", "dog"])
    assert [one.place for one in info.mistakes] == [9, 7]
    assert (info.mistakes[0].true, info.mistakes[0].predicted) == ("dog", "cat")
    assert info.images


def test_mistakes_info_of_rows_is_no_image():
    assert not mistakes_info([entry(x=[1.0, 2.0, 3.0])]).images


def test_mistakes_info_without_samples_keeps_the_mistakes():
    info = mistakes_info([entry(x=None)])
    assert len(info.mistakes) == 1
    assert not info.images


@pytest.mark.parametrize("document", [None, {}, "text", [3], [{"index": "x"}], [{}]])
def test_mistakes_of_something_else_are_an_empty_figure_with_words(document):
    info = mistakes_info(document)
    assert not info.mistakes
    assert "No images" in mistakes_figure(info).layout.annotations[0].text


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (32, 32, 3), (9, 5)])
def test_mistakes_figure_draws_each_image(shape):
    info = mistakes_info([entry(x=np.random.default_rng(0).random(shape).tolist(), index=n) for n in range(9)])
    figure = mistakes_figure(info)
    assert len(figure.data) == 9
    assert np.asarray(figure.data[0].z).shape == (*shape[:2], 3)


def test_mistakes_figure_of_a_flat_image_does_not_divide_by_zero():
    assert mistakes_figure(mistakes_info([entry(x=np.zeros((4, 4)).tolist())])).data


def test_mistakes_figure_escapes_class_names():
    figure = mistakes_figure(mistakes_info([entry()], ["<script>", "<b>"]))
    assert figure.layout.annotations[0].text == "<b>&lt;script&gt;</b>, is &lt;b&gt;"
