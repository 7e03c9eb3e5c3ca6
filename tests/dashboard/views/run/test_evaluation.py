import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.views.run.evaluation import evaluated_part
from tests.dashboard.views.run.test_header import RUN


@pytest.mark.parametrize(
    ("metrics", "part"), [({"test_loss": 1.0, "val_loss": 1.0}, "test"), ({"loss": 1.0}, "validation")]
)
def test_evaluation_is_called_by_the_part_that_it_is_about(metrics, part):
    assert evaluated_part(dataclasses.replace(RUN, metrics=metrics)) == part


def _labels():
    from dashboard.charts.labels import labels_info
    from dashboard.views.run.evaluation import draw_labels

    document = {"thresholds": [0.25, 0.5], "counts": [[[3, 1, 1, 5], [2, 0, 2, 6]], [[1, 0, 0, 9], [0, 0, 1, 9]]]}
    info = labels_info(document, ["high", "even"])
    assert info is not None
    draw_labels(info, "test")


def test_threshold_decides_how_often_each_label_is_found():
    app = AppTest.from_function(_labels).run()
    assert not app.exception
    assert app.dataframe[0].value["true positives"].tolist() == [2, 0]
    app.select_slider(key="run.threshold").set_value(0.25).run()
    assert app.dataframe[0].value["true positives"].tolist() == [3, 1]
    assert app.caption[0].value == "Mean F1 over the labels: 0.8750, of 10 test samples."
