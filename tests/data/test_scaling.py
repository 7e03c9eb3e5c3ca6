"""Scaling: what is learned from the training part, and what is done with it."""

import numpy as np
import pytest

from trainer.data.scaling import fit_scaling


def test_standardize_gives_every_feature_of_a_table_mean_0_and_deviation_1() -> None:
    x = np.random.default_rng(0).normal([5, -300], [2, 40], (500, 2))
    scaled = fit_scaling(x, "standardize").apply(x)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.mean(axis=0, dtype=float), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(axis=0, dtype=float), 1, rtol=1e-6)


def test_standardize_takes_images_as_a_whole() -> None:
    x = np.random.default_rng(0).integers(0, 256, (300, 40, 40, 3), dtype=np.uint8)
    scaling = fit_scaling(x, "standardize")
    assert scaling.center == pytest.approx(x.mean(dtype=float), rel=1e-12)
    assert scaling.spread == pytest.approx(x.std(dtype=float), rel=1e-12)


def test_constant_feature_is_not_spread() -> None:
    x = np.column_stack([np.full(49, 0.1), np.arange(49.0)])
    scaling = fit_scaling(x, "standardize")
    assert np.asarray(scaling.spread)[0] == 1
    np.testing.assert_allclose(scaling.apply(x)[:, 0], 0, atol=1e-7)


def test_unit_divides_by_what_is_known_to_be_the_largest() -> None:
    x = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    scaled = fit_scaling(x, "unit", largest=255.0).apply(x)
    assert np.array_equal(scaled, (x / 255.0).astype(np.float32))


@pytest.mark.parametrize("largest", [255.0, 1.0, 17.0, 0.0625, 3e4])
def test_bytes_are_divided_in_float32_with_the_bits_of_float64(largest: float) -> None:
    x = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    scaling = fit_scaling(x, "unit", largest=largest)
    divisor = scaling.divisor(x.dtype)
    assert divisor == largest
    assert (x / np.float32(divisor)).tobytes() == scaling.apply(x).tobytes()


def test_only_bytes_that_are_divided_by_a_float32_may_be_left_undivided() -> None:
    x = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert fit_scaling(x, "unit", largest=255.0).divisor(np.dtype(np.uint16)) is None
    assert fit_scaling(x, "unit", largest=0.1).divisor(x.dtype) is None
    assert fit_scaling(x, "standardize").divisor(x.dtype) is None
    assert fit_scaling(x.reshape(16, 16), "unit").divisor(x.dtype) is None


def test_unit_divides_each_feature_of_a_table_by_its_largest_size() -> None:
    x = np.array([[1.0, -4.0, 0.0], [2.0, 3.0, 0.0]])
    assert fit_scaling(x, "unit").apply(x).tolist() == [[0.5, -1.0, 0.0], [1.0, 0.75, 0.0]]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64"])
def test_none_only_makes_float32(dtype: str) -> None:
    x = np.array([[0, 1], [1, 0]], dtype=dtype)
    scaling = fit_scaling(x, "none")
    assert (scaling.center, scaling.spread) == (0.0, 1.0)
    assert scaling.apply(x).dtype == np.float32
    assert scaling.apply(x).tolist() == [[0, 1], [1, 0]]


def test_no_samples_stay_none() -> None:
    scaling = fit_scaling(np.ones((4, 3)), "standardize")
    assert scaling.apply(np.empty((0, 3))).shape == (0, 3)
