"""The layers of a run's network as a table: settings, output shapes and parameters."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dashboard.components.markdown import plain
from trainer.config import Config
from trainer.config.check import CheckReport
from trainer.format import count

__all__ = ["draw_layers", "layer_rows"]

_AGAIN_SECONDS = 2.0
_MOST_WRAPPED = 40
"""Maximum number of rows in a table that wraps on a phone; more Markdown cells take seconds to draw."""
_COLUMNS = {
    "#": st.column_config.TextColumn(width=32),
    "output shape": st.column_config.TextColumn(help="Shape of one sample after this layer, without the batch."),
    "parameters": st.column_config.TextColumn(
        width=90, help="All weights of this layer, including non-trainable ones."
    ),
}


def draw_layers(config: Config, shapes: Callable[[], CheckReport | None]) -> None:
    """Draw the table at once, and again with the shapes when Keras has loaded."""
    report = shapes()
    if report is None:
        st.fragment(_draw_when_known, run_every=_AGAIN_SECONDS)(config, shapes)
    else:
        _draw(config, report)


def _draw_when_known(config: Config, shapes: Callable[[], CheckReport | None]) -> None:
    report = shapes()
    _draw(config, report)
    if report is None:
        st.caption("Shapes and parameters appear when Keras has loaded.")


def _draw(config: Config, report: CheckReport | None) -> None:
    rows = layer_rows(config, report)
    if len(rows) > _MOST_WRAPPED:
        st.dataframe(rows, hide_index=True, column_config=_COLUMNS, key="run.layers")
        return
    # Column names are Markdown, in which `#` begins a heading.
    # Empty columns would leave the names of the layers no room on a phone.
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    cells = {name.replace("#", r"\#"): [plain(row[name]) for row in rows] for name in names}
    with st.container(key="run-layers"):
        st.table(cells, border="horizontal", hide_index=True, hide_header=False, alt="Layers")
    if report is not None:
        st.caption("Shapes are of one sample, without the batch. Parameters include non-trainable weights.")


def layer_rows(config: Config, report: CheckReport | None) -> list[dict[str, str]]:
    """Return one row for the input and one per layer; cells that the report does not cover are empty.

    A report ends at the first layer that cannot be built, and is empty if the dataset no longer exists.
    """
    known = report.layers if report else ()
    shape = _shape(report.input_shape) if report and known else ""
    rows = [{"#": "", "layer": "Input", "output shape": shape, "parameters": "", "settings": ""}]
    for place, layer in enumerate(config.short()["layers"]):
        fields = {"layer": layer} if isinstance(layer, str) else dict(layer)
        kind = fields.pop("layer")
        built = known[place] if place < len(known) else None
        rows.append(
            {
                "#": str(place + 1),
                "layer": str(kind),
                "output shape": _shape(built.output_shape) if built else "",
                "parameters": count(built.parameters) if built else "",
                "settings": ", ".join(f"{name} {_brief(value)}" for name, value in fields.items()),
            }
        )
    return rows


def _shape(shape: tuple[int | None, ...]) -> str:
    """Return `28 × 28 × 1` for (None, 28, 28, 1); a size that differs between samples is `?`."""
    return " × ".join("?" if size is None else count(size) for size in shape[1:])


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values())
    return str(value)
