"""Several labels at once: targets, loss, evaluation and serving."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import Memory, splits_of
from tests.support.tables import labelled, table_config
from trainer.config import Config, parse_config
from trainer.config.check import apply_edits
from trainer.data import Task, describe
from trainer.engine.inspect import inspect
from trainer.engine.serving import answer_kind
from trainer.engine.train import train
from trainer.errors import DataError
from trainer.home import Home
from trainer.tracking.files import LABELS_FILE, PREDICTIONS_FILE
from trainer.tracking.write.class_answers import ClassAnswers

_LOSS: dict[str, Any] = {"loss": {"name": "BinaryCrossentropy", "from_logits": True}, "metrics": ["BinaryAccuracy"]}

_NUMBERS = {"task": "regression", "target": ["even", "x"], "columns": {"high": "category"}}


def _config(folder: Path, **changes: Any) -> Config:
    path = labelled(folder / "labels.csv")
    fields = {"target": ["high", "even"], "task": "multilabel", "columns": {}} | changes.pop("dataset", {})
    return table_config(path, config={**_LOSS, **changes}, **fields)


def test_each_label_is_learned_and_evaluated_as_a_probability(tmp_path: Path) -> None:
    config = _config(tmp_path)
    splits = splits_of(config, tmp_path)
    assert (splits.schema.task, splits.schema.outputs, splits.schema.samples) == (Task.MULTILABEL, 2, 58)
    assert set(np.unique(splits.train.y)) == {0.0, 1.0}
    outcome, model = train(config, splits, Memory())
    found = outcome.evaluation.files[PREDICTIONS_FILE]
    logits = model.predict(splits.test.x, verbose=0)
    np.testing.assert_allclose(found["predicted"], 1 / (1 + np.exp(-logits)), rtol=1e-4)
    assert outcome.evaluation.predictions is not None
    labels = outcome.evaluation.files[LABELS_FILE]
    for place, threshold in enumerate(labels["thresholds"]):
        is_found, is_true = 1 / (1 + np.exp(-logits)) >= threshold, splits.test.y > 0.5
        expected = [(is_true & is_found).sum(0), (~is_true & is_found).sum(0), (is_true & ~is_found).sum(0)]
        np.testing.assert_array_equal(np.array(labels["counts"])[:, place, :3], np.array(expected).T)
    assert 0 <= outcome.evaluation.metrics["test_binary_accuracy"] <= 1
    assert answer_kind(config.loss, splits) == "sigmoid"


def test_served_labels_are_probabilities_by_name() -> None:
    class Network:
        def get_raw_model(self) -> "Network":
            return self

        def predict(self, data: Any, verbose: int) -> Any:
            return np.array([[0.0, 100.0]])

    rows = {"columns": [], "missing": [], "decimal": ".", "targets": ["high", "even"], "outputs": "sigmoid"}
    assert ClassAnswers(Network(), [], "", rows).predict([{}]).to_dict("records") == [{"high": 0.5, "even": 1.0}]


_SIGMOID: dict[str, Any] = {
    "layers": [{"layer": "Dense", "units": 2, "activation": "sigmoid"}],
    "loss": "BinaryCrossentropy",
}


@pytest.mark.parametrize(
    ("changes", "message", "fix"),
    [
        ({}, None, None),
        ({"loss": "mse", "metrics": []}, "MeanSquaredError is not for several labels at once", "BinaryCrossentropy"),
        ({"metrics": ["accuracy"]}, "accuracy compares only the most probable label", "Use BinaryAccuracy instead."),
        (
            {"layers": [{"layer": "Dense", "units": 1, "activation": "sigmoid"}]},
            "csv has 2 labels",
            "Set units of layer 1",
        ),
        (
            {"dataset": {"task": "regression", "target": ["even", "x"], "columns": {"high": "category"}}},
            "is a classification loss",
            "Set task",
        ),
    ],
)
def test_config_that_does_not_fit_gets_its_fix(
    changes: dict[str, Any], message: str | None, fix: str | None, tmp_path: Path
) -> None:
    config = _config(tmp_path, **{**_SIGMOID, **changes})
    problems = inspect(config, home=Home(tmp_path), memory_limit=10**10).problems
    assert (message in problems[0].message and fix in str(problems[0].fix)) if message and fix else not problems
    if problems and config.dataset.arguments()["task"] == "multilabel":
        mended = parse_config(apply_edits(config.short(), problems[0].edits))
        assert not inspect(mended, home=Home(tmp_path), memory_limit=10**10).problems


def test_other_values_are_no_labels(tmp_path: Path) -> None:
    dataset = _config(tmp_path, dataset={"target": ["high", "x"], "columns": {"even": "numeric"}}).dataset
    with pytest.raises(DataError, match=r"'x' in labels\.csv contains '.*'; a label of task multilabel must be 0 or 1"):
        describe(dataset, home=Home(tmp_path))
