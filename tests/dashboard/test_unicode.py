"""All of Unicode goes through the addresses of the pages and comes back as it was."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.navigation import PAGES, Address, address_of
from tests.support.pages import draw_runs, page_of
from tests.support.texts import AWKWARD
from trainer.home import Home
from trainer.tracking import open_store


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a run of every awkward name in an experiment of that name."""
    home = Home(tmp_path_factory.mktemp("unicode")).make()
    store = open_store(home.tracking_uri(environment={}), home)
    for text in AWKWARD:
        texts = {"tags": {"τag": text}, "params": {"größe": text}}
        store.create(config_text="", experiment=text.strip(), name=text, **texts)
    return home


_texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
_ids = st.from_regex(r"[a-zA-Z0-9][\w\-]{0,40}", fullmatch=True)
"""What MLflow takes as a run's id."""


@given(page=st.sampled_from(PAGES), query=st.dictionaries(_texts, _texts, max_size=3))
def test_any_query_comes_back_from_an_address(page: Address, query: dict[str, str]) -> None:
    address = address_of(page, **query)

    assert re.fullmatch(r"[!-~]+", address), "browsers encode what is no ASCII in ways of their own"
    path, _, rest = address.partition("?")
    assert path == page.path
    assert parse_qs(rest, keep_blank_values=True) == {name: [value] for name, value in query.items()}


def values_page() -> None:
    import streamlit as st

    from dashboard import state

    if st.session_state.get("written") is not None:
        state.run.id, state.compare.runs = st.session_state.written
    st.session_state.read = (state.run.id, state.compare.runs)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=_texts, ids=st.lists(_ids, unique=True, max_size=3))
def test_values_of_an_address_are_read_as_they_were_written(text: str, ids: list[str]) -> None:
    writer = page_of(values_page)
    writer.session_state["written"] = (text, tuple(ids))
    writer.run()
    assert not writer.exception

    reader = page_of(values_page)
    for name, value in writer.query_params.items():
        reader.query_params[name] = value
    reader.run()

    assert reader.session_state["read"] == (text, tuple(ids)) == writer.session_state["read"]


def _rows(app: AppTest) -> list[dict[str, Any]]:
    drawn = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "fitboard_runs"]
    rows: list[dict[str, Any]] = json.loads(drawn[0].json)["rows"] if drawn else []
    return rows


@pytest.mark.parametrize("text", AWKWARD)
def test_address_of_filtered_runs_shows_what_it_was_made_of(
    home: Home, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    experiment = text.strip()
    app = page_of(draw_runs)
    app.query_params |= {"q": text, "experiment": [experiment], "columns": ["params.größe", "tags.τag"]}
    app.run()

    assert not app.exception
    assert app.text_input(key="q").value == text
    assert app.multiselect(key="experiment").value == [experiment]
    assert len(_rows(app)) == 1
    assert _rows(app)[0]["cells"].count(text) >= 2, "the param and the tag"
    assert app.query_params["experiment"] in (experiment, [experiment])
    assert app.query_params["q"] in (text, [text])
