from types import SimpleNamespace

import pytest
import streamlit as st

from dashboard.loaders.context import context


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_MLFLOW_UI", "http://127.0.0.1:5000")
    monkeypatch.delenv("FITBOARD_MLFLOW_LINK", raising=False)


def test_links_to_mlflow_lead_where_it_answers_by_default() -> None:
    assert context().mlflow_link == context().mlflow_ui == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("http://lab.example.org:8501/runs", "http://lab.example.org:5000"),
        ("http://[2001:db8::1]:8501/", "http://[2001:db8::1]:5000"),
        (None, "http://localhost:5000"),
    ],
)
def test_links_to_mlflow_lead_to_the_host_by_which_the_browser_came(
    monkeypatch: pytest.MonkeyPatch, url: str | None, link: str
) -> None:
    monkeypatch.setenv("FITBOARD_MLFLOW_LINK", "http://{host}:5000")
    monkeypatch.setattr(st, "context", SimpleNamespace(url=url))
    assert context().mlflow_link == link
    assert context().mlflow_ui == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        ("http://localhost:8501/runs", True),
        ("http://[::1]:8501/", True),
        (None, True),
        ("http://lab.example.org:8501/runs", False),
    ],
)
def test_links_to_mlflow_on_another_machine_are_left_out(
    monkeypatch: pytest.MonkeyPatch, url: str | None, is_linked: bool
) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(url=url))
    assert (context().mlflow_link is not None) is is_linked
    assert context().mlflow_ui == "http://127.0.0.1:5000"
