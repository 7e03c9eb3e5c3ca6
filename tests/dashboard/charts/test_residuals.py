import math

import pytest

from dashboard.charts.residuals import baselines, residuals_figure, residuals_info, target_names


def test_residuals_info_measures_the_errors():
    info = residuals_info({"actual": [1, 2, 3], "predicted": [2, 3, 4]})
    assert (info.mean, info.deviation) == (1.0, 0.0)


def test_residuals_info_shows_every_target_by_itself():
    document = {"actual": [[1, 20], [3, 40]], "predicted": [[1, 21], [3, 41]]}
    assert target_names(document) == ("target 1", "target 2")
    assert target_names({**document, "targets": ["a +1", "a +2"]}) == ("a +1", "a +2")
    assert target_names({**document, "targets": ["a +1"]}) == ("target 1", "target 2")
    assert target_names(None) == ()
    assert [residuals_info(document, target=place).mean for place in (0, 1)] == [0.0, 1.0]
    assert residuals_info(document, target=2) is None


def test_baselines_are_measured_where_the_last_value_is_known():
    document = {"actual": [[1, 9], [3, 9], [8, 9]], "predicted": [[2, 9], [3, 9], [0, 9]]}
    last = [[0, 9], [1, 8], [None, None]]
    assert baselines({**document, "last": last}) == (0.5, 1.5, 1.0)
    assert baselines({**document, "last": last}, target=1) == (0.0, 0.5, 0.0)
    assert baselines({**document, "last": last}, target=2) is None
    assert baselines({**document, "last": last[:2]}) is None
    assert baselines(document) is None


def test_residuals_info_leaves_out_what_is_not_finite():
    assert residuals_info({"actual": [1, 2], "predicted": [math.nan, 2]}).actual.tolist() == [2.0]


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"actual": [1], "predicted": [1, 2]},
        {"actual": "x", "predicted": [1]},
        {"actual": [], "predicted": []},
    ],
)
def test_residuals_of_something_else_are_an_empty_figure_with_words(document):
    figure = residuals_figure(residuals_info(document), "#112233")
    assert not figure.data
    assert "No predictions" in figure.layout.annotations[0].text


def test_residuals_figure_draws_points_and_the_perfect_line():
    figure = residuals_figure(residuals_info({"actual": [1, 5], "predicted": [2, 4]}), "#112233")
    assert list(figure.data[0].x) == [1.0, 5.0]
    assert figure.data[1].marker.color == "#112233"
