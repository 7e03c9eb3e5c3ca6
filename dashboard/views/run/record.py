"""The record of a run: its config, environment and log, and everything that was logged."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dashboard.views.run.layers import draw_layers
from trainer.config import Config
from trainer.config.check import CheckReport
from trainer.format import number
from trainer.tracking import Run

__all__ = ["draw_config", "draw_environment", "draw_everything", "draw_log"]

_LINES = 500


def draw_config(yaml: str, config: Config | None, shapes: Callable[[], CheckReport | None]) -> None:
    """Draw the YAML as it was stored, and beside it the layers as a table.

    `shapes` returns the network's shapes and parameters, or None while Keras loads.
    """
    left, right = st.columns(2, gap="medium")
    with left:
        st.code(yaml, language="yaml", wrap_lines=True)
    with right:
        if config is None:
            st.info("This version of Fitboard cannot read this config; it is shown as stored.")
            return
        draw_layers(config, shapes)
        st.caption(f"Config digest `{config.digest[:12]}…`, without the seed `{config.group[:12]}…`")


def draw_environment(document: Mapping[str, Any]) -> None:
    """Draw the software and hardware that a run used: one row per fact, nested ones with their path."""
    rows = [{"fact": name, "value": value} for name, value in _flat(document)]
    st.dataframe(rows, hide_index=True, key="run.environment", height=min(640, 38 + 35 * len(rows)) if rows else "auto")


def _flat(document: Mapping[str, Any], within: str = "") -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    for name, value in document.items():
        if isinstance(value, Mapping):
            facts += _flat(value, f"{within}{name} › ")
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            facts.append((f"{within}{name}", shown))
    return facts


def draw_log(text: str) -> None:
    """Draw the last lines of a log in a box that grows to a maximum height and then scrolls, its end first."""
    lines = text.splitlines()
    if len(lines) > _LINES:
        st.caption(f"The last {_LINES} lines.")
    # The style sheet limits the height, since `st.code` with a height shows the beginning.
    with st.container(key="run-log"):
        st.code("\n".join(lines[-_LINES:]), language=None, wrap_lines=True)


def draw_everything(run: Run) -> None:
    """Draw the last value of every metric, every param and every tag."""
    parts = (
        ("Metrics", [{"metric": name, "last value": number(value, 6)} for name, value in sorted(run.metrics.items())]),
        ("Params", [{"param": name, "value": value} for name, value in sorted(run.params.items())]),
        ("Tags", [{"tag": name, "value": value} for name, value in sorted(run.tags.items())]),
    )
    for column, (title, rows) in zip(st.columns(3, gap="medium"), parts, strict=True):
        with column:
            st.markdown(f"**{title}**")
            if rows:
                st.dataframe(rows, hide_index=True, key=f"run.all_{title}")
            else:
                st.caption("none")
