"""Tables in files: how they are read, and what is said about those that cannot be."""

import datetime
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.support.tables import people, table_dataset, with_other_formats
from trainer.data import describe, load, preview, samples_at
from trainer.data.schema import Task
from trainer.data.sources.table import Table
from trainer.errors import DataError
from trainer.home import Home


def test_roles_are_inferred_and_recorded(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    splits = load(table_dataset(path, columns={}), home=Home(tmp_path / "home"))
    roles = splits.details["roles"]
    assert roles == {
        "age": "numeric",
        "city": "category",
        "zip": "numeric",
        "when": "date",
        "income": "numeric",
        "group": "category",
        "weight": "numeric",
    }
    assert splits.notes[0].startswith("Inferred roles: numeric: age, zip, income, weight; category: city, group;")
    assert (splits.schema.task, splits.schema.class_names) == (Task.CLASSIFICATION, ("cat", "dog"))
    assert splits.details["delimiter"] == ","


@pytest.mark.parametrize(
    ("delimiter", "decimal", "encoding"),
    [
        (";", ",", "utf-8"),
        ("\t", ".", "cp1252"),
        ("|", ",", "utf-16"),
        (",", ".", "utf-8-sig"),
        (";", ".", "utf-16-le"),
    ],
)
def test_delimiter_decimal_sign_and_encoding_are_detected(
    delimiter: str, decimal: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.csv"
    rows = [f"{row}{decimal}5{delimiter}größe {row % 3}{delimiter}{'ab'[row % 2]}" for row in range(40)]
    path.write_bytes("\r\n".join([delimiter.join(["länge", "wort", "species"]), *rows]).encode(encoding))
    splits = load(table_dataset(path, columns={}), home=Home(tmp_path))
    table = splits.raw["train"]
    assert isinstance(table, Table)
    assert splits.details["roles"] == {"länge": "numeric", "wort": "category"}
    assert set(table.columns["länge"].shown()) <= {row + 0.5 for row in range(40)}
    assert set(table.columns["wort"].shown()) == {"größe 0", "größe 1", "größe 2"}
    assert splits.details["decimal"] == decimal


def test_parquet_gives_the_samples_of_the_csv(tmp_path: Path) -> None:
    from pyarrow import csv

    table = csv.read_csv(people(tmp_path / "people.csv"), convert_options=csv.ConvertOptions(strings_can_be_null=True))
    parquet.write_table(table, tmp_path / "people.parquet")
    from_csv, from_parquet = (
        load(table_dataset(tmp_path / name), home=Home(tmp_path / "home")) for name in ("people.csv", "people.parquet")
    )
    names = from_csv.schema.feature_names
    assert from_parquet.schema.feature_names == names
    # Parquet has the zip codes as numbers, without their zeros in front.
    kept = [place for place, name in enumerate(names) if not name.startswith("zip")]
    np.testing.assert_array_equal(from_parquet.train.x[:, kept], from_csv.train.x[:, kept])
    np.testing.assert_array_equal(from_parquet.train.y, from_csv.train.y)


def test_parquet_types_have_roles(tmp_path: Path) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    table = pa.table(
        {
            "flag": [True, None] * 20,
            "cents": pa.array([1, 2] * 20, pa.decimal128(8, 2)),
            "at": [datetime.datetime(1970, 1, 2, 2, tzinfo=zone)] * 40,
            "tags": [["a"]] * 40,
            "word": pa.array(["x", "y"] * 20).dictionary_encode(),
            "species": ["a", "b"] * 20,
        }
    )
    parquet.write_table(table, tmp_path / "typed.parquet")
    splits = load(table_dataset(tmp_path / "typed.parquet", columns={}), home=Home(tmp_path))
    roles = {"flag": "category", "cents": "numeric", "at": "date", "tags": "ignore", "word": "category"}
    assert splits.details["roles"] == roles
    first = splits.raw["train"].shown()[0]
    assert (first[0] in {"True", ""}, first[2]) == (True, "1970-01-02")


def test_rows_without_a_target_are_left_out_and_keep_their_numbers(tmp_path: Path) -> None:
    path, home = tmp_path / "gaps.csv", Home(tmp_path / "home")
    path.write_text("x,species\n" + "".join(f"{row},{'' if row % 5 == 0 else 'ab'[row % 2]}\n" for row in range(50)))
    dataset = table_dataset(path, columns={})
    splits = load(dataset, home=home)
    assert splits.schema.samples == 40
    assert "10 rows without a target are left out." in splits.notes
    assert splits.test_rows is not None
    shown = samples_at(dataset, [0, 1], part="test", rows=splits.test_rows, digest=splits.digest, home=home)
    assert shown.x[:, 0].tolist() == splits.test_rows[:2].tolist()
    assert shown.y.tolist() == splits.test.y[:2].tolist()
    with pytest.raises(DataError, match="have changed"):
        samples_at(dataset, [0], part="test", rows=splits.test_rows, digest="other", home=home)


def test_coded_missing_values_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "coded.csv"
    path.write_text("x,species\n" + "".join(f"{-999 if row % 4 == 0 else row},{'ab'[row % 2]}\n" for row in range(40)))
    splits = load(table_dataset(path, columns={}, missing=[-999]), home=Home(tmp_path))
    assert splits.schema.feature_names == ("x", "x is missing")
    assert splits.train.x[:, 1].sum() > 0


def test_regression_of_several_targets(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    splits = load(table_dataset(path, target=["income", "weight"], columns={"zip": "ignore"}), home=Home(tmp_path))
    assert (splits.schema.task, splits.schema.outputs, splits.train.y.shape[1]) == (Task.REGRESSION, 2, 2)


def test_weights_are_those_of_the_training_rows(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    splits = load(table_dataset(path, weight="weight", columns={"zip": "ignore"}), home=Home(tmp_path))
    assert splits.weights is not None
    np.testing.assert_array_equal(splits.weights, 1 + splits.raw["train"].rows % 3)  # type: ignore[attr-defined]
    assert "weight" not in splits.details["roles"]


def test_preview_shows_raw_rows(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    dataset, home = table_dataset(path), Home(tmp_path / "home")
    found = preview(dataset, home=home, count=3)
    assert found is not None
    assert found.x.shape == (3, len(describe(dataset, home=home).raw_names))
    assert path.read_text().splitlines()[1].split(",")[1] in found.x[:, 1]


GOOD = "x,y,species\n" + "1,2,a\n3,4,b\n" * 10


@pytest.mark.parametrize(
    ("content", "fields", "message"),
    [
        (b"", {}, r"own\.csv is empty; expected a header line"),
        ("x,y,species\n", {}, r"own\.csv has a header but no rows"),
        (GOOD + "1,2\n", {}, r"Row 21 below the header of own\.csv has 2 fields, but the header has 3 \('1,2'\)"),
        ("x,,species\n1,2,a\n", {}, r"Column 2 of own\.csv has no name"),
        ("x,x,species\n1,2,a\n", {}, r"own\.csv has several columns named 'x'"),
        (b"x,species\n\xff\xfe,a\n", {"encoding": "utf-8"}, r"own\.csv is not utf-8 \(byte 10\)"),
        (b"x,species\n1\x00,a\n2,b\n", {}, r"own\.csv contains NUL bytes"),
        (GOOD, {"target": "specis"}, "has no column 'specis' for target; did you mean 'species'"),
        (GOOD, {"columns": {"z": "numeric"}}, "has no column 'z' for columns; it has x, y, species"),
        (GOOD, {"columns": {"species": "numeric"}}, "'species' is the target"),
        (GOOD, {"columns": {"x": "ignore", "y": "ignore"}}, r"No column of own\.csv is left as an input"),
        (
            GOOD + "a,2,b\n",
            {"columns": {"x": "numeric"}},
            r"'x' in own\.csv is 'a' in row 21 below the header; expected",
        ),
        (GOOD + "1e39,2,b\n", {}, r"'x' in own\.csv is '1e39' in row 21 .* up to 3\.4e38"),
        (GOOD, {"columns": {"x": "date"}}, r"is '1' in row 1 below the header; expected a date such as"),
        ("d,species\n2026-02-30,a\n2026-01-01,b\n", {}, "contains a date that does not exist"),
        (GOOD, {"weight": "species"}, "'species' is the target"),
        ("x,species\n1,a\n2,a\n", {}, r"contains only one class \(a\)"),
        ("x,species\n" + "".join(f"1,n{row}\n" for row in range(30)), {}, "30 distinct texts in 30 rows, too many"),
        ("x,species\n1,\n2,NA\n", {}, "is missing in every row"),
        (GOOD, {"encoding": "utf-99"}, "Unknown encoding 'utf-99'"),
        (GOOD, {"target": ["species", "x"]}, "is 'a' in row 1 below the header; expected a number"),
        (GOOD, {"path": "missing.csv"}, r"missing\.csv does not exist"),
        (GOOD, {"path": "."}, "is a folder; expected a file"),
    ],
)
def test_bad_tables_are_refused_in_one_sentence(
    content: str | bytes, fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=message) as caught:
        load(table_dataset(path, **{"columns": {}} | fields), home=Home(tmp_path / "home"))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= 500


def test_workbook_gives_the_samples_of_the_csv(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    with_other_formats(path)
    fields = {"columns": {"zip": "numeric"}}
    from_csv, from_sheet = (
        load(table_dataset(path.with_suffix(suffix), **fields), home=Home(tmp_path / "home"))
        for suffix in (".csv", ".xlsx")
    )
    assert from_sheet.details["roles"] == from_csv.details["roles"]
    np.testing.assert_array_equal(from_sheet.train.x, from_csv.train.x)
    with pytest.raises(DataError, match=r"people\.xlsx has no sheet 'Data'; it has Sheet1"):
        load(table_dataset(path.with_suffix(".xlsx"), sheet="Data"), home=Home(tmp_path))


def test_workbook_without_its_reader_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (tmp_path / "own.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"requires openpyxl, which is not installed; install openpyxl, or save"):
        load(table_dataset(tmp_path / "own.xlsx"), home=Home(tmp_path))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"x,y\n1,2\n"])
def test_damaged_workbook_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "own.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=r"own\.xlsx is not a valid \.xlsx workbook"):
        load(table_dataset(tmp_path / "own.xlsx"), home=Home(tmp_path))


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    path.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(DataError, match=r"own\.parquet is not a valid Parquet file"):
        load(table_dataset(path), home=Home(tmp_path))


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    path, home = people(tmp_path / "people.csv"), Home(tmp_path / "home")
    assert describe(table_dataset(path), home=home).samples == 120
    people(path, rows=150)
    assert describe(table_dataset(path), home=home).samples == 150


def test_repeated_rows_are_left_out_before_the_split(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, *lines[1:31]]), encoding="utf-8")
    home = Home(tmp_path / "home")
    all_rows, once = (load(table_dataset(path, drop_duplicates=drop), home=home) for drop in (False, True))
    assert (all_rows.schema.samples, once.schema.samples) == (150, 120)
    assert "30 rows that repeat an earlier row are left out." in once.notes
    assert once.test_rows is not None
    assert max(once.test_rows) < 120
    kept = describe(table_dataset(path, drop_duplicates=True), home=home)
    assert (kept.train, kept.validation, kept.test) == (len(once.train.x), len(once.validation.x), len(once.test.x))


def test_rows_that_differ_only_in_an_unused_column_are_repeated(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("id,x,species\n" + "".join(f"{row},{row % 10}.5,{'ab'[row % 2]}\n" for row in range(40)))
    ignored = load(table_dataset(path, columns={"id": "ignore"}, drop_duplicates=True), home=Home(tmp_path))
    used = load(table_dataset(path, columns={}, drop_duplicates=True), home=Home(tmp_path))
    assert (ignored.schema.samples, used.schema.samples) == (10, 40)


def test_labels_rename_texts_only(tmp_path: Path) -> None:
    path, home = people(tmp_path / "people.csv"), Home(tmp_path / "home")
    renamed = load(table_dataset(path, labels={"cat": "pet", "mouse": "pet"}), home=home)
    assert renamed.schema.class_names == ("dog", "pet")
    with pytest.raises(DataError, match="is not a single target of text, so labels cannot rename its classes; remove"):
        load(table_dataset(path, target="weight", labels={"1": "one"}, columns={}), home=home)
    with pytest.raises(DataError, match="contains only one class"):
        load(table_dataset(path, labels={"cat": "pet", "dog": "pet"}), home=home)
