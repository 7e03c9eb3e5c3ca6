"""Generated points: scikit-learn's to the last bit, and the spirals' own formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import make_circles, make_moons

from trainer.config.datasets import Circles, Moons, Spirals
from trainer.data import load
from trainer.data.points import POINTS, draw_circles, draw_moons, draw_spirals
from trainer.home import Home

SEEDS = st.integers(0, 2**32 - 1)
NOISE = st.floats(0, 10)
SAMPLES = st.integers(10, 300)


@given(samples=SAMPLES, noise=NOISE, seed=SEEDS)
def test_moons_are_scikit_learns_bit_for_bit(samples: int, noise: float, seed: int) -> None:
    x, y = make_moons(samples, noise=noise, random_state=seed)
    ours = draw_moons(Moons(samples=samples, noise=noise, random_state=seed))
    assert np.array_equal(ours.x, x)
    assert np.array_equal(ours.y, y)


@given(samples=SAMPLES, noise=NOISE, seed=SEEDS, factor=st.floats(0, 0.99))
def test_circles_are_scikit_learns_bit_for_bit(samples: int, noise: float, seed: int, factor: float) -> None:
    x, y = make_circles(samples, noise=noise, random_state=seed, factor=factor)
    ours = draw_circles(Circles(samples=samples, noise=noise, random_state=seed, factor=factor))
    assert np.array_equal(ours.x, x)
    assert np.array_equal(ours.y, y)


@given(samples=SAMPLES, arms=st.integers(2, 10), turns=st.floats(0.1, 10))
def test_spirals_lie_on_their_arms(samples: int, arms: int, turns: float) -> None:
    x, y = draw_spirals(Spirals(samples=samples, arms=arms, turns=turns, noise=0.0))
    radius = np.hypot(*x.T)
    angle = 2 * np.pi * (turns * radius + y / arms)
    np.testing.assert_allclose(x, radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), atol=1e-9)
    assert radius.min() >= 0.0999
    assert np.ptp(np.bincount(y, minlength=arms)) <= 1


@pytest.mark.parametrize("kind", [Moons, Circles, Spirals])
def test_points_are_a_function_of_their_fields(kind: type, tmp_path) -> None:
    digests = [
        load(kind(**fields), home=Home(tmp_path)).digest
        for fields in ({}, {"split_seed": 5}, {"random_state": 1}, {"noise": 0.2}, {"samples": 999})
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


@pytest.mark.parametrize("kind", [Moons, Circles, Spirals])
def test_classes_are_named(kind: type, tmp_path) -> None:
    about = POINTS[kind().name].about(kind(), Home(tmp_path))
    assert about.classes == len(set(about.class_names)) == 2
