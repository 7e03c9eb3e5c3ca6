"""Files that cannot be trained on: each is refused in one sentence that says why and what to do."""

import io
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy

from trainer.config import Npz
from trainer.data import describe, load
from trainer.data.npz_file import NpzFile
from trainer.errors import DataError
from trainer.home import Home

X, Y = np.arange(60.0).reshape(20, 3), np.arange(20) % 2
NAN = np.where(X == 10, np.nan, X)


def refuse(folder: Path, match: str, **fields: Any) -> None:
    """`load` refuses it, as `describe` does, and its sentence ends as one."""
    dataset, home = Npz(path=str(folder / "bad.npz"), **fields), Home(folder / "home")
    with pytest.raises(DataError, match=match) as caught:
        load(dataset, home=home)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    with pytest.raises(DataError, match=match):
        describe(dataset, home=home)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "mismatched lengths": ({"x": X, "y": Y[:-1]}, r"x in bad.npz has 20 samples, but y has 19; expected equal numbers"),
    "x with NaN": ({"x": NAN, "y": Y}, r"x in bad.npz contains NaN or infinity, first in sample 3; remove or replace"),
    "x with infinity": ({"x": np.where(X == 9, -np.inf, X), "y": Y}, r"x in bad.npz .* first in sample 3;"),
    "y with NaN": ({"x": X, "y": NAN[:, 1]}, r"y in bad.npz contains NaN or infinity, first in sample 3;"),
    "x beyond float32": ({"x": X * 1e300, "y": Y}, r"x in bad.npz contains values beyond 3.4e38"),
    "y beyond float32": ({"x": X, "y": X[:, 0] * 1e300}, r"y in bad.npz contains values beyond 3.4e38"),
    "one class": ({"x": X, "y": Y * 0 + 7}, r"y in bad.npz contains only one class \(7\); expected at least two"),
    "one class, one-hot": ({"x": X, "y": np.eye(3)[Y * 0]}, r"y in bad.npz contains only one class \(0\)"),
    "no samples": ({"x": X[:0], "y": Y[:0]}, r"x in bad.npz is empty; expected shape .+, got \(0, 3\)"),
    "no features": ({"x": X[:, :0], "y": Y}, r"x in bad.npz is empty; expected shape .+, got \(20, 0\)"),
    "a single number": ({"x": np.float64(3), "y": Y}, r"x in bad.npz is empty; expected shape .+, got \(\)"),
    "text in x": ({"x": X.astype(str), "y": Y}, r"x in bad.npz contains text; expected numbers"),
    "text in y": ({"x": X, "y": Y.astype(str)}, r"y in bad.npz contains text; expected numbers"),
    "complex x": ({"x": X * 1j, "y": Y}, r"x in bad.npz contains complex numbers; expected numbers"),
    "dates": ({"x": X.astype("datetime64[s]"), "y": Y}, r"x in bad.npz contains dates;"),
    "records": ({"x": np.zeros(20, "i4,f4"), "y": Y}, r"x in bad.npz contains records;"),
    "pickled x": (
        {"x": X.astype(object), "y": Y},
        r"x in bad.npz contains pickled Python objects, which are never loaded",
    ),
    "pickled y": ({"x": X, "y": np.array([{}] * 20)}, r"y in bad.npz contains pickled Python objects"),
    "y of three axes": ({"x": X, "y": X.reshape(20, 3, 1)}, r"y in bad.npz has shape \(20, 3, 1\); expected"),
    "negative labels": (
        {"x": X, "y": Y - 1},
        r"y in bad.npz contains the negative label -1; number the classes from 0",
    ),
    "integer rows": (
        {"x": X, "y": X.astype(int)},
        r"y in bad.npz has shape \(20, 3\), but its rows are not one-hot",
    ),
    "every label another": (
        {"x": X, "y": np.arange(20)},
        r"contains 20 distinct integers in 20 samples, .* set task to",
    ),
    "no y": ({"x": X, "labels": Y}, r"bad.npz has no array 'y'; it contains x, labels"),
    "capitals": ({"X": X, "Y": Y}, r"has no array 'x'; it contains X, Y\. Rename 'X'; expected x and y, or"),
    "other names": ({"a": X, "b": Y}, r"has no array 'x'; it contains a, b\. Add it; expected x and y"),
    "a misspelled part": ({"x_train": X, "y_trian": Y}, r"has no array 'y_train'; .* Rename 'y_trian';"),
    "half a test part": ({"x_train": X, "y_train": Y, "x_test": X}, r"has no array 'y_test'"),
    "other shape in the test part": (
        {"x_train": X, "y_train": Y, "x_test": X[:, :2], "y_test": Y},
        r"x_train in bad.npz is float64 of shape \(20, 3\), but x_test is float64 of shape \(20, 2\)",
    ),
    "other type in the test part": (
        {"x_train": X, "y_train": Y, "x_test": X.astype("uint8"), "y_test": Y},
        r"but x_test is uint8 of shape \(20, 3\); only the number of samples may differ",
    ),
    "too few samples": (
        {"x": X[:2], "y": Y[:2]},
        r"test_fraction 0.2 .* leave none of the 2 samples for training; reduce",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arrays_are_refused(case: str, tmp_path) -> None:
    arrays, match = BAD[case]
    np.savez(tmp_path / "bad.npz", **arrays)
    refuse(tmp_path, match)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", ["<f8", ">f4", "f2", "g"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_infinity_is_found_however_it_is_stored(order: Any, dtype: str, packed: bool, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("trainer.data.npz_file._PIECE", 64)
    x = np.array(np.arange(60).reshape(20, 3), dtype, order=order)
    x[7, 2], x[9, 0] = np.inf, np.nan
    (np.savez_compressed if packed else np.savez)(tmp_path / "bad.npz", x=x, y=Y)
    refuse(tmp_path, r"x in bad.npz contains NaN or infinity, first in sample 7;")


def test_infinity_in_the_test_part_is_found(tmp_path) -> None:
    np.savez(tmp_path / "bad.npz", x_train=X, y_train=Y, x_test=NAN, y_test=Y)
    refuse(tmp_path, r"x_test in bad.npz contains NaN or infinity, first in sample 3;")


def test_changed_file_is_looked_through_again_and_the_same_one_is_not(tmp_path, monkeypatch) -> None:
    # As if the file had not been written just now.
    monkeypatch.setattr("trainer.data.sources.file._TICK_NS", -1)
    dataset, home = Npz(path=str(tmp_path / "bad.npz")), Home(tmp_path / "home")
    np.savez(tmp_path / "bad.npz", x=X, y=Y)
    describe(dataset, home=home)
    parts, looks = NpzFile.parts, []
    monkeypatch.setattr(NpzFile, "parts", lambda *given, **size: looks.append(given[1]) or parts(*given, **size))
    describe(dataset, home=home)
    assert looks == []
    np.savez(tmp_path / "bad.npz", x=NAN, y=Y)
    os.utime(tmp_path / "bad.npz", ns=(1, 1))
    refuse(tmp_path, "contains NaN")
    assert looks == ["x"]


def test_look_through_has_its_bound(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("trainer.data.npz_survey._LOOKED_THROUGH", 3 * 3 * 8)
    dataset, home = Npz(path=str(tmp_path / "bad.npz")), Home(tmp_path / "home")
    np.savez(tmp_path / "bad.npz", x=NAN, y=Y)
    assert describe(dataset, home=home).samples == 20
    with pytest.raises(DataError, match="first in sample 3"):
        load(dataset, home=home)


def test_fractions_are_no_classes(tmp_path) -> None:
    np.savez(tmp_path / "bad.npz", x=X, y=X[:, 0] + 0.5)
    refuse(tmp_path, r"y in bad.npz contains fractions; expected integer classes", task="classification")


def test_missing_file_is_named(tmp_path) -> None:
    refuse(tmp_path, r"File .*bad.npz not found; expected the path of an .npz file")


def test_folder_without_arrays_is_refused(tmp_path) -> None:
    (tmp_path / "bad.npz").mkdir()
    refuse(tmp_path, r"bad.npz has no \.npy files; expected x\.npy and y\.npy")


def test_pipe_is_refused_without_waiting_for_it(tmp_path) -> None:
    os.mkfifo(tmp_path / "bad.npz")
    refuse(tmp_path, r"bad.npz is a device; expected the path")


@pytest.mark.parametrize("path", ["x" * 5000, "~nobody-of-that-name/x.npz"])
def test_path_that_cannot_be_is_refused(path: str, tmp_path) -> None:
    with pytest.raises(DataError, match="expected the path of a file"):
        describe(Npz(path=path), home=Home(tmp_path))


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "bad.npz is empty; write it with numpy.savez"),
        (b"x,y\n1,2\n", "bad.npz is not an .npz file, or is truncated; write it with"),
        (b"\x93NUMPY\x01\x00", r"bad.npz is a single array \(.npy\)"),
        (b"PK\x03\x04" + b"\0" * 50, "bad.npz is not an .npz file, or is truncated"),
    ],
)
def test_other_files_are_told_for_what_they_are(content: bytes, match: str, tmp_path) -> None:
    (tmp_path / "bad.npz").write_bytes(content)
    refuse(tmp_path, match)


