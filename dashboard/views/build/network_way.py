"""The path of a sample through the network as a strip of boxes, one per shape, and the output of one layer."""

import html
from collections.abc import Sequence

import streamlit as st

from dashboard.draft import Draft, Stage, stages
from trainer.config.check import CheckReport, LayerReport
from trainer.format import count

__all__ = ["network_way", "output_words", "strip"]

# The width of a box in rem, from a single value to the largest stage of the network.
_LEAST, _MOST = 2.6, 8.0


def network_way(draft: Draft, report: CheckReport | None) -> None:
    """Draw the strip, or a note in its place while there is no report."""
    if report is None or not report.input_shape:
        st.html('<div class="fitboard-way"><i class="note">Shapes appear here when Keras is ready.</i></div>')
        return
    source = str(draft.part(("dataset",)).get("name"))
    found = stages(tuple(report.input_shape[1:]), report.layers, source=source)
    missing = len(report.layers) < len(draft.ids["layers"])
    st.html(strip(found, is_cut=missing))


def strip(found: list[Stage], *, is_cut: bool) -> str:
    """Return the HTML of the strip. With `is_cut`, it ends with a question mark for the layer that cannot be built."""
    boxes = [_box(stage) for stage in found]
    if is_cut:
        boxes.append('<span class="stage"><b class="unknown">?</b><i>not built</i></span>')
    words = ", ".join(f"{_shape(stage)} ({' + '.join(stage.layers)})" for stage in found)
    label = html.escape(f"Shapes through the network: {words}")
    arrow = '<span class="arrow">→</span>'
    # In one element, so that an arrow stays with its box when the strip breaks into lines.
    steps = [f'<span class="step">{arrow if place else ""}{box}</span>' for place, box in enumerate(boxes)]
    return f'<div class="fitboard-way" role="img" aria-label="{label}">{"".join(steps)}</div>'


def _box(stage: Stage) -> str:
    width = _LEAST + (_MOST - _LEAST) * stage.size
    layers = html.escape(" + ".join(stage.layers))
    return f'<span class="stage"><b style="min-width:{width:.2f}rem">{_shape(stage)}</b><i>{layers}</i></span>'


def _shape(stage: Stage) -> str:
    return _sizes(stage.shape) or "1"


def output_words(report: LayerReport | None) -> str:
    """Return the output shape and the parameters of a layer in Markdown; empty if it cannot be built."""
    if report is None:
        return ""
    parameters = f" · **{count(report.parameters)}**" if report.parameters else ""
    return f":gray[:small[({_sizes(report.output_shape[1:])}){parameters}]]"


def _sizes(shape: Sequence[int | None]) -> str:
    return " × ".join("?" if size is None else count(size) for size in shape)
