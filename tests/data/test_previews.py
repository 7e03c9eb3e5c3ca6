"""Samples to look at: few, of every class, the same each time, and quick."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.support.keras_data import housing, reuters
from trainer.config import DATASETS, Npz
from trainer.config.datasets import CaliforniaHousing, Diabetes, Digits, Mnist, Moons, Reuters
from trainer.data import describe, offline_names, preview, store_download
from trainer.data.npz_file import NpzFile
from trainer.data.previews import choose_samples
from trainer.errors import DataError
from trainer.home import Home


@pytest.mark.parametrize("name", offline_names())
def test_every_class_is_shown_before_one_is_shown_twice(name: str, tmp_path) -> None:
    dataset, home = DATASETS.members[name](), Home(tmp_path)
    schema, found = describe(dataset, home=home), preview(dataset, home=home, count=10)
    assert found.x.shape == (10, *schema.input_shape)
    if schema.classes:
        assert set(found.y[: schema.classes].tolist()) == set(range(schema.classes))
    again = preview(dataset, home=home, count=10)
    assert np.array_equal(found.x, again.x)


@given(arrays(np.int64, st.integers(1, 60), elements=st.integers(0, 5)), st.integers(0, 70))
def test_chosen_samples_are_different_and_balanced(y: np.ndarray, count: int) -> None:
    chosen = choose_samples(y, count)
    assert len(chosen) == len(set(chosen.tolist())) == min(count, len(y))
    shown = np.bincount(y[chosen], minlength=6)
    held = np.bincount(y, minlength=6)
    assert all(shown[a] == held[a] or shown[a] >= shown.max() - 1 for a in range(6))


def test_samples_are_raw(tmp_path) -> None:
    found = preview(Digits(scale="standardize"), home=Home(tmp_path), count=30)
    assert (found.x.min(), found.x.max()) == (0, 16)
    assert preview(Diabetes(), home=Home(tmp_path), count=3).y.shape == (3, 1)


def test_all_points_can_be_shown(tmp_path) -> None:
    found = preview(Moons(samples=77), home=Home(tmp_path), count=1000)
    assert found.x.shape == (77, 2)


def test_data_set_that_is_not_downloaded_has_nothing_to_show(tmp_path) -> None:
    assert preview(Mnist(), home=Home(tmp_path)) is None


def test_downloaded_rows_and_texts_are_shown(tmp_path) -> None:
    home = Home(tmp_path)
    store_download("reuters", reuters(), home=home)
    store_download("california_housing", housing(), home=home)
    found = preview(Reuters(num_words=50, maxlen=6), home=home, count=46)
    assert found.x.shape == (46, 6)
    assert found.x.max() < 50
    assert sorted(found.y.tolist()) == list(range(46))
    assert preview(CaliforniaHousing(), home=home, count=4).x.shape == (4, 8)


def test_file_of_ones_own_is_shown(tmp_path) -> None:
    x, y = np.arange(24, dtype=np.uint8).reshape(6, 2, 2), np.array([3, 3, 3, 9, 9, 9])
    np.savez(tmp_path / "mine.npz", x=x, y=y)
    found = preview(Npz(path=str(tmp_path / "mine.npz")), home=Home(tmp_path), count=4)
    assert np.array_equal(found.x, x[[0, 3, 1, 4]])
    assert found.y.tolist() == [0, 1, 0, 1]


def test_missing_file_is_told(tmp_path) -> None:
    with pytest.raises(DataError, match="not found"):
        preview(Npz(path="missing.npz"), home=Home(tmp_path))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_only_the_beginning_of_a_long_array_is_read(save, tmp_path) -> None:
    x = np.arange(6000.0).reshape(1000, 3, 2)
    save(tmp_path / "long.npz", x=x, turned=np.asfortranarray(x))
    with NpzFile(tmp_path / "long.npz", name="long.npz") as file:
        assert np.array_equal(file.start("x", 490), x[:10])
        assert np.array_equal(file.start("x", 1), x[:1])
        assert np.array_equal(file.start("x", 10**6), x)
        assert np.array_equal(file.start("turned", 490), x)
