from typing import Any

import pytest

from dashboard import state
from dashboard.kept_values import SessionValue


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    held: dict[str, Any] = {}
    monkeypatch.setattr(state.st, "session_state", held)
    return held


class Query(dict[str, str]):
    def get_all(self, key: str) -> list[str]:
        return [self[key]] if key in self else []


@pytest.fixture
def query(monkeypatch: pytest.MonkeyPatch) -> Query:
    held = Query()
    monkeypatch.setattr(state.st, "query_params", held)
    return held


def test_value_of_the_session_is_the_default_until_it_is_set(session: dict[str, Any]) -> None:
    assert state.runs.selected == ()
    assert session == {}
    state.runs.selected = ("a",)
    assert state.runs.selected == ("a",)
    assert session == {"runs.selected": ("a",)}


def test_parts_of_the_page_are_unfolded_and_folded(session: dict[str, Any]) -> None:
    state.toggle("one")
    state.toggle("two")
    state.toggle("one")
    assert not state.is_open("one")
    assert state.is_open("two")


def test_words_of_the_address_are_read_once_each_and_written_with_commas(query: Query) -> None:
    query["runs"] = " a,b,, a ,c"
    assert state.compare.runs == ("a", "b", "c")
    state.compare.runs = ["x", "y"]
    assert query == {"runs": "x,y"}


def test_run_of_the_address_is_the_latest_by_default(query: Query) -> None:
    assert state.run.id == "latest"
    state.run.id = "abc"
    assert query == {"id": "abc"}


def test_no_two_values_share_a_key() -> None:
    kinds = [type(each) for each in (state.build, state.runs, state.run, state.compare)]
    values = [value for kind in kinds for value in vars(kind).values()]
    keys = [value.key for value in values if isinstance(value, SessionValue)]
    assert len(keys) == len(set(keys)) > 5
