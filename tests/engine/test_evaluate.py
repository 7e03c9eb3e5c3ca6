import json
from dataclasses import replace

import numpy as np
import pytest

from tests.support.engine import config_on
from trainer.config import MeasuredPart
from trainer.data import Arrays, Kind, Schema, Splits, Task
from trainer.engine.evaluate import describe_predictions, probabilities, thumbnail


def _splits(x: np.ndarray, y: np.ndarray, *, classes: int | None = 3) -> Splits:
    schema = Schema(
        name="digits",
        title="small",
        kind=Kind.ARRAYS,
        task=Task.CLASSIFICATION if classes else Task.REGRESSION,
        input_shape=x.shape[1:],
        classes=classes,
        train=0,
        validation=0,
        test=len(y),
    )
    part = Arrays(x, y)
    return Splits(schema=schema, train=part, validation=part, test=part, digest="", center=10.0, spread=2.0)


TEST = MeasuredPart.TEST
_SCORES = np.array([[9.0, 0, 0], [0, 0, 5], [0, 2, 0], [3, 0, 0]], dtype=np.float32)
_LOGITS = config_on().loss


def test_confusion_counts_true_rows_and_predicted_columns() -> None:
    splits = _splits(np.ones((4, 2), np.float32), np.array([0, 1, 1, 2]))
    files = describe_predictions(splits, TEST, _SCORES, _LOGITS).files
    assert files["confusion.json"] == {"labels": ["0", "1", "2"], "counts": [[1, 0, 0], [0, 1, 1], [1, 0, 0]]}


def test_mistakes_are_the_surest_first_with_the_sample_unscaled() -> None:
    splits = _splits(np.ones((4, 2), np.float32), np.array([0, 1, 1, 2]))
    mistakes = describe_predictions(splits, TEST, _SCORES, _LOGITS).files["mistakes.json"]
    assert [(mistake["index"], mistake["true"], mistake["predicted"]) for mistake in mistakes] == [(1, 1, 2), (3, 2, 0)]
    assert mistakes[0]["x"] == [12.0, 12.0]
    assert mistakes[0]["confidence"] == pytest.approx(np.exp(5) / (np.exp(5) + 2), abs=1e-6)


def test_mistakes_are_at_most_24_and_large_samples_stay_out() -> None:
    y = np.zeros(100, dtype=np.int64)
    splits = _splits(np.zeros((100, 4000), np.float32), y)
    mistakes = describe_predictions(splits, TEST, np.eye(3)[np.ones(100, int)] * 5, _LOGITS).files["mistakes.json"]
    assert len(mistakes) == 24
    assert all("x" not in mistake for mistake in mistakes)


@pytest.mark.parametrize(
    ("shape", "kept"),
    [((64, 64, 3), (32, 32, 3)), ((224, 200), (56, 50)), ((3, 4000), (1, 2000)), ((8, 8, 1), (8, 8, 1))],
)
def test_large_images_are_kept_as_small_ones(shape: tuple[int, ...], kept: tuple[int, ...]) -> None:
    y = np.zeros(3, dtype=np.int64)
    given = _splits(np.ones((3, *shape), np.float32), y)
    splits = replace(given, schema=replace(given.schema, kind=Kind.IMAGES))
    mistakes = describe_predictions(splits, TEST, np.eye(3)[np.ones(3, int)] * 5, _LOGITS).files["mistakes.json"]
    assert np.shape(mistakes[0]["x"]) == kept
    assert np.unique(mistakes[0]["x"]).tolist() == [12.0]


def test_thumbnail_is_the_mean_of_its_squares() -> None:
    image = np.repeat(np.repeat(np.arange(3000.0).reshape(50, 60), 2, axis=0), 2, axis=1)
    assert np.array_equal(thumbnail(image), image[::2, ::2])


def test_outputs_that_are_no_numbers_are_valid_json() -> None:
    splits = _splits(np.ones((4, 2), np.float32), np.array([0, 1, 1, 2]))
    for outputs in (np.full((4, 3), np.nan), np.full((4, 3), np.inf)):
        files = describe_predictions(splits, TEST, outputs, _LOGITS).files
        assert np.sum(files["confusion.json"]["counts"]) == 4
        json.dumps(files, allow_nan=False)


def test_outputs_of_another_shape_give_nothing() -> None:
    splits = _splits(np.ones((4, 2), np.float32), np.array([0, 1, 1, 2]))
    assert describe_predictions(splits, TEST, np.zeros((4, 8, 3)), _LOGITS).files == {}
    assert describe_predictions(splits, TEST, np.zeros((4, 2)), _LOGITS).files == {}


def test_predictions_are_thinned_evenly() -> None:
    y = np.arange(5_001, dtype=np.float32)[:, None]
    splits = _splits(np.zeros((5_001, 1), np.float32), y, classes=None)
    files = describe_predictions(splits, TEST, y + 1, config_on("diabetes", loss="mse").loss).files
    actual = files["predictions.json"]["actual"]
    assert len(actual) == 2_000
    assert (actual[0], actual[-1]) == (0.0, 5_000.0)
    assert files["predictions.json"]["predicted"][-1] == 5_001.0


@pytest.mark.parametrize(
    ("loss", "outputs", "expected"),
    [
        ({"name": "BinaryCrossentropy", "from_logits": True}, [[0.0]], [[0.5, 0.5]]),
        ({"name": "BinaryCrossentropy"}, [[0.9]], [[0.1, 0.9]]),
        ("Hinge", [[0.0]], [[0.5, 0.5]]),
        ("SparseCategoricalCrossentropy", [[0.25, 0.75]], [[0.25, 0.75]]),
        ("CategoricalHinge", [[1.0, 1.0]], [[0.5, 0.5]]),
        ({"name": "SparseCategoricalCrossentropy", "from_logits": True}, [[0.0, 0.0]], [[0.5, 0.5]]),
    ],
)
def test_probabilities_of_every_kind_of_output(loss: object, outputs: list[object], expected: list[object]) -> None:
    found = probabilities(np.array(outputs), config_on(loss=loss).loss)
    assert found == pytest.approx(np.array(expected))


def test_predictions_keep_every_target_and_small_values() -> None:
    y = np.array([[1e-9, 2.0, 1 / 3]] * 4)
    splits = _splits(np.zeros((4, 1), np.float32), y, classes=None)
    files = describe_predictions(splits, TEST, y * 2, config_on("diabetes", loss="mse").loss).files
    assert files["predictions.json"]["actual"][0] == [1e-9, 2.0, 0.3333333]
    assert files["predictions.json"]["predicted"][0] == [2e-9, 4.0, 0.6666667]
