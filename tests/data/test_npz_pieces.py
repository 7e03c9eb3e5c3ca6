"""Large arrays of an .npz file are read in pieces into a file, and are otherwise the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.config import Npz
from trainer.data import describe, load, npz_file
from trainer.data.prepared import Stream
from trainer.errors import DataError
from trainer.home import Home


def _saved(folder: Path, x: Any, **more: Any) -> Npz:
    np.savez(folder / "large.npz", x=x, y=np.arange(len(x)) % 3)
    return Npz(path=str(folder / "large.npz"), **more)


@pytest.fixture
def few_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every array in pieces, as if it were large."""
    monkeypatch.setattr(npz_file, "_SMALLEST_IN_PIECES", 1)
    # Not `memory_limit` itself: a module that is first imported meanwhile would keep the replacement.
    monkeypatch.setattr(npz_file.resource, "getrlimit", lambda kind: (800_000, 800_000))
    monkeypatch.setattr(npz_file, "_PIECE", 5000)


_RANDOM = np.random.default_rng(0)
_CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "table": (_RANDOM.normal(size=(900, 7)), {"scale": "standardize"}),
    "bytes": (_RANDOM.integers(0, 256, (300, 16, 16), np.uint8), {}),
    "channels first": (_RANDOM.integers(0, 256, (300, 3, 9, 9), np.uint8), {"channels": "first"}),
    "tokens": (_RANDOM.integers(0, 90, (900, 8)), {"inputs": "tokens"}),
    "big endian": (_RANDOM.normal(size=(1900, 8)).astype(">f4"), {}),
}


@pytest.mark.parametrize("case", _CASES)
def test_array_in_pieces_gives_what_it_gives_in_memory(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    x, fields = _CASES[case]
    dataset = _saved(tmp_path, x, **fields)
    held = load(dataset, home=Home(tmp_path))
    request.getfixturevalue("few_bytes")
    streamed = load(dataset, home=Home(tmp_path))
    assert isinstance(streamed.train.x, Stream)
    assert streamed.digest == held.digest
    assert streamed.preparation() == held.preparation()
    for name in ("train", "validation", "test"):
        one, two = getattr(held, name), getattr(streamed, name)
        assert two.x.shape == one.x.shape
        np.testing.assert_array_equal(two.x[:], one.x)
        np.testing.assert_array_equal(two.y, one.y)


@pytest.mark.usefixtures("few_bytes")
def test_array_larger_than_the_limit_is_described(tmp_path: Path) -> None:
    dataset = _saved(tmp_path, np.ones((3000, 40)) * np.arange(40))
    schema = describe(dataset, home=Home(tmp_path))
    assert (schema.samples, schema.raw_bytes) == (3000, 0)


@pytest.mark.usefixtures("few_bytes")
def test_value_that_is_not_finite_is_found_in_a_later_piece(tmp_path: Path) -> None:
    x = _RANDOM.normal(size=(900, 7))
    x[850, 3] = np.nan
    with pytest.raises(DataError, match=r"x in large.npz contains NaN or infinity, first in sample 850"):
        load(_saved(tmp_path, x), home=Home(tmp_path))


@pytest.mark.usefixtures("few_bytes")
def test_array_packed_a_thousandfold_is_not_unpacked_to_disk(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros((5000, 200)), y=np.arange(5000) % 2)
    with pytest.raises(DataError, match=r"bomb.npz would need .* of memory, but the limit is"):
        load(Npz(path=str(tmp_path / "bomb.npz")), home=Home(tmp_path))
    assert not Home(tmp_path).cache.exists()
