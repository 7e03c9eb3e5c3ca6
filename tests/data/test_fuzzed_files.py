"""Malformed files from a seeded fuzzer that starts from good ones: each is profiled, or refused in one sentence."""

import io
import json
import os
import pickle
import random
import signal
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.commands import call
from trainer.config import DATASETS
from trainer.data import load
from trainer.data.profile import content as profile_content
from trainer.data.profile import profile
from trainer.errors import FitboardError
from trainer.home import Home

QUICK, ALL = 60, 500
HANGS = 60
ROWS = 60

Mutation = Callable[[random.Random, bytes], bytes]


def good_csv() -> bytes:
    lines = ["name,size,when,answer"]
    lines += [f'"n, {k}",{k * 1.5},2024-01-{1 + k % 28:02},{"yes" if k % 3 else "no"}' for k in range(ROWS)]
    return ("\n".join(lines) + "\n").encode()


def good_parquet() -> bytes:
    stream = io.BytesIO()
    columns = {"size": np.arange(ROWS) * 1.5, "color": ["red", "blue"] * (ROWS // 2), "answer": np.arange(ROWS) % 2}
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), stream)
    return stream.getvalue()


def good_npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, x=np.arange(ROWS * 4.0).reshape(ROWS, 4), y=np.arange(ROWS) % 2)
    return stream.getvalue()


def cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content))]


def flipped(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 4, 32])):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def repeated(chance: random.Random, content: bytes) -> bytes:
    start = chance.randrange(len(content))
    return content[:start] + content[start : start + chance.randrange(1, 300)] * 2 + content[start:]


def zeros(chance: random.Random, content: bytes) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + b"\0" * chance.choice([1, 2, 100]) + content[place:]


def joined(chance: random.Random, content: bytes) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + chance.choice([good_csv, good_parquet, good_npz])() + content[place:]


