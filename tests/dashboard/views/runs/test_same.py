"""The line of what all listed runs have in common."""

from collections.abc import Mapping
from typing import Any

import pytest

from dashboard.views.runs.columns import run_rows
from dashboard.views.runs.same import Same, common_values, same_in_all
from tests.support.runs import NOW, a_run
from trainer.tracking import Column, Common, Run, RunPage

PARAMS = {"layers": "Dense 8", "seed": "0", "optimizer": "Adam", "layer.1.units": "8", "note": "", "dataset": "digits"}
EVERY = {f"params.{name}" for name in PARAMS} | {"tags.team"}


def two(**changes: str) -> list[Run]:
    tags = {"team": "blue", "mlflow.user": "somebody"}
    other = a_run(run_id="cd" * 16, params=PARAMS | changes, tags=tags)
    return [a_run(params=PARAMS, tags=tags), other]


def refused(values: Mapping[Column, str]) -> Common:
    raise AssertionError("the store was asked for what the page knows")


def test_params_and_tags_of_all_runs_are_common_the_best_known_first() -> None:
    found = common_values(two(seed="1"), EVERY)
    assert list(found) == ["params.dataset", "params.optimizer", "tags.team", "params.layers"]
    assert found["params.optimizer"] == "Adam"
    assert common_values(two()[:1], EVERY) == {}
    assert common_values([*two(), a_run(run_id="ef" * 16)], EVERY) == {}


def test_list_of_one_page_knows_what_is_common_without_the_store() -> None:
    same = same_in_all(RunPage(runs=tuple(two()), total=2), EVERY, refused)
    assert same.line().startswith("Same in both runs: dataset **digits**, optimizer **Adam**, seed **0**, ")
    assert same.details() is None


@pytest.mark.parametrize(
    ("among", "said"), [(42, "Same in all 42 runs: "), (10, "Same in the newest 10 of 42 runs: "), (50, "all 42 runs")]
)
def test_list_of_many_pages_says_what_the_store_confirms(among: int, said: str) -> None:
    asked: dict[Column, str] = {}

    def ask(values: Mapping[Column, str]) -> Common:
        asked.update(values)
        return Common(frozenset({("param", "optimizer"), ("tag", "team")}), among)

    same = same_in_all(RunPage(runs=tuple(two()), total=42), EVERY, ask)
    assert asked["param", "dataset"] == "digits"
    assert list(same.values) == ["params.optimizer", "tags.team"]
    assert said in same.line()


def test_names_and_values_of_people_are_shown_as_typed_on_one_line() -> None:
    line = Same({"params.*a*": "<b>\n" + "x" * 100}, 2, 2).line()
    assert "\\*a\\*" in line
    assert "\\<b\\>" in line
    assert "\n" not in line
    assert len(line) < 100


def test_many_values_are_counted_and_listed_in_the_help() -> None:
    same = Same({f"params.p{place}": "1" for place in range(12)}, 3, 3)
    assert same.line().endswith("p7 **1** and 4 more")
    details = same.details() or ""
    assert len(details.splitlines()) == 12


def test_columns_that_repeat_one_value_are_left_out_unless_asked_for() -> None:
    def shown(**asked: Any) -> tuple[str, ...]:
        return run_rows(two(learning_rate="0.1"), {}, now=NOW, same=common_values(two(), EVERY), **asked).shown

    assert not {"dataset", "layers"} & set(shown())
    assert "dataset" in shown(sorted_by="params.dataset")
    assert "params.optimizer" in shown(chosen=["params.optimizer"])


def test_chosen_columns_come_first_in_the_order_they_were_chosen() -> None:
    runs = [a_run(metrics={"loss": 1.0, "test_loss": 2.0}, params={"seed": "1", "depth": "2"})]
    shown = run_rows(runs, {}, now=NOW, chosen=["params.seed", "metrics.loss", "params.depth"]).shown
    place = shown.index("dataset")
    assert shown[place + 1 :][:4] == ("params.seed", "metrics.loss", "params.depth", "metrics.test_loss")
