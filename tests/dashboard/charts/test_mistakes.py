import math

import numpy as np
import pytest

from dashboard.charts.mistakes import mistake_pictures, mistakes_info


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
def test_mistakes_of_something_else_are_none(document):
    info = mistakes_info(document)
    assert not info.mistakes
    assert mistake_pictures(info) == []


@pytest.mark.parametrize(
    ("shape", "drawn"), [((8, 8), (96, 96)), ((8, 8, 1), (96, 96)), ((32, 32, 3), (96, 96)), ((9, 5), (99, 55))]
)
def test_mistake_pictures_are_enlarged_by_whole_pixels(shape, drawn):
    samples = np.random.default_rng(0).random(shape).tolist()
    pictures = mistake_pictures(mistakes_info([entry(x=samples, index=n) for n in range(9)]))
    assert [(picture.shape, picture.dtype) for picture in pictures] == [((*drawn, 3), np.uint8)] * 9
    assert (pictures[0].min(), pictures[0].max()) == (0, 255)


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
def test_mistake_pictures_of_a_flat_image_are_black(value):
    (picture,) = mistake_pictures(mistakes_info([entry(x=np.full((4, 4), value).tolist())]))
    assert not picture.any()


@pytest.mark.parametrize("white", [1, 255])
def test_mistake_pictures_keep_the_colors_of_a_dark_image(white):
    sample = np.full((4, 4, 3), [0.0, 0.2 * white, 0.4 * white])
    (picture,) = mistake_pictures(mistakes_info([entry(x=sample.tolist())]), side=4)
    assert picture[0, 0].tolist() == [0, 51, 102]
