"""Whole datasets: what `load` gives agrees with what `describe` said."""

import subprocess
import sys

import numpy as np
import pytest

from trainer.config import DATASETS
from trainer.data import Task, describe, load, offline_names
from trainer.errors import DataError
from trainer.home import Home

OFFLINE = offline_names()


@pytest.mark.parametrize("name", OFFLINE)
def test_loaded_parts_are_as_described(name: str, tmp_path) -> None:
    dataset, home = DATASETS.members[name](), Home(tmp_path)
    schema, splits = describe(dataset, home=home), load(dataset, home=home)
    assert splits.schema == schema
    for part, samples in zip(
        (splits.train, splits.validation, splits.test), (schema.train, schema.validation, schema.test), strict=True
    ):
        assert part.x.shape == (samples, *schema.input_shape)
        assert part.x.dtype == schema.input_dtype
        assert part.x.flags.c_contiguous
        if schema.task is Task.CLASSIFICATION:
            assert part.y.shape == (samples,)
            assert part.y.dtype == np.int64
        else:
            assert part.y.shape == (samples, schema.outputs)
            assert part.y.dtype == np.float32


def test_digits_are_the_quickstarts_in_small(tmp_path) -> None:
    splits = load(DATASETS.members["digits"](), home=Home(tmp_path))
    assert splits.train.x.shape == (1149, 8, 8)
    assert (len(splits.validation.x), len(splits.test.x)) == (288, 360)
    assert (splits.train.x.min(), splits.train.x.max(), splits.spread) == (0, 1, 16)


def test_digest_is_of_the_data_whatever_their_split_and_scale(tmp_path) -> None:
    digits, iris = DATASETS.members["digits"], DATASETS.members["iris"]
    home = Home(tmp_path)
    first = load(digits(), home=home).digest
    assert first == load(digits(split_seed=9, scale="none", test_fraction=0.5), home=home).digest
    assert first != load(iris(), home=home).digest


def test_scaling_is_learned_from_the_training_part_alone(tmp_path) -> None:
    splits = load(DATASETS.members["iris"](), home=Home(tmp_path))
    np.testing.assert_allclose(splits.train.x.mean(axis=0, dtype=float), 0, atol=1e-6)
    assert np.abs(splits.test.x.mean(axis=0)).max() > 0.01


def test_fractions_of_0_give_empty_parts(tmp_path) -> None:
    splits = load(DATASETS.members["iris"](validation_fraction=0.0, test_fraction=0.0), home=Home(tmp_path))
    assert (len(splits.train.x), splits.validation.x.shape, splits.test.y.shape) == (150, (0, 4), (0,))


def test_fractions_that_leave_nothing_are_refused_before_reading(tmp_path) -> None:
    with pytest.raises(DataError, match=r"leave none of the \d+ samples for training; reduce the fractions"):
        describe(DATASETS.members["iris"](validation_fraction=0.999, test_fraction=0.9), home=Home(tmp_path))


def test_importing_and_describing_loads_no_scikit_learn_tensorflow_or_mlflow() -> None:
    program = (
        "import sys; from pathlib import Path; from trainer.config import DATASETS; from trainer.home import Home\n"
        "import trainer.data as d; x = DATASETS.members['digits']()\n"
        "d.describe(x, home=Home(Path('nowhere')))\n"
        "print([m for m in ('sklearn', 'tensorflow', 'keras', 'mlflow', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