def test_archive_without_arrays_is_refused(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    refuse(tmp_path, "bad.npz is a zip archive without arrays")


def test_every_cut_and_every_flipped_byte_is_refused_or_harmless(tmp_path) -> None:
    np.savez_compressed(tmp_path / "good.npz", x=X, y=Y)
    good = (tmp_path / "good.npz").read_bytes()
    broken = [good[:length] for length in range(0, len(good), 7)]
    broken += [good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :] for place in range(0, len(good), 3)]
    for content in broken:
        (tmp_path / "bad.npz").write_bytes(content)
        try:
            load(Npz(path=str(tmp_path / "bad.npz")), home=Home(tmp_path))
        except DataError as error:
            assert str(error).endswith(".")  # noqa: PT017


def with_header(path: Path, header: dict[str, Any], body: bytes = b"") -> None:
    """An npz file whose x says of itself what `header` says."""
    x, y = io.BytesIO(), io.BytesIO()
    npy.write_array_header_1_0(x, header)
    x.write(body)
    npy.write_array(y, Y)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", x.getvalue())
        archive.writestr("y.npy", y.getvalue())


@pytest.mark.parametrize("shape", [(10**12, 3), (2**63, 2**63), (20, 4), (-20, -3)])
def test_header_that_claims_more_than_there_is_is_refused_unread(shape: tuple[int, ...], tmp_path) -> None:
    with_header(tmp_path / "bad.npz", {"descr": "<f8", "fortran_order": False, "shape": shape}, X.tobytes())
    refuse(tmp_path, r"x in bad.npz has 480 bytes of data, which does not match its shape .*\. The file is damaged")