def of_lines(change: Callable[[random.Random, list[bytes]], None]) -> Mutation:
    def mutate(chance: random.Random, content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        change(chance, lines)
        return b"".join(lines)

    return mutate


def _set(lines: list[bytes], chance: random.Random, change: Callable[[bytes], bytes]) -> None:
    place = chance.randrange(len(lines))
    lines[place] = change(lines[place])


CSV: dict[str, Mutation] = {
    "short row": of_lines(lambda chance, lines: _set(lines, chance, lambda line: line.rpartition(b",")[0] + b"\n")),
    "long row": of_lines(lambda chance, lines: _set(lines, chance, lambda line: line.strip() + b",1,2,3\n")),
    "open quote": of_lines(lambda chance, lines: _set(lines, chance, lambda line: b'"' + line)),
    "quote inside": of_lines(lambda chance, lines: _set(lines, chance, lambda line: line.replace(b",", b'",', 1))),
    "mark": lambda chance, content: chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb"]) + content,
    "UTF-16": lambda chance, content: content.decode().encode(chance.choice(["utf-16", "utf-16-le", "utf-16-be"])),
    "odd UTF-16": lambda chance, content: content.decode().encode("utf-16")[:-1],
    "UTF-32": lambda chance, content: content.decode().encode("utf-32"),
    "one byte of another encoding": lambda chance, content: content.replace(b"yes", b"y\xe9s", 1),
    "10,000 columns": lambda chance, content: (
        b",".join(b"c%d" % place for place in range(10_000)) + b"\n" + (b"1," * 9_999 + b"2\n") * 3
    ),
    "line of 50 MB": lambda chance, content: content + b"x" * 50_000_000,
    "first line of 50 MB": lambda chance, content: b"x" * 50_000_000 + content,
    "field of 20 MB in quotes": lambda chance, content: content + b'"' + b"x" * 20_000_000 + b'",1,2024-01-01,yes\n',
    "nothing": lambda chance, content: b"",
    "header only": of_lines(lambda chance, lines: lines.__delitem__(slice(1, None))),
    "no header": of_lines(lambda chance, lines: lines.__delitem__(0)),
    "numbers alone": lambda chance, content: b"1,2\n3,4\n5,6\n",
    "mixed line ends": of_lines(
        lambda chance, lines: lines.__setitem__(
            slice(None), [line.strip() + chance.choice([b"\n", b"\r\n", b"\r"]) for line in lines]
        )
    ),
    "blank lines": lambda chance, content: b"\n" * chance.choice([1, 500]) + content.replace(b"\n", b"\n\n"),
    "blank": lambda chance, content: chance.choice([b"\n" * 999, b"   ", b",,,,\n,,,,\n", b'"', b"\t", b'""\n""\n']),
    "the same name twice": lambda chance, content: content.replace(b"size", b"name", 1),
    "no names": lambda chance, content: content.replace(b"name,size,when,answer", b",,,"),
    "odd names": lambda chance, content: content.replace(
        b"name,size", chance.choice([b"=1+1,[red]", b"a.b,c/d", b"\x1b[31m,\xe2\x80\xae", b"x" * 9_999 + b",y"]), 1
    ),
    "numbers beyond all types": lambda chance, content: content.replace(
        b"1.5", chance.choice([b"1e999", b"-1e400", b"9" * 400, b"nan", b"inf", b"0x10", b"1_000"])
    ),
    "dates that do not exist": lambda chance, content: content.replace(b"2024-01", b"2024-13"),
}

PARQUET: dict[str, Mutation] = {
    "wrong magic": lambda chance, content: b"PAR2" + content[4:],
    "no footer": lambda chance, content: content[:-8],
    "wrong length of the footer": lambda chance, content: content[:-8] + b"\xff\xff\xff\x7f" + content[-4:],
    "magic alone": lambda chance, content: b"PAR1" * chance.choice([1, 2, 3]),
    "other types": lambda chance, content: _parquet(
        {
            "nested": [[k, k] for k in range(ROWS)],
            "record": [{"a": k} for k in range(ROWS)],
            "price": [Decimal(k) / 100 for k in range(ROWS)],
            "bytes": [bytes([k]) for k in range(ROWS)],
            "when": [datetime(2024, 1, 1 + k % 28, tzinfo=UTC) for k in range(ROWS)],
            "answer": ["yes", "no"] * (ROWS // 2),
        }
    ),
    "no rows": lambda chance, content: _parquet({"a": pa.array([], pa.int64())}),
    "no columns": lambda chance, content: _parquet({}),
    "all missing": lambda chance, content: _parquet({"a": pa.nulls(ROWS), "answer": pa.nulls(ROWS)}),
}


def _parquet(columns: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


class _Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("/tmp/unpickled"),))  # type: ignore[return-value]


def _zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _encrypted(content: bytes) -> bytes:
    """The archive with the flag of encryption in every header of a member."""
    changed = bytearray(content)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            changed[place + flags] |= 1
            place = content.find(mark, place + 1)
    return bytes(changed)


def _header(shape: str, dtype: str = "<f8") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


NPZ: dict[str, Mutation] = {
    "pickles": lambda chance, content: _saved(x=np.array([_Malicious()] * 3, object), y=np.arange(3)),
    "a pickle as a member": lambda chance, content: _zipped({"x.npy": pickle.dumps([1]), "y.npy": pickle.dumps([1])}),
    "huge shape": lambda chance, content: _zipped({"x.npy": _header("(10**9, 10**9)"), "y.npy": _header("(3,)")}),
    "huger shape": lambda chance, content: _zipped({"x.npy": _header("(999999999999,)"), "y.npy": _header("(3,)")}),
    "negative shape": lambda chance, content: _zipped({"x.npy": _header("(-3,)"), "y.npy": _header("(-3,)")}),
    "long header": lambda chance, content: _zipped({"x.npy": b"\x93NUMPY\x02\x00\xff\xff\xff\x7f", "y.npy": b""}),
    "paths outside": lambda chance, content: _zipped({"../../x.npy": content, "/y.npy": content}),
    "nested": lambda chance, content: _zipped({"inner.npz": content}),
    "encrypted": lambda chance, content: _encrypted(content),
    "no arrays": lambda chance, content: _zipped({}),
    "NaN": lambda chance, content: _saved(x=np.full((5, 2), np.nan), y=np.arange(5) % 2),
    "text": lambda chance, content: _saved(x=np.array([["a"]] * 5), y=np.arange(5) % 2),
}


def _saved(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


ANY: dict[str, Mutation] = {"cut": cut, "flipped": flipped, "repeated": repeated, "zeros": zeros, "joined": joined}
KINDS: dict[str, tuple[Callable[[], bytes], dict[str, Mutation]]] = {
    "csv": (good_csv, CSV),
    "parquet": (good_parquet, PARQUET),
    "npz": (good_npz, NPZ),
}


def malformed(seed: int) -> tuple[str, str, bytes]:
    """The kind of a file, what was done to a good one, and its content; every mutation alone comes first."""
    singles = [(kind, name) for kind, (_, own) in KINDS.items() for name in (*own, *ANY)]
    chance = random.Random(seed)
    kind, name = singles[seed] if seed < len(singles) else chance.choice(singles)
    make, own = KINDS[kind]
    names = [name] if seed < len(singles) else [name, *chance.choices(list(ANY), k=chance.randrange(3))]
    content = make()
    for each in names:
        if content:
            content = (own | ANY)[each](chance, content)
    return kind, " + ".join(names), content


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """A file that is read forever ends the test instead of the suite."""

    def give_up(*of: object) -> None:
        raise TimeoutError(f"took longer than {HANGS} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(HANGS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def check_refusal(error: FitboardError, what: str) -> None:
    text = str(error)
    assert text, what
    assert "\n" not in text, what
    assert len(text) <= FitboardError.longest, what
    assert text.endswith((".", "?")), f"{what}: {text}"
    assert "Traceback" not in text, what


def profiled(path: Path, home: Home) -> None:
    profile(path, {"target": "answer"})


def sampled(path: Path, home: Home) -> None:
    """Profile a file as if it were larger than memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.data.profile.reading.memory_limit", lambda: 3_000)
        profile(path, {"target": "answer"})


def loaded(path: Path, home: Home) -> None:
    kind = path.suffix.removeprefix(".")
    fields = {"path": str(path)} if kind == "npz" else {"path": str(path), "target": "answer"}
    load(DATASETS.members[kind].model_validate({"name": kind, **fields}), home=home)


@pytest.mark.parametrize(
    "seeds",
    [range(first, first + 20) for first in range(0, QUICK, 20)]
    + [pytest.param(range(first, first + 44), marks=pytest.mark.slow) for first in range(QUICK, ALL, 44)],
    ids=lambda seeds: f"{seeds[0]} to {seeds[-1]}",
)
def test_malformed_file_is_profiled_or_refused_in_one_sentence(seeds: range, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for seed in seeds:
        kind, what, content = malformed(seed)
        path = tmp_path / f"bad.{kind}"
        path.write_bytes(content)
        before = sorted(tmp_path.rglob("*"))
        for read in (profiled, loaded, *([sampled] if seed % 3 == 0 and kind in {"csv", "parquet"} else [])):
            try:
                read(path, home)
            except FitboardError as error:
                check_refusal(error, f"seed {seed}, {kind}, {what}")
        assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/unpickled").exists()


def test_refusal_reaches_the_command_line_without_a_traceback(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(good_csv().replace(b"1.5,", b"1.5,,", 1))
    assert call("data", "check", path, "--home", home.path) == 2
    said = capsys.readouterr().err
    assert said.strip() == (
        "Line 3 of bad.csv has 5 fields, but the header has 4; correct the line, or give another delimiter than ','."
    )


def test_rows_that_unpack_to_more_than_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million equal rows take a few bytes of a Parquet file."""
    monkeypatch.setattr("trainer.data.profile.reading.memory_limit", lambda: 4_000_000)
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"a": pa.array(np.zeros(1_000_000))}), path)
    assert path.stat().st_size < 100_000
    with pytest.raises(FitboardError, match=r"bomb.parquet would need more than 4.0 MB of memory, 100 times its"):
        profile(path)


