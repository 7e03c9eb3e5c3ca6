from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from tests.support.engine import config_on, splits_of
from trainer.data import Splits
from trainer.data.class_weights import weights_of_samples
from trainer.errors import DataError


@pytest.fixture
def splits(tmp_path: Path) -> Splits:
    return splits_of(config_on(dataset="wine"), tmp_path)


def test_balanced_weights_are_those_of_scikit_learn(splits: Splits) -> None:
    y = splits.train.y
    found = weights_of_samples("balanced", splits)
    expected = compute_class_weight("balanced", classes=np.unique(y), y=y)
    assert found is not None
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected.astype(np.float32)[y])


def test_class_is_given_by_name_or_number_and_others_weigh_one(splits: Splits) -> None:
    name = splits.schema.class_names[2]
    found = weights_of_samples({"0": 3.0, name: 0.5}, splits)
    np.testing.assert_array_equal(found, np.array([3.0, 1.0, 0.5], np.float32)[splits.train.y])


def test_weights_of_samples_are_multiplied(splits: Splits) -> None:
    own = np.linspace(0, 2, len(splits.train.y), dtype=np.float32)
    found = weights_of_samples({"1": 2.0}, replace(splits, weights=own))
    np.testing.assert_array_equal(found, np.where(splits.train.y == 1, 2 * own, own))
    assert weights_of_samples(None, splits) is None


def test_unknown_class_is_refused_with_the_known_ones(splits: Splits) -> None:
    with pytest.raises(DataError, match="'grape', which the data do not have; its classes are class_0"):
        weights_of_samples({"grape": 1.0}, splits)
    with pytest.raises(DataError, match="names the class '3'"):
        weights_of_samples({"3": 1.0}, splits)
