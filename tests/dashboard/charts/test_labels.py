"""The confusion of each label by threshold."""

import numpy as np
import pytest

from dashboard.charts.labels import label_rows, labels_info

_DOCUMENT = {"thresholds": [0.25, 0.5], "counts": [[[3, 1, 1, 5], [2, 0, 2, 6]], [[0, 0, 0, 10], [0, 0, 0, 10]]]}


def test_each_label_has_its_confusion_and_its_best_threshold() -> None:
    info = labels_info(_DOCUMENT, ["high", "even"])
    assert info is not None
    high, even = label_rows(info, 0.5)
    assert (high["label"], high["precision"], high["recall"], high["F1"]) == ("high", 1.0, 0.5, pytest.approx(2 / 3))
    assert [high[f"{what} {sign}"] for what in ("true", "false") for sign in ("positives", "negatives")] == [2, 6, 0, 2]
    assert high["best threshold"] == 0.25
    assert (even["precision"], even["recall"], even["F1"], even["best threshold"]) == (None, None, None, 0.25)


def test_labels_without_names_are_numbered() -> None:
    info = labels_info(_DOCUMENT, ["one"])
    assert info is not None
    assert info.names == ("label 1", "label 2")


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"thresholds": [0.5], "counts": []}, {"thresholds": 1, "counts": 2}, {**_DOCUMENT, "thresholds": []},
     {"thresholds": [0.5], "counts": [[[1, 2, 3]]]}, {"thresholds": [0.5], "counts": [[[1, -2, 3, 4]]]},
     {"thresholds": ["x"], "counts": [[[1, 2, 3, 4]]]}, {"thresholds": [0.5], "counts": [[["a", 2, 3, 4]]]},
     {"thresholds": [0.5], "counts": np.full((1, 1, 4), 1e300).tolist()}],
)  # fmt: skip
def test_document_that_is_none_shows_nothing(document: object) -> None:
    with np.errstate(invalid="ignore"):
        assert labels_info(document) is None