@pytest.mark.parametrize("text", [b"{" * 9000, b"__import__('os')", b"{'descr': '<f8'}", b"\xff" * 40])
def test_header_that_is_none_is_refused(text: bytes, tmp_path) -> None:
    start = npy.MAGIC_PREFIX + b"\x01\x00" + len(text).to_bytes(2, "little") + text
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as archive:
        archive.writestr("x.npy", start)
        archive.writestr("y.npy", start)
    refuse(tmp_path, r"x in bad.npz cannot be read \(.*\)\. The file is damaged")


def test_zip_bomb_is_refused_by_the_memory_it_would_take(tmp_path) -> None:
    np.savez_compressed(tmp_path / "bad.npz", x=np.zeros((1000, 1000)), y=np.arange(1000) % 2)
    assert (tmp_path / "bad.npz").stat().st_size < 20_000
    with NpzFile(tmp_path / "bad.npz", name="bad.npz", limit=10_000_000) as file:
        with pytest.raises(
            DataError, match=r"bad.npz would need 20.1 MB of memory, but the limit is 10.0 MB; use fewer"
        ):
            file.read("x")
        assert len(file.read("y")) == 1000


def test_describe_refuses_what_memory_cannot_hold(tmp_path, monkeypatch) -> None:
    np.savez(tmp_path / "bad.npz", x=X, y=Y)
    monkeypatch.setattr("trainer.data.npz_file.memory_limit", lambda: 500)
    with pytest.raises(DataError, match=r"would need 3\.6 kB of memory, but the limit is 500 bytes"):
        describe(Npz(path=str(tmp_path / "bad.npz")), home=Home(tmp_path))


