"""Nested runs as a tree, whatever a program wrote in the tag, and wherever the parents are."""

from collections.abc import Sequence

import pytest

from dashboard.views.runs.tree import Branch, tree_of
from trainer.tracking import Run, Status
from trainer.tracking.run import PARENT_TAG


def run_of(run_id: str, parent: str = "") -> Run:
    return Run(
        run_id=run_id, name=run_id, experiment_id="0", experiment="Default", status=Status.FINISHED, start_time=0,
        end_time=1, artifact_uri="", tags={PARENT_TAG: parent} if parent else {},
    )  # fmt: skip


def nothing(run_ids: Sequence[str]) -> Sequence[Run]:
    return ()


def drawn(branches: Sequence[Branch]) -> list[str]:
    signs = {None: "", True: "▾", False: "▸"}
    return [
        "  " * each.depth + signs[each.is_open] + each.run.run_id + ("" if each.listed else " (not listed)")
        for each in branches
    ]


def test_child_runs_stand_below_their_parent_in_the_order_of_the_list() -> None:
    listed = [run_of("c2", "p"), run_of("alone"), run_of("p"), run_of("g", "c1"), run_of("c1", "p")]

    assert drawn(tree_of(listed, nothing, ())) == ["▾p", "  c2", "  ▾c1", "    g", "alone"]


def test_runs_without_parents_are_read_from_nowhere_and_keep_their_order() -> None:
    def never(run_ids: Sequence[str]) -> Sequence[Run]:
        raise AssertionError(run_ids)

    assert drawn(tree_of([run_of("b"), run_of("a")], never, ())) == ["b", "a"]


def test_parents_that_the_page_lacks_are_read_with_theirs_and_marked() -> None:
    elsewhere = {"p": run_of("p", "top"), "top": run_of("top")}
    asked: list[Sequence[str]] = []

    def read(run_ids: Sequence[str]) -> Sequence[Run]:
        asked.append(run_ids)
        return [elsewhere[each] for each in run_ids if each in elsewhere]

    found = tree_of([run_of("a", "p"), run_of("lost", "gone"), run_of("b", "p")], read, ())

    assert drawn(found) == ["▾top (not listed)", "  ▾p (not listed)", "    a", "    b", "lost"]
    assert asked[0] == ["gone", "p"]


def test_folded_run_hides_all_below_it_and_stays_folded_when_the_store_leaves_its_child_runs_out() -> None:
    listed = [run_of("p"), run_of("c", "p"), run_of("g", "c"), run_of("q")]

    assert drawn(tree_of(listed, nothing, ("p",))) == ["▸p", "q"]
    assert drawn(tree_of([run_of("p"), run_of("q")], nothing, ("p",))) == ["▸p", "q"]


@pytest.mark.parametrize("parents", [("a",), ("b", "a"), ("b", "c", "a")])
def test_no_run_is_lost_if_runs_are_their_own_ancestors(parents: tuple[str, ...]) -> None:
    listed = [run_of(run_id, parent) for run_id, parent in zip("abc", parents, strict=False)]

    found = tree_of(listed, nothing, ())

    assert sorted(each.run.run_id for each in found) == sorted(run.run_id for run in listed)
    assert found[0].depth == 0


def test_hundreds_of_levels_are_drawn() -> None:
    listed = [run_of("0"), *(run_of(str(level), str(level - 1)) for level in range(1, 400))]

    assert [each.depth for each in tree_of(listed, nothing, ())] == list(range(400))