def test_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing.csv"
    path.write_bytes(good_csv())
    pieces = profile_content.read_in_pieces

    def growing(path: Path, *more: object) -> Iterator[bytes]:
        yield from pieces(path)
        path.write_bytes(good_csv() + b"late,1,2024-01-01,yes\n")

    monkeypatch.setattr(profile_content, "read_in_pieces", growing)
    with pytest.raises(FitboardError, match=r"growing.csv changed while it was read; try again when it is complete\."):
        profile(path)


def test_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cat").mkdir()

    def refuse(path: object) -> Iterator[object]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(FitboardError, match=r"cannot be read \(Permission denied\); check its permissions\."):
        profile(tmp_path)


@pytest.mark.parametrize("name", ["missing.csv", "a" * 300, "nul\0.csv"])
def test_path_that_leads_nowhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FitboardError) as caught:
        profile(tmp_path / name)
    check_refusal(caught.value, name)


def test_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(FitboardError, match="is neither a file nor a folder"):
        profile(tmp_path / "pipe.csv")


def test_every_answer_is_json(tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Infinities and control characters of a file do not break the document."""
    path = tmp_path / "odd.csv"
    path.write_bytes(
        b"name,size\n" + b"".join(b"\x1b[31m%d,%s\n" % (k, b"inf" if k % 2 else b"1") for k in range(ROWS))
    )
    assert call("data", "show", path, "--json", "--home", home.path) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == ROWS
