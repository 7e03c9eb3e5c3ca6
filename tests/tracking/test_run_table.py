"""Runs as CSV and Parquet: every value as it is, and nothing that a spreadsheet would run."""

import csv
import io
import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from tests.support.runs import a_run
from trainer.tracking import RunQuery, RunReader
from trainer.tracking.run_table import csv_file, harmless, matching, parquet_file, table_of

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\t=1", "\r=1", "\n=1", "\uff1d1+1")
AWKWARD = (*FORMULAS, "<script>alert(1)</script>", 'a,"b"\nc', "😀", "x" * 100_000, "", " ", "\0", "half \ud800")


def rows(content: bytes) -> list[dict[str, str]]:
    # A cell of the tests is longer than what the reader takes by default.
    csv.field_size_limit(1_000_000)
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def columns(content: bytes) -> pa.Table:
    return parquet.read_table(io.BytesIO(content))


def test_table_has_every_metric_param_and_tag_and_tells_missing_from_nan() -> None:
    first = a_run(metrics={"loss": math.nan, "acc": math.inf}, params={"seed": "0"}, tags={"team": "a"})
    second = a_run(run_id="cd" * 16, metrics={"acc": -math.inf}, params={"rate": "0.1"}, end_time=None)
    table = columns(parquet_file(table_of([first, second])))
    assert table.column_names[-5:] == ["metrics.acc", "metrics.loss", "params.rate", "params.seed", "tags.team"]
    loss = table["metrics.loss"].to_pylist()
    assert math.isnan(loss[0])
    assert loss[1] is None
    assert table["metrics.acc"].to_pylist() == [math.inf, -math.inf]
    assert table["params.rate"].to_pylist() == [None, "0.1"]
    assert table.schema.field("start_time").type == pa.timestamp("ms", "UTC")
    assert table["end_time"].to_pylist()[1] is None

    first_row, second_row = rows(csv_file(table_of([first, second])))
    assert (first_row["metrics.loss"], first_row["metrics.acc"], second_row["metrics.acc"]) == ("nan", "inf", "-inf")
    assert (second_row["metrics.loss"], second_row["params.seed"]) == ("", "")
    assert first_row["start_time"].endswith("+00:00")


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_is_kept_and_no_cell_begins_a_formula(text: str) -> None:
    run = a_run(name=text, params={text or "empty": text}, tags={"note": text})
    stored = text.encode(errors="replace").decode()
    table = columns(parquet_file(table_of([run])))
    assert table["name"].to_pylist() == table["tags.note"].to_pylist() == [stored]

    (row,) = rows(csv_file(table_of([run])))
    assert row["name"] == harmless(stored)
    assert not [cell for pair in row.items() for cell in pair if cell.startswith(FORMULAS[0][0])]
    for cell in row.values():
        assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "\uff1d"))


@pytest.mark.parametrize("text", ["-0.5", "+1e-3", "-1", "1"])
def test_number_stays_a_number(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=5))
def test_text_that_is_no_formula_is_as_it_was(text: str) -> None:
    assert harmless(text).removeprefix("'") == text.removeprefix("'")
    assert not harmless(text).startswith(("=", "@"))


def test_no_runs_make_files_without_rows() -> None:
    table = table_of([])
    assert rows(csv_file(table)) == []
    assert columns(parquet_file(table)).num_rows == table.length == 0


def test_large_values_and_times_are_kept() -> None:
    run = a_run(metrics={"loss": 0.1 + 0.2}, start_time=2**62)
    assert columns(parquet_file(table_of([run])))["metrics.loss"].to_pylist() == [0.1 + 0.2]
    assert rows(csv_file(table_of([run])))[0]["start_time"] == str(2**62)


def test_all_matching_runs_are_exported_whatever_page_is_shown(reader: RunReader, ids: dict[str, str]) -> None:
    found = [run.run_id for run in matching(reader, RunQuery(offset=50, limit=1))]
    assert len(found) == len(set(found)) == reader.page(RunQuery(limit=1)).total
    assert [run.run_id for run in matching(reader, RunQuery(text="ünï"))] == [ids["unicode"]]
    assert len(list(matching(reader, RunQuery(), limit=2))) == 2
    exported: dict[str, Any] = columns(parquet_file(table_of(matching(reader, RunQuery())))).to_pydict()
    place = exported["run_id"].index(ids["infinite"])
    assert exported["metrics.loss"][place] == math.inf
    assert math.isnan(exported["metrics.test_accuracy"][exported["run_id"].index(ids["diverged"])])
