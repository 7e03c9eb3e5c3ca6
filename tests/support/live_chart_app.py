"""A page with live charts that gain a point twice a second, for the browser tests; `live_chart_server` serves it."""

import sys
import time
from pathlib import Path

import streamlit as st

# Streamlit runs this file as a script, without the checkout in the path.
sys.path.insert(0, str(Path(__file__).parents[2]))

from dashboard.charts.history import history_figure, history_infos
from dashboard.components.live_chart import live_charts
from trainer.tracking import Progress, Series


def draw() -> None:
    """Draw charts with one epoch per half second since the page was opened, and ten at first."""
    began = st.session_state.setdefault("began", time.time() - 5)
    passed = (time.time() - began) * 2
    steps = range(1, int(passed) + 1)

    def series(scale: float) -> Series:
        return Series(steps=steps, values=[scale / step for step in steps], times=steps)

    history = {"loss": series(1.0), "val_loss": series(1.2), "<b>odd</b>": series(2.0)}
    progress = Progress(time=0, epoch=len(steps), epochs=999, step=50, steps=100, values={"loss": 1 / passed})
    infos = history_infos(history, progress=progress)
    live_charts({info.metric: history_figure(info, "#1f6fc4") for info in infos}, key="charts")


st.set_page_config(layout="wide")
st.fragment(draw, run_every=0.5)()
