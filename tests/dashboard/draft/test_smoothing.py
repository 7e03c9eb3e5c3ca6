"""Label smoothing for a loss on integers: the same loss on one-hot labels, with metrics that fit them."""

from typing import Any

import pytest

from dashboard.draft import Draft, judge, smoothing_edits

SPARSE = "SparseCategoricalCrossentropy"


def draft(loss: Any, metrics: Any = ("accuracy",)) -> Draft:
    layers = ["Flatten", {"layer": "Dense", "units": 10}]
    return Draft.of({"dataset": {"name": "digits"}, "layers": layers, "loss": loss, "metrics": list(metrics)})


@pytest.mark.parametrize("given", [None, 0.3])
def test_loss_and_metrics_change_to_one_hot_labels(given: float | None) -> None:
    loss = {"name": SPARSE, "from_logits": True, **({"label_smoothing": given} if given else {})}
    metrics = ["accuracy", {"name": "SparseTopKCategoricalAccuracy", "k": 3}, "SparseCategoricalAccuracy"]
    before = draft(loss, metrics)
    after = before.edited(smoothing_edits(before.fields))
    assert (judge(before.fields).config is None) == (given is not None)
    config = judge(after.fields).config
    assert config is not None
    assert config.short()["loss"] == {
        "name": "CategoricalCrossentropy",
        "from_logits": True,
        "label_smoothing": given or 0.1,
    }
    assert [metric.kind for metric in config.metrics] == [
        "accuracy",
        "TopKCategoricalAccuracy",
        "CategoricalAccuracy",
    ]
    assert after.ids == before.ids


@pytest.mark.parametrize("loss", ["MeanSquaredError", "CategoricalCrossentropy", {"name": SPARSE, "ignore_class": 3}])
def test_other_losses_are_left_as_they_are(loss: Any) -> None:
    assert smoothing_edits(draft(loss).fields) == ()
