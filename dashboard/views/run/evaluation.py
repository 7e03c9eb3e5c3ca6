"""How a trained network did on the test or validation part: its mistakes, its confusions, its predictions."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.charts.confusion import ConfusionInfo, confusion_figure
from dashboard.charts.mistakes import MistakesInfo, mistakes_figure
from dashboard.charts.residuals import residuals_figure, residuals_info, target_count
from dashboard.components.markdown import plain
from trainer.config import MeasuredPart, MetricName
from trainer.format import count, number, percent
from trainer.tracking import Run

__all__ = ["draw_confusion", "draw_mistakes", "draw_residuals", "evaluated_part"]

_BAR = {"displaylogo": False, "displayModeBar": "hover"}
_COUNTS, _SHARES = "counts", "% of row"


def evaluated_part(run: Run) -> str:
    """The part that the evaluation's files are about, in a word: validation where the data have no test part."""
    is_tested = any(MetricName.of(name).part is MeasuredPart.TEST for name in run.metrics)
    return (MeasuredPart.TEST if is_tested else MeasuredPart.VALIDATION).value


def draw_confusion(info: ConfusionInfo, part: str) -> None:
    """The matrix, as counts or as per cent of each true class, with the commonest confusions beside it."""
    left, right = st.columns([3, 1], gap="medium")
    with right:
        shown = st.segmented_control("Cells show", [_COUNTS, _SHARES], default=_COUNTS, required=True, key="run.cells")
        share = percent(info.right / info.total) if info.total else "–"
        st.metric("classified correctly", share, help=f"{count(info.right)} of {count(info.total)} {part} samples.")
        if info.worst:
            st.markdown("**Most often confused**")
            lines = (f"- {plain(true)} taken for {plain(taken)}: {count(times)}" for true, taken, times in info.worst)
            st.markdown("\n".join(lines))
        elif info.total:
            st.markdown(f"All {part} samples were classified correctly.")
    figure = confusion_figure(info, share=shown == _SHARES, dark=st.context.theme.type == "dark")
    with left:
        st.plotly_chart(figure, key="run.confusion", config=_BAR)


def draw_mistakes(info: MistakesInfo, part: str) -> None:
    """The worst mistakes: images as images, anything else as rows."""
    if not info.mistakes:
        st.caption(f"All {part} samples were classified correctly.")
        return
    told = f"{part.capitalize()} samples that the network was surest of and wrong about"
    st.caption(f"{told}, each under what it was taken for." if info.images else f"{told}.")
    if info.images:
        st.plotly_chart(mistakes_figure(info), key="run.mistakes", config=_BAR)
        return
    rows = [
        {"sample": one.place, "is": one.true, "taken for": one.predicted, "sure": one.confidence * 100}
        | ({} if one.sample is None else {"values": [number(value, 3) for value in one.sample.ravel()[:64]]})
        for one in info.mistakes
    ]
    columns = {
        "sure": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100),
        "values": st.column_config.ListColumn("values that the network saw"),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, key="run.mistake_rows")


def draw_residuals(document: Mapping[str, Any] | None, color: str, part: str) -> None:
    """Predicted over actual for one target, with the mean and the spread of the errors; all targets can be chosen."""
    targets = target_count(document)
    chosen = 0
    if targets > 1:
        names = [f"target {place}" for place in range(1, targets + 1)]
        chosen = names.index(st.selectbox(f"Target, one of {targets}", names, key="run.target", width=240))
    info = residuals_info(document, target=chosen)
    if info is None:
        st.caption("The file of predictions cannot be read.")
        return
    left, right = st.columns([3, 1], gap="medium")
    with left:
        st.plotly_chart(residuals_figure(info, color), key="run.residuals", config=_BAR)
    with right:
        st.metric(f"{part} samples shown", count(len(info.actual)))
        st.metric("mean error", number(info.mean), help="Of predicted − actual: how far off it is on the whole.")
        st.metric("spread", number(info.deviation), help="The standard deviation of the errors.")
