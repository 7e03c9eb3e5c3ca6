"""Splits: their arithmetic, their seed, and the classes in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from trainer.data.splitting import Counts, count_parts, split_indices
from trainer.errors import DataError

FRACTIONS = st.floats(0, 0.9)


@given(samples=st.integers(1, 3000), validation=FRACTIONS, test=FRACTIONS)
def test_counts_add_up_and_equal_those_of_scikit_learn(samples: int, validation: float, test: float) -> None:
    try:
        counts = count_parts(samples, validation_fraction=validation, test_fraction=test)
    except DataError:
        return
    assert sum(counts) == samples
    assert counts.train >= 1
    rest = np.arange(samples)
    for fraction, expected in ((test, counts.test), (validation, counts.validation)):
        if fraction == 0:
            assert expected == 0
            continue
        rest, held = train_test_split(rest, test_size=fraction, random_state=0)
        assert len(held) == expected
    assert len(rest) == counts.train


@given(st.integers(2, 400), st.integers(1, 6), st.integers(0, 2**32 - 1), FRACTIONS, FRACTIONS)
def test_parts_share_no_sample_and_miss_none(
    samples: int, classes: int, seed: int, validation: float, test: float
) -> None:
    try:
        counts = count_parts(samples, validation_fraction=validation, test_fraction=test)
    except DataError:
        return
    labels = np.random.default_rng(seed).integers(0, classes, samples)
    parts = split_indices(counts, seed=seed, classes=labels)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == counts
    assert sorted([*parts.train, *parts.validation, *parts.test]) == list(range(samples))


def test_split_that_leaves_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"^test_fraction 0\.5 and validation_fraction 0\.9 leave none of the 3 samples for training"
    ):
        count_parts(3, validation_fraction=0.9, test_fraction=0.5)


def test_classes_keep_their_shares_in_every_part() -> None:
    labels = np.repeat([0, 1], [900, 100])
    parts = split_indices(Counts(640, 160, 200), seed=1, classes=labels)
    assert [labels[part].mean() for part in parts[:3]] == [0.1, 0.1, 0.1]
    assert parts.notes == ()


def test_same_seed_same_parts_other_seed_other_parts() -> None:
    labels = np.arange(100) % 4
    first, again, other = (split_indices(Counts(64, 16, 20), seed=seed, classes=labels) for seed in (7, 7, 8))
    assert all(np.array_equal(a, b) for a, b in zip(first[:3], again[:3], strict=True))
    assert not np.array_equal(first.test, other.test)


def test_parts_are_those_of_two_plain_calls_to_scikit_learn() -> None:
    labels = np.arange(100) % 4
    rest, test = train_test_split(np.arange(100), test_size=0.2, random_state=3, stratify=labels)
    train, validation = train_test_split(rest, test_size=0.2, random_state=3, stratify=labels[rest])
    parts = split_indices(Counts(64, 16, 20), seed=3, classes=labels)
    assert all(np.array_equal(a, b) for a, b in zip(parts[:3], (train, validation, test), strict=True))


def test_class_of_one_sample_is_split_at_random_and_told() -> None:
    labels = np.array([0] * 50 + [1] * 49 + [2])
    notes = split_indices(Counts(64, 16, 20), seed=0, classes=labels).notes
    assert notes[0] == "The test data are split at random, not stratified: class 2 has only 1 sample."


def test_more_classes_than_places_are_split_at_random_and_told() -> None:
    notes = split_indices(Counts(36, 0, 4), seed=0, classes=np.arange(40) % 10).notes
    assert notes == ("The test data are split at random, not stratified: 4 samples cannot contain all 10 classes.",)
