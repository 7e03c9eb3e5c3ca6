"""Runs nested in others are left out where these are folded, by every database."""

import shutil
from pathlib import Path

from tests.support.postgres import copy_rows
from tests.support.store import SeedRun, add_run, add_runs
from trainer.tracking import RunQuery, RunReader, Status, Store, open_reader
from trainer.tracking.read.sql_reader import SqlReader
from trainer.tracking.run import PARENT_TAG


def nested_store(folder: Path, empty: Path) -> tuple[str, str]:
    """The address of a store with a parent of three runs and a run beside it, and the parent's id."""
    shutil.copy(empty, folder / "mlflow.db")
    uri = f"sqlite:///{folder}/mlflow.db"

    def run(label: str, start: int, parent: str = "") -> SeedRun:
        tags = {PARENT_TAG: parent} if parent else {}
        return SeedRun(label=label, name=label, status=Status.FINISHED, start_time=start, tags=tags)

    parent = add_run(uri, folder, run("parent", 1))
    add_runs(uri, folder, [run("alone", 2), *(run(f"child {index}", 2 + index, parent) for index in range(1, 4))])
    return uri, parent


def check(reader: RunReader, parent: str) -> None:
    page = reader.page(RunQuery(folded=(parent, "unknown"), limit=1))
    assert ([run.name for run in page.runs], page.total, page.folded) == (["alone"], 2, 3)
    page = reader.page(RunQuery(folded=(parent,), text="child", offset=0))
    assert (page.runs, page.total, page.folded) == ((), 0, 3)
    assert reader.page(RunQuery()).folded == 0


def test_child_runs_of_folded_runs_are_left_out_and_counted(tmp_path: Path, empty_file: Path) -> None:
    uri, parent = nested_store(tmp_path, empty_file)
    check(open_reader(uri), parent)


def test_child_runs_of_folded_runs_are_left_out_in_postgresql(
    tmp_path: Path, empty_file: Path, own_postgresql: tuple[Store, SqlReader]
) -> None:
    uri, parent = nested_store(tmp_path, empty_file)
    copy_rows(uri, own_postgresql[0].tracking_uri)
    check(own_postgresql[1], parent)
