"""Tables that are larger than memory: read in pieces, they give what they give in memory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.tables import people, table_cases, table_dataset
from tests.support.text_files import reviews, text_config
from trainer.config import DatasetConfig, parse_config
from trainer.data import load, samples_at
from trainer.data.prepared import Stream
from trainer.data.sources import readers, store, stored_cells, table_reading
from trainer.data.sources.stored_table import StoredTable
from trainer.errors import DataError
from trainer.home import Home


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function: read every table as if memory could not hold it, a few rows at a time."""

    def limit(rows: int) -> None:
        table_reading._about.cache_clear()
        monkeypatch.setattr(readers, "memory_limit", lambda: 0)
        monkeypatch.setattr(readers, "_STREAMED_BLOCK", 1500)
        monkeypatch.setattr(store, "PIECE", 1)
        monkeypatch.setattr(store, "_FEWEST", rows)
        monkeypatch.setattr(store, "_GROUP", 100 * rows)

    return limit


def _found(dataset: DatasetConfig, home: Path, held: int | None = None) -> list[Any]:
    """Return all that follows from a dataset: bits, state, digests and sentences, or the refusal."""
    try:
        splits = load(dataset, home=Home(home), held=held)
    except DataError as error:
        return [str(error)]
    found: list[Any] = [splits.preparation(), splits.digest, splits.notes]
    found.append(replace(splits.schema, raw_bytes=None, working_bytes=0))
    for name in ("train", "validation", "test"):
        part = getattr(splits, name)
        found += [part.x[:].tobytes(), part.x.dtype, part.y.tobytes(), repr(splits.raw[name].shown().tolist())]
    return [*found, None if splits.weights is None else splits.weights.tobytes()]


def test_pieces_give_what_memory_gives(tmp_path: Path, in_pieces: Callable[[int], None]) -> None:
    configs = {name: parse_config(case).dataset for name, case in table_cases(tmp_path).items() if name != "xlsx"}
    whole = {name: _found(dataset, tmp_path / "home") for name, dataset in configs.items()}
    in_pieces(7)
    for name, dataset in configs.items():
        assert _found(dataset, tmp_path / "home") == whole[name], name


def _column(draw: np.random.Generator, rows: int) -> list[Any]:
    """Return the cells of a column of some kind, some of them missing."""
    kind = draw.integers(9)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 900, rows), unit="D")
    cells: list[Any] = [
        lambda: draw.integers(-5, 5, rows).tolist(),
        lambda: draw.normal(0, 1e6, rows).tolist(),
        lambda: draw.choice(["a", "B ", " Ä", "NA", "", "x y. Z"], rows).tolist(),
        lambda: [f"id {number}" for number in draw.integers(0, rows, rows)],
        lambda: [str(day.date()) for day in days],
        lambda: list(days.date),
        lambda: list(days + pd.to_timedelta(draw.integers(0, 2, rows) * (kind == 6) * 7, unit="h")),
        lambda: [bool(value) for value in draw.integers(0, 2, rows)],
        lambda: [f"{sign}{value}" for sign, value in zip(draw.choice(["", "+", "-"], rows), days.day, strict=True)],
    ][kind]()
    gone = draw.random(rows) < draw.choice([0, 0, 0.2, 1], p=[0.5, 0.2, 0.28, 0.02])
    return [None if missing else cell for cell, missing in zip(cells, gone, strict=True)]


