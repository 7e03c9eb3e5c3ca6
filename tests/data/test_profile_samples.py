"""The first rows and files to look at, and what is said of a column in a few words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trainer.config.file_datasets import Csv
from trainer.data.profile import (
    ColumnSummary,
    ColumnType,
    FileKind,
    Share,
    first_files,
    inferred_role,
    profile,
    sample_rows,
    told_values,
)
from trainer.data.sources.table_reading import read_table
from trainer.home import Home


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "size": [1.5, None, 3.0] * 20,
            "color": ["red", "blue", None] * 20,
            "name": [f"person {place}" for place in range(60)],
            "day": pd.date_range("2026-01-01", periods=60),
            "answer": ["yes", "no", "no"] * 20,
        }
    )


def test_rows_of_csv_and_parquet_are_the_first_ones(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "table.csv", index=False)
    frame.to_parquet(tmp_path / "table.parquet")
    dialect = profile(tmp_path / "table.csv").dialect
    of_csv = sample_rows(tmp_path / "table.csv", FileKind.CSV, dialect=dialect, count=2)
    of_parquet = sample_rows(tmp_path / "table.parquet", FileKind.PARQUET, count=2)
    assert of_csv is not None
    assert of_parquet is not None
    assert of_csv.names == of_parquet.names == ("size", "color", "name", "day", "answer")
    assert of_csv.rows[0] == ("1.5", "red", "person 0", "2026-01-01", "yes")
    assert of_csv.rows[1] == ("", "blue", "person 1", "2026-01-02", "no")
    assert [row[:3] for row in of_parquet.rows] == [row[:3] for row in of_csv.rows]


def test_files_alternate_between_classes(tmp_path: Path) -> None:
    for name in ("cat/1.txt", "cat/2.txt", "cat/3.txt", "dog/1.txt", "dog/readme.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = first_files(tmp_path, count=4)
    assert [(name, path.name) for name, path in found] == [
        ("cat", "1.txt"),
        ("dog", "1.txt"),
        ("cat", "2.txt"),
        ("cat", "3.txt"),
    ]


def test_roles_are_those_that_training_infers(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "table.csv"
    frame.assign(flag=[True, False, False] * 20, code=np.arange(60) // 2).to_csv(path, index=False)
    trained = read_table(Csv(path=str(path), target=("answer",)), path, Home(tmp_path)).roles.inferred
    shown = {column.name: inferred_role(column) for column in profile(path).columns if column.name != "answer"}
    assert shown == dict(trained)


def test_column_is_told_in_a_few_words(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "table.csv", index=False)
    told = {column.name: told_values(column) for column in profile(tmp_path / "table.csv").columns}
    assert told["size"] == "1.5 to 3, mean 2.250"
    assert told["answer"] == "no 66.7 %, yes 33.3 %"
    assert told["day"] == "2026-01-01 to 2026-03-01"


def test_shares_of_about_none_are_left_out() -> None:
    common = (Share(value="rare", rows=4), Share(value="once", rows=1))
    about = ColumnSummary(name="x", type=ColumnType.TEXT, rows=8_000, missing=0, distinct=7_996, common=common)
    assert told_values(about) == "rare 0.1 %, once, …"
