"""Arrays in a folder of .npy files give what they give in an .npz file."""

from pathlib import Path

import numpy as np
import pytest

from trainer.config import Npz
from trainer.data import describe, load
from trainer.data.npz_file import resource
from trainer.data.prepared import Stream
from trainer.data.profile import FileKind, kind_of, profile
from trainer.errors import DataError
from trainer.home import Home

_RANDOM = np.random.default_rng(0)
_X, _Y = _RANDOM.normal(size=(900, 7)), _RANDOM.integers(0, 3, 900)


def _folder(path: Path, **arrays: np.ndarray) -> Npz:
    path.mkdir()
    for name, array in arrays.items():
        np.save(path / f"{name}.npy", array)
    return Npz(path=str(path), scale="standardize")


@pytest.mark.parametrize("kind", ["c", "fortran", "parts"])
def test_folder_gives_the_samples_of_the_file(kind: str, tmp_path: Path) -> None:
    arrays = {"x": np.asfortranarray(_X) if kind == "fortran" else _X, "y": _Y}
    if kind == "parts":
        arrays = {"x_train": _X[:700], "y_train": _Y[:700], "x_test": _X[700:], "y_test": _Y[700:]}
    np.savez(tmp_path / "file.npz", **arrays)
    home = Home(tmp_path / "home")
    one = load(Npz(path=str(tmp_path / "file.npz"), scale="standardize"), home=home)
    two = load(_folder(tmp_path / "folder", **arrays), home=home)
    assert (two.digest, two.preparation()) == (one.digest, one.preparation())
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(two, name).x, getattr(one, name).x)
        np.testing.assert_array_equal(getattr(two, name).y, getattr(one, name).y)


@pytest.fixture
def few_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.data.npz_file._SMALLEST_IN_PIECES", 1)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (300_000, 300_000))


def test_large_array_is_mapped_and_not_copied(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    dataset, home = _folder(tmp_path / "folder", x=_X, y=_Y), Home(tmp_path / "home")
    held = load(dataset, home=home)
    request.getfixturevalue("few_bytes")
    assert describe(dataset, home=home).raw_bytes == 0
    streamed = load(dataset, home=home)
    assert isinstance(streamed.train.x, Stream)
    assert streamed.digest == held.digest
    np.testing.assert_array_equal(streamed.train.x[:], held.train.x)
    assert not home.cache.exists()


@pytest.mark.usefixtures("few_bytes")
def test_array_that_changes_during_training_is_refused(tmp_path: Path) -> None:
    dataset = _folder(tmp_path / "folder", x=_X, y=_Y)
    splits = load(dataset, home=Home(tmp_path / "home"))
    np.save(tmp_path / "folder" / "x.npy", _X[:9])
    with pytest.raises(DataError, match=r"x\.npy changed while it was read; wait until"):
        splits.train.x[:]


def test_folder_is_profiled(tmp_path: Path) -> None:
    path = Path(_folder(tmp_path / "folder", x=_X, y=_Y).path)
    assert kind_of(path) is FileKind.NPZ
    assert (profile(path).rows, len(profile(path).columns)) == (900, 8)


def test_damaged_array_is_named(tmp_path: Path) -> None:
    dataset = _folder(tmp_path / "folder", x=_X, y=_Y)
    path = tmp_path / "folder" / "x.npy"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match=r"x in folder has 4\.9 kB of data, which .* write it again with numpy\.save\."):
        load(dataset, home=Home(tmp_path))


def test_single_array_is_refused_with_what_to_choose(tmp_path: Path) -> None:
    _folder(tmp_path / "folder", x=_X, y=_Y)
    with pytest.raises(DataError, match=r"x\.npy is a single array .*; choose the folder that contains x\.npy"):
        kind_of(tmp_path / "folder" / "x.npy")
    with pytest.raises(DataError, match=r"x\.npy is a single array .*; choose the folder that contains x\.npy"):
        load(Npz(path=str(tmp_path / "folder" / "x.npy")), home=Home(tmp_path))