def test_names_of_any_length_are_shown_shortened_on_one_line(tmp_path) -> None:
    names = ["a" * 60_000, "two\nlines\x1b[31m", *(f"n{number}" for number in range(12))]
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as archive:
        for name in names:
            archive.writestr(f"{name}.npy", b"")
    with pytest.raises(DataError) as caught:
        describe(Npz(path=str(tmp_path / "bad.npz")), home=Home(tmp_path / "home"))
    text = str(caught.value)
    assert len(text) <= 500
    assert text.isprintable()
    assert "two lines" in text
    assert "and 4 more" in text
    assert text.endswith("expected x and y, or x_train, y_train, x_test and y_test.")


@pytest.mark.parametrize("columns", [1, 8])
def test_estimate_covers_what_loading_takes(columns: int, tmp_path) -> None:
    """Loading many small samples takes a hundred times their size: labels, order and the split count too."""
    samples = 200_000
    path = tmp_path / "bad.npz"
    np.savez_compressed(path, x=np.zeros((samples, columns), np.uint8), y=np.arange(samples, dtype=np.uint8) % 2)
    home, dataset = Home(tmp_path / "home"), Npz(path=str(path))
    load(dataset, home=home)  # imports scikit-learn
    tracemalloc.start()
    load(dataset, home=home)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with (
        NpzFile(path, name="bad.npz", limit=taken) as file,
        pytest.raises(DataError, match=r"bad\.npz would need .* of memory, but the limit is"),
    ):
        file.admit(["x", "y"])
    with NpzFile(path, name="bad.npz", limit=2 * taken) as file:
        file.admit(["x", "y"])


@pytest.mark.parametrize("version", [1, 2, 3])
def test_header_longer_than_any_is_refused_before_it_is_unpacked(version: int, tmp_path) -> None:
    size = 2 if version == 1 else 4
    length = 60_000 if version == 1 else 50_000_000
    with zipfile.ZipFile(tmp_path / "bad.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        start = npy.MAGIC_PREFIX + bytes([version, 0]) + length.to_bytes(size, "little")
        archive.writestr("x.npy", start + b" " * length)
        archive.writestr("y.npy", b"")
    dataset, home = Npz(path=str(tmp_path / "bad.npz")), Home(tmp_path / "home")
    tracemalloc.start()
    with pytest.raises(DataError, match=rf"x in bad\.npz .*header claims a length of {length:,} bytes"):
        describe(dataset, home=home)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 5_000_000


def test_only_the_names_that_are_shown_are_shortened(tmp_path, monkeypatch) -> None:
    shortened: list[str] = []
    monkeypatch.setattr("trainer.data.npz_file.shortened_line", lambda key, _: shortened.append(key) or key)
    np.savez(tmp_path / "own.npz", x=X, y=Y, **{f"n{number}": Y for number in range(50)})
    schema = describe(Npz(path=str(tmp_path / "own.npz")), home=Home(tmp_path / "home"))
    assert schema.ignored.endswith("and 40 more")
    assert len(shortened) == 10
