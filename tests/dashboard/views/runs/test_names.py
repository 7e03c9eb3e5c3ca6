"""How runs are named outside the table: by their own names, whatever else is selected."""

from dashboard.components.markdown import plain
from dashboard.views.runs.group_rows import group_rows
from dashboard.views.runs.names import names_of
from tests.support.runs import a_run
from trainer.config import Directions
from trainer.tracking import GroupBy, Grouping, RunGroup


def test_runs_keep_their_whole_names_where_several_are_selected() -> None:
    runs = [a_run(run_id=f"{number}" * 32, name=f"lr 0.01 · seed {number}") for number in range(1, 6)]
    assert names_of(runs) == ", ".join(plain(run.name) for run in runs[:3]) + " and 2 more"


def test_runs_of_one_name_are_told_apart_by_their_ids() -> None:
    runs = [
        a_run(run_id="a" * 32, name="twin"),
        a_run(run_id="b" * 32, name="twin"),
        a_run(run_id="c" * 32, name="own"),
    ]
    assert names_of(runs) == f"{plain('twin (aaaaaaaa)')}, {plain('twin (bbbbbbbb)')}, own"


def test_long_names_are_cut_and_told_apart_where_their_beginnings_are_the_same() -> None:
    runs = [a_run(run_id=letter * 32, name="x" * 100_000 + letter) for letter in "ab"]
    assert names_of(runs) == ", ".join(plain(f"{'x' * 59}… ({letter * 8})") for letter in "ab")


def test_group_of_one_config_has_its_data_and_no_seed_in_its_name() -> None:
    run = a_run(run_id="a" * 32, name="lr 0.01 · Dense 32 · seed 3 (2)", params={"dataset": "moons", "seed": "3"})
    group = RunGroup(key="k", values=(), runs=4, finished=4, counted=4, newest=run.run_id, newest_time=1)
    found = group_rows([group], GroupBy(mode=Grouping.CONFIG), [run], (), Directions(), now=2.0)
    assert found.cells["name"] == ["lr 0.01 · Dense 32"]
    assert "moons" in str(found.cells["dataset"])
