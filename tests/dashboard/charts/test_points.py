import numpy as np

from dashboard.charts.points import clouds, points_figure


def test_points_are_parted_by_class() -> None:
    parted = clouds(np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]), np.array([0, 1, 0]), ("in",))
    assert [cloud.name for cloud in parted] == ["in", "1"]
    assert list(parted[0].x) == [0.0, 4.0]
    assert len(points_figure(parted).data) == 2


def test_no_points_give_an_empty_figure() -> None:
    assert len(points_figure(clouds(np.zeros((0, 2)), np.array([], int), ())).data) == 0
