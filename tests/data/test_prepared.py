import errno
import os
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.streams import held_and_streamed
from tests.support.tables import people, table_config
from trainer.data import load, npz_file, prepared, row_cache
from trainer.data.npz_file import held_limit, memory_limit
from trainer.data.prepared import RowFile, Stream, largest_of, pieces
from trainer.data.row_cache import cached_rows, forget_old
from trainer.data.scaling import fit_scaling
from trainer.errors import DataError, ResourceError
from trainer.home import Home

_ROWS = np.random.default_rng(0).normal(size=(50, 3, 2)).astype(np.float32)


def _file(folder: Path) -> RowFile:
    path = folder / "rows"
    path.write_bytes(_ROWS.tobytes())
    return RowFile(path, shape=_ROWS.shape, dtype=_ROWS.dtype)


def test_row_file_gives_rows_in_the_order_asked_for(tmp_path: Path) -> None:
    file, rows = _file(tmp_path), np.array([7, 3, 49, 0, 3])
    assert len(file) == 50
    np.testing.assert_array_equal(file[rows], _ROWS[rows])


def test_large_rows_are_read_one_by_one_with_the_same_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_LARGE_ROW", 1)
    file, rows = _file(tmp_path), np.array([7, 3, 49, 0, 3])
    np.testing.assert_array_equal(file[rows], _ROWS[rows])


def test_large_row_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_LARGE_ROW", 1)
    file = _file(tmp_path)
    os.truncate(tmp_path / "rows", 40 * _ROWS[0].nbytes + 5)
    np.testing.assert_array_equal(file[np.array([39])], _ROWS[[39]])
    with pytest.raises(DataError, match="rows became shorter while it was read; prepare the data again"):
        file[np.array([2, 40])]


def test_file_of_rows_is_closed_when_nobody_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(prepared.os, "close", closed.append)
    file = _file(tmp_path)
    opened = file._file
    assert not closed
    del file
    assert closed == [opened]
    monkeypatch.undo()
    os.close(opened)


@pytest.mark.parametrize("index", [2, -1, slice(1, 4), slice(None), np.array([2, 0]), np.int64(3)])
def test_stream_is_indexed_as_an_array(index: Any, tmp_path: Path) -> None:
    rows = np.array([9, 4, 30, 2])
    stream = Stream(_file(tmp_path), rows, lambda x: x * 2)
    np.testing.assert_array_equal(stream[index], (_ROWS[rows] * 2)[index])
    assert (stream.shape, stream.ndim, stream.size, stream.nbytes) == ((4, 3, 2), 3, 24, 96)


def test_pieces_of_a_stream_hold_every_sample_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "PIECE", 60)
    stream = Stream(_ROWS, np.arange(50)[::-1])
    found = list(pieces(stream))
    assert len(found) > 10
    np.testing.assert_array_equal(np.concatenate(found), _ROWS[::-1])
    assert largest_of(stream) == largest_of(_ROWS) == np.abs(_ROWS).max()
    assert largest_of(_ROWS[:0]) == 0


@pytest.mark.parametrize("how", ["unit", "standardize"])
@pytest.mark.parametrize("shape", [(50, 6), (50, 3, 2)])
def test_scaling_fitted_on_a_stream_has_the_bits_of_one_in_memory(
    how: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "PIECE", 100)
    x, rows = _ROWS.reshape(shape), np.arange(3, 40)
    held, streamed = fit_scaling(x[rows], how), fit_scaling(Stream(x, rows), how)
    np.testing.assert_array_equal(held.center, streamed.center)
    np.testing.assert_array_equal(held.spread, streamed.spread)


def test_table_is_prepared_once_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.data.loading.PIECE", 1000)
    config = table_config(people(tmp_path / "people.csv"))
    held, streamed = held_and_streamed(config, tmp_path)
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(held, name).x, getattr(streamed, name).x[:])
    (file,) = Home(tmp_path).cache.iterdir()
    written = file.stat().st_ino
    load(config.dataset, home=Home(tmp_path), held=0)
    assert [each.stat().st_ino for each in Home(tmp_path).cache.iterdir()] == [written]
    load(config.dataset.replace(split_seed=5), home=Home(tmp_path), held=0)
    assert len(list(Home(tmp_path).cache.iterdir())) == 2


def _cached(home: Home, value: int) -> RowFile:
    block = np.full((4, 2), value, np.int16)
    return cached_rows(home, {"value": value}, shape=(8, 2), dtype=block.dtype, blocks=lambda: [block, block])


def test_cached_rows_that_were_cut_are_written_again(tmp_path: Path) -> None:
    _cached(Home(tmp_path), 3)
    (file,) = Home(tmp_path).cache.iterdir()
    file.write_bytes(b"cut")
    np.testing.assert_array_equal(_cached(Home(tmp_path), 3)[np.arange(8)], np.full((8, 2), 3))


def test_only_old_files_are_forgotten_and_readers_keep_their_rows(tmp_path: Path) -> None:
    home = Home(tmp_path)
    old = _cached(home, 3)
    (file,) = home.cache.iterdir()
    (home.cache / ".writing-x").mkdir()
    for path in home.cache.iterdir():
        os.utime(path, (1, 1))
    _cached(home, 4)
    assert file not in list(home.cache.iterdir())
    assert len(list(home.cache.iterdir())) == 1
    assert old[np.array([0])].tolist() == [[3, 3]]
    forget_old(home)
    assert len(list(home.cache.iterdir())) == 1


def test_full_disk_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_cache.shutil, "disk_usage", lambda path: _Full)
    with pytest.raises(ResourceError, match=r"need 32 bytes in .* but the disk has 5 bytes free; free disk"):
        _cached(Home(tmp_path), 3)
    assert not Home(tmp_path).cache.exists()


class _Full:
    free = 5


def test_disk_that_becomes_full_leaves_nothing(tmp_path: Path) -> None:
    def blocks() -> Any:
        yield np.zeros((4, 2), np.int16)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ResourceError, match="No space left on device"):
        cached_rows(Home(tmp_path), {}, shape=(8, 2), dtype=np.dtype(np.int16), blocks=blocks)
    assert list(Home(tmp_path).cache.iterdir()) == []


def test_disk_that_fails_while_more_is_prepared_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system reports such an error only once, to whoever waits for the disk first."""

    def fail(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(row_cache, "_FLUSHED", 1)
    monkeypatch.setattr(row_cache.os, "fdatasync", fail)
    with pytest.raises(ResourceError, match=r"cannot be written \(Input/output error\)"):
        _cached(Home(tmp_path), 3)
    assert list(Home(tmp_path).cache.iterdir()) == []


def test_samples_are_held_up_to_a_quarter_of_the_runs_own_memory_limit() -> None:
    assert held_limit(4000) == 1000
    assert held_limit(2**60) == held_limit() == memory_limit() // 4


@pytest.mark.parametrize(("kind", "limit"), [(None, 500), (resource.RLIMIT_AS, 300), (resource.RLIMIT_DATA, 300)])
def test_limit_is_half_of_the_memory_of_container_or_process(
    kind: int | None, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz_file, "total_memory", lambda: 1000)
    own = {kind: 600}
    monkeypatch.setattr(npz_file.resource, "getrlimit", lambda asked: (own.get(asked, resource.RLIM_INFINITY), 0))
    assert memory_limit() == limit
