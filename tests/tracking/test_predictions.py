"""The file with the prediction for every sample."""

import io
import json

import numpy as np
import pytest

from tests.support.predictions import classified, regressed
from trainer.tracking.predictions import LARGEST_BYTES, Predictions


@pytest.mark.parametrize("kept", [classified([0, 1, 2], [0, 2, 2]), regressed([1.0, 2.0], [1.5, 2.5], rows=None)])
def test_file_gives_back_what_was_kept(kept: Predictions) -> None:
    found = Predictions.loads(kept.dumps())
    assert found is not None
    assert (found.part, found.data_digest, found.samples, found.labels) == (
        kept.part, kept.data_digest, kept.samples, kept.labels,
    )  # fmt: skip
    for name in ("rows", "actual", "predicted", "confidence", "cross_entropy"):
        np.testing.assert_array_equal(getattr(found, name), getattr(kept, name))
    assert found.has_same_samples(kept)


def test_ten_thousand_samples_take_a_tenth_of_a_megabyte() -> None:
    random = np.random.default_rng(0)
    actual = random.integers(0, 10, 10_000)
    chances = random.random(10_000).astype(np.float32)
    kept = classified(actual.tolist(), actual.tolist(), classes=10, confidence=chances, cross_entropy=-np.log(chances))
    assert len(kept.dumps()) < 130_000


def test_predictions_over_the_limit_are_left_out_with_a_sentence() -> None:
    kept = classified([0, 1, 2], [0, 2, 2])
    assert kept.within() is kept
    small = kept.within(10)
    assert "The predictions of 3 test samples were not kept, because they take 36 bytes" in small.left_out
    found = Predictions.loads(small.dumps())
    assert found is not None
    assert (found.left_out, found.actual, found.samples) == (small.left_out, None, 3)


@pytest.mark.parametrize(
    "other",
    [
        classified([0, 1, 2], [0, 1, 2], rows=np.array([0, 1, 3])),
        classified([0, 1, 2], [0, 1, 2], rows=None),
        classified([0, 1, 2], [0, 1, 2], data_digest="another"),
        classified([0, 1, 2], [0, 1, 2], part="validation"),
        classified([0, 1, 1], [0, 1, 2]),
        classified([0, 1], [0, 1]),
    ],
)
def test_samples_are_the_same_only_if_data_part_rows_and_targets_are(other: Predictions) -> None:
    kept = classified([0, 1, 2], [0, 2, 2])
    assert kept.has_same_samples(classified([0, 1, 2], [1, 1, 1]))
    assert not kept.has_same_samples(other)


def _npz(**arrays: object) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def _about(**changes: object) -> np.ndarray:
    known = {"part": "test", "data_digest": "d", "samples": 2, "labels": ["a", "b"], "left_out": ""}
    return np.frombuffer(json.dumps(known | changes).encode(), np.uint8)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no archive",
        classified([0, 1], [0, 1]).dumps()[:-30],
        _npz(actual=np.zeros(2)),
        _npz(about=np.frombuffer(b"{", np.uint8)),
        _npz(about=_about()),
        _npz(about=_about(), actual=np.array([0, 1]), predicted=np.array([0, 2])),
        _npz(about=_about(), actual=np.array([0, 1]), predicted=np.array([0, 1, 1])),
        _npz(about=_about(), actual=np.array([0.0, 1.0]), predicted=np.array([0.0, 1.0])),
        _npz(about=_about(), actual=np.array([0, 1]), predicted=np.array([0, 1]), cross_entropy=np.zeros(3)),
        _npz(about=_about(samples="many"), actual=np.array([0, 1]), predicted=np.array([0, 1])),
        _npz(about=_about(), actual=np.array([None, 1], object), predicted=np.array([0, 1])),
        _npz(about=_about(), other=np.zeros(2 * LARGEST_BYTES + 1, np.uint8)),
    ],
)  # fmt: skip
def test_any_other_content_is_no_predictions(content: bytes | None) -> None:
    assert Predictions.loads(content) is None
