"""Params of every size sort as numbers in every database, each of which reads numbers in its own way."""

import shutil
from pathlib import Path

from tests.support.postgres import copy_rows
from tests.support.store import SeedRun, add_runs
from trainer.tracking import GroupBy, Grouping, RunQuery, RunReader, Sort, Status, Store, open_reader, parse_field
from trainer.tracking.read.sql_reader import SqlReader

_NUMBERS = (
    "-1e999", "-1.8e308", "-5", "-1e-400", "1e-9999999", "4e-320", "0.5", "7", "1e300", "1.7976931348623157e308",
    "9" * 400, "1e999", "+1E99999999",
)  # fmt: skip
"""In ascending order; some are too large or too small for a double."""
_TEXTS = ("", "1e", "1e9 ", "nan")


def odd_store(folder: Path, empty: Path) -> str:
    shutil.copy(empty, folder / "mlflow.db")
    uri = f"sqlite:///{folder}/mlflow.db"
    runs = [
        SeedRun(label=f"x {place}", name="x", status=Status.FINISHED, start_time=place, params={"x": value})
        for place, value in enumerate([*reversed(_NUMBERS), *_TEXTS])
    ]
    add_runs(uri, folder, runs)
    return uri


def check(reader: RunReader) -> None:
    values = [
        run.params["x"] for run in reader.page(RunQuery(sort=Sort(kind="param", name="x", descending=False))).runs
    ]
    numbers = [float(value) for value in values[: len(_NUMBERS)]]
    assert sorted(values[: len(_NUMBERS)]) == sorted(_NUMBERS)
    assert numbers == sorted(numbers)
    assert set(values[len(_NUMBERS) :]) == set(_TEXTS)

    by = GroupBy(mode=Grouping.FIELDS, fields=(parse_field("params.x", [("param", "x")]),))
    groups = reader.groups(RunQuery(sort=Sort(kind="param", name="x", descending=False)), by).groups
    assert [float(str(group.values[0])) for group in groups[: len(_NUMBERS)]] == sorted(numbers)


def test_params_too_large_for_a_double_sort_as_infinite(tmp_path: Path, empty_file: Path) -> None:
    check(open_reader(odd_store(tmp_path, empty_file)))


def test_params_too_large_for_a_double_sort_as_infinite_in_postgresql(
    tmp_path: Path, empty_file: Path, own_postgresql: tuple[Store, SqlReader]
) -> None:
    copy_rows(odd_store(tmp_path, empty_file), own_postgresql[0].tracking_uri)
    check(own_postgresql[1])
