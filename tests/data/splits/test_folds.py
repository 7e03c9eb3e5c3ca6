"""Folds of a cross-validation: every sample is tested once, and no group is on both sides."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from tests.support.tables import people, table_config, table_dataset
from trainer.config import Config, parse_config
from trainer.data import describe, is_split, load
from trainer.data.splitting import Fold, Indices, count_parts, split_indices
from trainer.errors import ConfigError, DataError
from trainer.home import Home


def _parts(samples: int, fold: Fold, *, seed: int = 0, classes: Any = None) -> Indices:
    counts = count_parts(samples, validation_fraction=0.25, test_fraction=0.5, fold=fold)
    found = split_indices(counts, seed=seed, classes=classes, fold=fold)
    assert tuple(map(len, found[:3])) == counts
    return found


@given(st.integers(2, 9), st.integers(0, 200), st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans())
def test_every_sample_is_tested_in_one_fold(
    folds: int, more: int, seed: int, classes: int, is_regression: bool
) -> None:
    samples = 2 * folds + more
    labels = None if is_regression else np.random.default_rng(seed).integers(0, classes, samples)
    found = [_parts(samples, Fold(1 + place, folds), seed=seed, classes=labels) for place in range(folds)]
    assert sorted(np.concatenate([parts.test for parts in found])) == list(range(samples))
    for parts in found:
        assert sorted(np.concatenate(parts[:3])) == list(range(samples))


def test_folds_are_those_of_scikit_learn_and_keep_the_shares_of_classes() -> None:
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    expected = [test for _, test in StratifiedKFold(5, shuffle=True, random_state=3).split(labels, labels)]
    for place, test in enumerate(expected):
        parts = _parts(100, Fold(place + 1, 5), seed=3, classes=labels)
        np.testing.assert_array_equal(parts.test, test)
        assert np.bincount(labels[parts.test]).tolist() == [12, 6, 2]
        assert parts.notes == ()


def test_class_with_fewer_samples_than_folds_is_split_at_random_and_told() -> None:
    labels = np.array([0] * 30 + [1] * 3)
    assert _parts(33, Fold(1, 5), classes=labels).notes[0] == (
        "The test data are split at random, not stratified: class 1 has only 3 samples for 5 folds."
    )


def test_more_folds_than_samples_are_refused() -> None:
    with pytest.raises(DataError, match="folds 5 is more than the 4 samples; use fewer folds"):
        count_parts(4, validation_fraction=0, test_fraction=0, fold=Fold(1, 5))


def test_no_group_is_trained_and_tested_on(tmp_path: Path) -> None:
    path, tested = people(tmp_path / "people.csv"), []
    for fold in (1, 2, 3, 4):
        dataset = table_dataset(path, split={"by": "group", "column": "group"}, folds=4, fold=fold)
        splits = load(dataset, home=Home(tmp_path))
        rows = {name: splits.raw[name].rows for name in ("train", "validation", "test")}  # type: ignore[attr-defined]
        groups = [set((found % 12).tolist()) for found in rows.values()]
        assert sum(map(len, groups)) == 12 == len(set().union(*groups))
        assert len(groups[2]) == 3
        assert is_split(dataset, home=Home(tmp_path))
        tested += rows["test"].tolist()
    assert sorted(tested) == list(range(120))


def test_fewer_groups_than_folds_are_refused(tmp_path: Path) -> None:
    split = {"by": "group", "column": "group"}
    with pytest.raises(DataError, match="folds 20 is more than the 12 groups; use fewer folds"):
        load(table_dataset(people(tmp_path / "people.csv"), split=split, folds=20), home=Home(tmp_path))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"folds": 5, "fold": 6}, "fold must be between 1 and folds, 5, got 6"),
        ({"folds": 5, "fold": 6, "split": {"by": "group", "column": "group"}}, "fold must be between 1 and folds"),
        ({"folds": 3, "split": {"by": "time", "column": "when"}}, "A split by time cannot have folds"),
    ],
)
def test_folds_that_the_split_cannot_have_are_refused(fields: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        describe(table_dataset(people(tmp_path / "people.csv"), **fields), home=Home(tmp_path))


def test_data_with_a_test_part_of_their_own_have_no_folds(tmp_path: Path) -> None:
    x, y = np.eye(20, 4), np.arange(20) % 2
    np.savez(tmp_path / "own.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    with pytest.raises(DataError, match=r"own\.npz contains test data of its own, so it cannot have folds"):
        describe(_npz(tmp_path / "own.npz", folds=2).dataset, home=Home(tmp_path))


def _npz(path: Path, **fields: Any) -> Config:
    given = {"dataset": {"name": "npz", "path": str(path), **fields}, "layers": ["Flatten"], "loss": "mse"}
    return parse_config(given)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"folds": 5, "fold": 0}, "dataset.fold: expected a value of at least 1, got 0"),
        ({"folds": 1}, "dataset.folds: expected a value of at least 2, got 1"),
    ],
)
def test_folds_that_cannot_be_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        table_config(Path("people.csv"), **fields)


def test_configs_without_folds_keep_their_digest() -> None:
    plain = _npz(Path("own.npz"))
    assert _npz(Path("own.npz"), folds=None, fold=1).digest == plain.digest
    assert "fold" not in plain.canonical_json()
    assert len({plain.digest, *(_npz(Path("own.npz"), folds=2, fold=fold).digest for fold in (1, 2))}) == 3