def _table(draw: np.random.Generator, folder: Path, number: int) -> DatasetConfig:
    rows = int(draw.integers(12, 90))
    usual = [draw.choice(["a", "b", "C ", ""], rows), draw.normal(size=rows), draw.integers(0, 3, rows)]
    y = usual[draw.integers(3)].tolist() if draw.random() < 0.8 else _column(draw, rows)
    frame = pd.DataFrame({f"c{place}": _column(draw, rows) for place in range(5)} | {"y": y})
    if draw.random() < 0.5:
        frame = pd.concat([frame, frame.iloc[: rows // 3]], ignore_index=True)
    path = folder / f"{number}{draw.choice(['.csv', '.parquet'])}"
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, sep=str(draw.choice([",", ";", "\t"])))
    else:
        frame.to_parquet(path, row_group_size=int(draw.integers(5, 50)))
    roles = {f"c{draw.integers(5)}": str(draw.choice(["numeric", "category", "hashed", "text", "date", "ignore"]))}
    split = str(draw.choice(["random", "random", "group", "time"]))
    return table_dataset(
        path,
        target="y",
        columns=roles if draw.random() < 0.7 else {},
        hash_bins=5,
        text_words=6,
        drop_duplicates=bool(draw.random() < 0.4),
        missing=["x y. Z", "-3"] if draw.random() < 0.3 else [],
        split={"by": "random"} if split == "random" else {"by": split, "column": f"c{draw.integers(5)}"},
    )


def test_pieces_of_random_tables_give_what_memory_gives(tmp_path: Path, in_pieces: Callable[[int], None]) -> None:
    draw = np.random.default_rng(0)
    datasets = [_table(draw, tmp_path, number) for number in range(40)]
    whole = [_found(dataset, tmp_path / "home") for dataset in datasets]
    assert sum(len(found) > 1 for found in whole) > 20, "too many are refused to learn from"
    in_pieces(6)
    for dataset, expected in zip(datasets, whole, strict=True):
        assert _found(dataset, tmp_path / "home", held=0) == expected, dataset


def test_texts_of_a_file_give_what_memory_gives(tmp_path: Path, in_pieces: Callable[[int], None]) -> None:
    dataset = text_config(reviews(tmp_path / "reviews.csv")).dataset
    whole = _found(dataset, tmp_path / "home")
    in_pieces(7)
    assert _found(dataset, tmp_path / "home", held=0) == whole


def test_rows_are_streamed_and_can_be_shown_again(tmp_path: Path, in_pieces: Callable[[int], None]) -> None:
    dataset, home = table_dataset(people(tmp_path / "people.csv")), Home(tmp_path / "home")
    whole = load(dataset, home=home)
    wanted = samples_at(dataset, [3, 0], part="test", rows=whole.test_rows, digest=whole.digest, home=home)
    in_pieces(7)
    splits = load(dataset, home=home, held=0)
    assert isinstance(splits.train.x, Stream)
    assert isinstance(splits.raw["train"], StoredTable)
    shown = samples_at(dataset, [3, 0], part="test", rows=splits.test_rows, digest=splits.digest, home=home)
    assert shown.x.tolist() == wanted.x.tolist()
    assert splits.schema.working_bytes > 0


def test_row_longer_than_a_block_is_read(tmp_path: Path, in_pieces: Callable[[int], None]) -> None:
    path = people(tmp_path / "people.csv")
    path.write_text(path.read_text().replace("Paris", "P" * 2000))
    whole = _found(table_dataset(path), tmp_path)
    in_pieces(7)
    assert _found(table_dataset(path), tmp_path) == whole


def test_row_with_too_many_fields_is_named(tmp_path: Path, in_pieces: Callable[[int], None]) -> None:
    path = people(tmp_path / "people.csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:100], f"{lines[100]},one more", *lines[101:]]))
    in_pieces(7)
    with pytest.raises(DataError, match=r"ow (100 below the header )?of people.csv has 9 fields, but the header has 8"):
        load(table_dataset(path), home=Home(tmp_path))
    assert not list(Home(tmp_path).cache.glob("*")), "nothing is left"


def test_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, in_pieces: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "people.parquet"
    pd.read_csv(people(tmp_path / "people.csv")).to_parquet(path)
    in_pieces(7)
    splits = load(table_dataset(path), home=Home(tmp_path))
    pd.read_csv(people(tmp_path / "people.csv", seed=1)).to_parquet(path)
    with pytest.raises(DataError, match=r"people\.parquet changed while it was read"):
        splits.raw["test"].shown()


def test_too_many_different_texts_in_one_column_are_refused(
    tmp_path: Path, in_pieces: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = people(tmp_path / "people.csv")
    in_pieces(7)
    monkeypatch.setattr(stored_cells, "memory_limit", lambda: 4000)
    with pytest.raises(DataError, match=r"'group' in people\.csv need more than 1\.0 kB of memory; give the"):
        load(table_dataset(path, split={"by": "group", "column": "group"}), home=Home(tmp_path))


def test_too_many_categories_are_refused_before_they_are_counted(
    tmp_path: Path, in_pieces: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = people(tmp_path / "people.csv")
    in_pieces(7)
    monkeypatch.setattr(table_reading, "_FILES", 1)
    monkeypatch.setattr(table_reading, "memory_limit", lambda: 0)
    with pytest.raises(
        DataError, match=r"'zip' in people.csv has \d+ different texts, which become as many features of"
    ):
        load(table_dataset(path, columns={"zip": "category", "group": "ignore"}), home=Home(tmp_path))
