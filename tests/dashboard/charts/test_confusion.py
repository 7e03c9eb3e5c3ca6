import numpy as np
import pytest

from dashboard.charts.confusion import confusion_figure, confusion_info
from dashboard.charts.contrast import between, contrast

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
    assert "no samples were evaluated" in figure.layout.annotations[0].text


def test_confusion_figure_escapes_class_names():
    figure = confusion_figure(confusion_info(DOCUMENT))
    assert figure.layout.xaxis.ticktext == ("cat", "&lt;i&gt;dog&lt;/i&gt;")
    assert figure.data[0].customdata[0][1].tolist() == ["cat", "&lt;i&gt;dog&lt;/i&gt;", "1 sample", "25.0 %"]


@pytest.mark.parametrize("share", [False, True])
def test_confusion_figure_of_a_hundred_classes_has_no_numbers_and_few_ticks(share):
    labels = [f"class {number}" for number in range(100)]
    figure = confusion_figure(
        confusion_info({"labels": labels, "counts": np.eye(100, dtype=int).tolist()}), share=share
    )
    assert [trace.type for trace in figure.data] == ["heatmap", "heatmap"]
    assert len(figure.layout.xaxis.tickvals) == 50
    assert figure.layout.height <= 900


@pytest.mark.parametrize(("share", "texts"), [(False, ["3", "1", "0", "2,000"]), (True, ["75", "25", "0", "100"])])
def test_confusion_figure_writes_each_cell_of_few_classes(share, texts):
    document = {"labels": ["a", "b"], "counts": [[3, 1], [0, 2000]]}
    numbers = confusion_figure(confusion_info(document), share=share).data[-1]
    assert list(numbers.text) == texts
    assert list(zip(numbers.x, numbers.y, strict=True)) == [(0, 0), (1, 0), (0, 1), (1, 1)]


@pytest.mark.parametrize("dark", [False, True])
def test_confusion_figure_writes_every_number_in_a_readable_ink(dark):
    """As WCAG asks for text, 4.5 at least, on each tone from an empty to a full cell."""
    counts = [[100 - 4 * row if row == column else row % 7 for column in range(25)] for row in range(25)]
    figure = confusion_figure(confusion_info({"labels": list(range(25)), "counts": counts}), dark=dark)
    correct, wrong, numbers = figure.data
    for column, row, ink in zip(numbers.x, numbers.y, numbers.textfont.color, strict=True):
        trace = correct if row == column else wrong
        paper = between(trace.colorscale[0][1], trace.colorscale[1][1], float(trace.z[row][column]))
        assert contrast(ink, paper) >= 4.5, (row, column, ink, paper)


def test_confusion_figure_tells_mistakes_from_what_is_correct_by_colour():
    correct, wrong, _ = confusion_figure(confusion_info(DOCUMENT)).data
    assert np.isnan(correct.z).tolist() == [[False, True], [True, False]]
    assert np.isnan(wrong.z).tolist() == [[True, False], [False, True]]
    assert correct.colorscale[1] != wrong.colorscale[1]
