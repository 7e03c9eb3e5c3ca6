"""Resizing is the same to the last bit in NumPy and in TensorFlow, and nearly that of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pictures import pixels
from trainer.data.sources.pictures import INTERPOLATIONS, resize, weights
from trainer.data.sources.pictures.resizing import ONE

SIDES = st.integers(1, 40)


@given(source=st.integers(1, 300), target=st.integers(1, 300), interpolation=st.sampled_from(INTERPOLATIONS))
def test_weights_are_not_negative_and_sum_to_one(source: int, target: int, interpolation: str) -> None:
    found = weights(source, target, interpolation)
    assert found.shape == (target, source)
    assert found.min() >= 0
    assert (found.sum(axis=1) == ONE).all()


@settings(deadline=None, max_examples=60)
@given(sides=st.tuples(SIDES, SIDES, SIDES, SIDES), interpolation=st.sampled_from(INTERPOLATIONS))
def test_float32_matrices_give_the_same_bits(sides: tuple[int, int, int, int], interpolation: str) -> None:
    """What a saved model computes: products of matrices of whole numbers that float32 holds exactly."""
    height, width, new_height, new_width = sides
    given_pixels = pixels(height, width, seed=sum(sides))
    across = tf.constant(weights(height, new_height, interpolation), tf.float32)
    along = tf.constant(weights(width, new_width, interpolation), tf.float32)
    rows = tf.tensordot(across, tf.cast(given_pixels, tf.float32), [[1], [0]])
    rows = tf.floor((rows + ONE // 2) / ONE)
    both = tf.tensordot(along, rows, [[1], [1]])
    both = tf.transpose(tf.floor((both + ONE // 2) / ONE), [1, 0, 2])
    found = resize(given_pixels, (new_height, new_width), interpolation=interpolation)
    assert np.array_equal(found, both.numpy().astype(np.uint8))


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("size", [(17, 23), (40, 64), (90, 31), (200, 190)])
def test_result_is_that_of_keras_up_to_rounding(size: tuple[int, int], interpolation: str) -> None:
    given_pixels = pixels(61, 83)
    found = resize(given_pixels, size, interpolation=interpolation)
    expected = np.asarray(keras.layers.Resizing(*size, interpolation="bilinear")(given_pixels[None])[0])
    if interpolation != "bilinear":
        expected = tf.image.resize(given_pixels, size, method=interpolation).numpy()
    assert np.abs(found - expected.astype(np.float64)).max() <= (0 if interpolation == "nearest" else 1.01)


def test_cropping_is_that_of_keras() -> None:
    given_pixels = pixels(50, 90)
    found = resize(given_pixels, (20, 20), crop_to_aspect_ratio=True)
    expected = np.asarray(keras.layers.Resizing(20, 20, crop_to_aspect_ratio=True)(given_pixels[None])[0])
    assert np.abs(found - expected.astype(np.float64)).max() <= 1.01


def test_padding_leaves_the_aspect_ratio_and_black_borders() -> None:
    found = resize(np.full((50, 100, 3), 200, np.uint8), (40, 40), pad_to_aspect_ratio=True)
    assert (found[10:30] == 200).all()
    assert not found[:10].any()
    assert not found[30:].any()


@pytest.mark.parametrize("option", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
@pytest.mark.parametrize("shape", [(1, 5_000), (5_000, 1), (1, 1)])
def test_extreme_shapes_keep_a_pixel(shape: tuple[int, int], option: str) -> None:
    found = resize(np.full((*shape, 1), 9, np.uint8), (6, 8), **{option: True})  # type: ignore[arg-type]
    assert found.shape == (6, 8, 1)
    assert found.max() == 9


def test_same_size_changes_nothing() -> None:
    given_pixels = pixels(12, 9)
    assert np.array_equal(resize(given_pixels, (12, 9), interpolation="area"), given_pixels)
