"""Single samples of a part of a dataset."""

from pathlib import Path

import numpy as np
import pytest

from trainer.config import DATASETS, DatasetConfig
from trainer.data import chosen, load, samples_at
from trainer.errors import DataError
from trainer.home import Home


def _npz(path: Path, **arrays: np.ndarray) -> DatasetConfig:
    np.savez(path, **arrays)
    found = DATASETS.members["npz"].model_validate({"name": "npz", "path": str(path)})
    assert isinstance(found, DatasetConfig)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").make()


def test_samples_of_a_split_part_are_the_raw_ones_in_the_order_asked(home: Home) -> None:
    digits = DATASETS.members["digits"]()
    assert isinstance(digits, DatasetConfig)
    splits = load(digits, home=home)
    x, y = samples_at(digits, [7, 2], part="test", rows=splits.test_rows, digest=splits.digest, home=home)
    assert y.tolist() == splits.test.y[[7, 2]].tolist()
    assert np.allclose(x / 16, splits.test.x[[7, 2]])


def test_samples_of_a_part_that_the_file_has_itself(home: Home, tmp_path: Path) -> None:
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    own = _npz(tmp_path / "own.npz", x_train=x, y_train=y, x_test=x[:6] + 100, y_test=y[:6])
    splits = load(own, home=home)
    assert splits.test_rows is None
    found = samples_at(own, [5], part="test", rows=None, digest=splits.digest, home=home)
    assert found.x.tolist() == [[110.0, 111.0]]
    rows = splits.validation_rows
    found = samples_at(own, [0], part="validation", rows=rows, digest=splits.digest, home=home)
    assert rows is not None
    assert found.x.tolist() == [x[rows[0]].tolist()]


def test_data_that_have_changed_since_are_refused(home: Home, tmp_path: Path) -> None:
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    own = _npz(tmp_path / "own.npz", x=x, y=y)
    splits = load(own, home=home)
    _npz(tmp_path / "own.npz", x=x + 1, y=y)
    with pytest.raises(DataError, match="the data have changed since the run read them"):
        samples_at(own, [0], part="test", rows=splits.test_rows, digest=splits.digest, home=home)


@pytest.mark.parametrize(("part", "rows"), [("test", [20, 3]), ("test", [-1, 0]), ("test", None)])
def test_rows_that_the_data_do_not_have_are_refused(
    home: Home, tmp_path: Path, part: str, rows: list[int] | None
) -> None:
    own = _npz(tmp_path / "own.npz", x=np.arange(40.0).reshape(20, 2), y=np.arange(20) % 2)
    kept = None if rows is None else np.asarray(rows)
    with pytest.raises(DataError, match="cannot be shown"):
        samples_at(own, [0, 1], part=part, rows=kept, digest=load(own, home=home).digest, home=home)


def test_large_data_are_not_read_for_a_few_samples(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "LARGEST_READ", 1000)
    digits = DATASETS.members["digits"]()
    assert isinstance(digits, DatasetConfig)
    with pytest.raises(DataError, match=r"together they take 460 kB of memory; the limit is 1\.0 kB"):
        samples_at(digits, [0], part="test", rows=np.arange(3), digest="", home=home)
