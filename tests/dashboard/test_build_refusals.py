"""What the Build page refuses before a run is there, whether or not the inspector has answered."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import loaders
from dashboard.loaders import checks
from dashboard.views.build import train_button as train
from tests.support.pages import page_of
from trainer.config import Config
from trainer.config.check import CheckReport, Problem, Severity


def _page() -> AppTest:
    def draw() -> None:
        from dashboard.views import build

        build.render()

    return page_of(draw)


REFUSED = CheckReport(
    ok=False,
    input_shape=(None, 8, 8),
    problems=(Problem(severity=Severity.ERROR, where="layers.2", message="With this Dense training would take 1 PB."),),
)


@pytest.fixture
def queued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What Train queues, in a home of its own where no inspector has answered yet."""
    given_to_queue: list[object] = []
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: None)
    monkeypatch.setattr(checks, "ensure_inspector", lambda: None)
    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", lambda *given, **named: given_to_queue.append(given))
    return given_to_queue


def test_samples_that_are_no_numbers_are_not_queued(queued: list[object], tmp_path: Path) -> None:
    x = np.ones((50, 4))
    x[30, 1] = np.nan
    np.savez(tmp_path / "holes.npz", x=x, y=np.arange(50) % 2)
    st.cache_data.clear()
    app = _page().run()
    app.selectbox(key="build.dataset").set_value("npz").run()
    app.text_input(key="build.dataset.path:text").set_value(str(tmp_path / "holes.npz")).run()
    app.button(key="train").click().run()
    assert not app.exception
    assert queued == []
    assert any(
        "holes.npz contains NaN or infinity, first in sample 30" in error.value.replace("\\", "") for error in app.error
    )


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([None, None, REFUSED], "layers.2: With this Dense training would take 1 PB."),
        ([None, None], "Keras did not load within 1 min"),
    ],
)
def test_network_is_checked_before_it_is_queued_where_keras_still_loads(
    answers: list[CheckReport | None], said: str, queued: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _page().run()
    coming = iter(answers)
    clock = iter([0.0] * len(answers) + [1e9] * 9)
    monkeypatch.setattr(checks, "refuse_impossible", partial(_asked, checks.refuse_impossible, monkeypatch, coming))
    monkeypatch.setattr(checks, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _: None))
    app.button(key="train").click().run()
    assert not app.exception
    assert queued == []
    assert any(said in error.value.replace("\\", "") for error in app.error)


def _asked(
    refuse: Callable[[Config], None], monkeypatch: pytest.MonkeyPatch, coming: Iterator[object], config: Config
) -> None:
    """Gives the inspector's answers to Train alone, and none to the rest of the page."""
    with monkeypatch.context() as here:
        here.setattr(checks, "check_report", lambda _: next(coming, None))
        refuse(config)
