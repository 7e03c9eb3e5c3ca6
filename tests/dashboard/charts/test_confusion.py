import numpy as np
import pytest

from dashboard.charts.confusion import confusion_figure, confusion_info

DOCUMENT = {"labels": ["cat", "<i>dog</i>"], "counts": [[3, 1], [0, 2]]}


def test_confusion_info_counts_and_names_the_worst():
    info = confusion_info(DOCUMENT)
    assert (info.right, info.total) == (5, 6)
    assert info.worst == (("cat", "<i>dog</i>", 1),)
    assert info.shares.tolist() == [[75.0, 25.0], [0.0, 100.0]]


def test_confusion_info_shares_of_an_empty_row_are_zero():
    assert confusion_info({"labels": ["a", "b"], "counts": [[0, 0], [1, 1]]}).shares[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    "document",
    [None, {}, {"labels": ["a"], "counts": [[1, 2]]}, {"labels": ["a"], "counts": "x"}, {"labels": 3, "counts": []}],
)
def test_confusion_of_something_else_is_an_empty_figure_with_words(document):
    figure = confusion_figure(confusion_info(document))
    assert not figure.data
    assert "nothing was tested" in figure.layout.annotations[0].text


def test_confusion_figure_escapes_class_names():
    figure = confusion_figure(confusion_info(DOCUMENT))
    assert figure.layout.xaxis.ticktext == ("cat", "&lt;i&gt;dog&lt;/i&gt;")
    assert figure.data[0].customdata[0][1].tolist() == ["cat", "&lt;i&gt;dog&lt;/i&gt;"]


@pytest.mark.parametrize("share", [False, True])
def test_confusion_figure_of_a_hundred_classes_has_no_numbers_and_few_ticks(share):
    labels = [f"class {number}" for number in range(100)]
    figure = confusion_figure(
        confusion_info({"labels": labels, "counts": np.eye(100, dtype=int).tolist()}), share=share
    )
    assert figure.data[0].texttemplate is None
    assert len(figure.layout.xaxis.tickvals) == 50
    assert figure.layout.height <= 900


def test_confusion_figure_writes_counts_in_few_classes():
    assert confusion_figure(confusion_info(DOCUMENT)).data[0].texttemplate == "%{z:d}"
