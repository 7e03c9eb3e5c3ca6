"""What is on record of a run: its config, its environment, its log, and all that was logged."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from trainer.config import Config
from trainer.format import number
from trainer.tracking import Run

__all__ = ["draw_config", "draw_environment", "draw_everything", "draw_log"]

_LINES = 500
_NARROW = {"#": st.column_config.NumberColumn(width=40)}


def draw_config(yaml: str, config: Config | None) -> None:
    """The YAML as it was stored, and beside it the layers as a table."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.code(yaml, language="yaml")
    with right:
        if config is None:
            st.info("This version of Fitboard cannot read this config; it is shown as it was stored.")
            return
        st.dataframe(_layer_rows(config), hide_index=True, column_config=_NARROW, key="run.layers")
        st.caption(f"Digest of this config `{config.digest[:12]}…`, without the seed `{config.group[:12]}…`")


def _layer_rows(config: Config) -> list[dict[str, Any]]:
    rows = []
    for place, layer in enumerate(config.short()["layers"], start=1):
        fields = {"layer": layer} if isinstance(layer, str) else dict(layer)
        kind = fields.pop("layer")
        settings = ", ".join(f"{name} {_brief(value)}" for name, value in fields.items())
        rows.append({"#": place, "layer": kind, "set": settings})
    return rows


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values())
    return str(value)


def draw_environment(document: Mapping[str, Any]) -> None:
    """Where a run took place: one row a fact, those within others with their path."""
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


def draw_log(text: str, *, height: int = 520) -> None:
    """The last lines of a log, the newest in view."""
    lines = text.splitlines()
    if len(lines) > _LINES:
        st.caption(f"The last {_LINES} lines.")
    with st.container(height=height, autoscroll=False, key="run-log"):
        st.code("\n".join(lines[-_LINES:]), language=None, wrap_lines=True)


def draw_everything(run: Run) -> None:
    """Every metric's last value, every param and every tag."""
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
