"""The files in scikit-learn's package, against scikit-learn's own loaders."""

import numpy as np
import pytest
from sklearn import datasets

from trainer.config import DATASETS
from trainer.data import Task
from trainer.data.tables import TABLES
from trainer.home import Home

LOADERS = {
    "digits": datasets.load_digits,
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "diabetes": lambda: datasets.load_diabetes(scaled=False),
}


@pytest.mark.parametrize("name", TABLES)
def test_rows_equal_those_of_scikit_learn_bit_for_bit(name: str, tmp_path) -> None:
    theirs = LOADERS[name]()
    ours = TABLES[name].read(DATASETS.members[name](), Home(tmp_path)).train
    expected = theirs.data.reshape(ours.x.shape)
    assert ours.x.dtype == expected.dtype
    assert ours.x.tobytes() == np.ascontiguousarray(expected).tobytes()
    assert np.array_equal(ours.y.reshape(-1), theirs.target)


@pytest.mark.parametrize("name", TABLES)
def test_what_is_known_offline_is_true(name: str) -> None:
    theirs, known = LOADERS[name](), TABLES[name].known
    assert known.samples == len(theirs.data)
    assert int(np.prod(known.input_shape)) == theirs.data.shape[1]
    if known.feature_names:
        assert list(known.feature_names) == [str(feature) for feature in theirs.feature_names]
    if known.task is Task.CLASSIFICATION:
        assert list(known.class_names) == [str(label) for label in theirs.target_names]
        assert known.classes == len(known.class_names)


def test_digits_have_height_and_width_and_reach_16(tmp_path) -> None:
    x = TABLES["digits"].read(DATASETS.members["digits"](), Home(tmp_path)).train.x
    assert x.shape == (1797, 8, 8)
    assert x.max() == TABLES["digits"].known.largest
