"""What the Build page refuses before a run is there, whether or not the inspector has answered."""

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import loaders
from dashboard.loaders import checks
from dashboard.views.build import train_button as train
from tests.support.pages import page_of


def _page() -> AppTest:
    def draw() -> None:
        from dashboard.views import build

        build.render()

    return page_of(draw)


def test_samples_that_are_no_numbers_are_not_queued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.ones((50, 4))
    x[30, 1] = np.nan
    np.savez(tmp_path / "holes.npz", x=x, y=np.arange(50) % 2)
    queued: list[object] = []
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: None)
    monkeypatch.setattr(checks, "ensure_inspector", lambda: None)
    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", lambda *given, **named: queued.append(given))
    st.cache_data.clear()
    app = _page().run()
    app.selectbox(key="build.dataset").set_value("npz").run()
    app.text_input(key="build.dataset.path:text").set_value(str(tmp_path / "holes.npz")).run()
    app.button(key="train").click().run()
    assert not app.exception
    assert queued == []
    assert any(
        "holes.npz holds NaN or infinity, first in sample 30" in error.value.replace("\\", "") for error in app.error
    )
