"""How a trained network did on the test part: its mistakes, its confusions, its predictions."""

import streamlit as st

from dashboard.charts.confusion import ConfusionInfo, confusion_figure
from dashboard.charts.mistakes import MistakesInfo, mistakes_figure
from dashboard.charts.residuals import ResidualsInfo, residuals_figure
from dashboard.components.format import count, number, plain

__all__ = ["draw_confusion", "draw_mistakes", "draw_residuals"]

_BAR = {"displaylogo": False, "displayModeBar": "hover"}
_COUNTS, _SHARES = "counts", "% of row"


def draw_confusion(info: ConfusionInfo) -> None:
    """The matrix, as counts or as per cent of each true class, with the commonest confusions beside it."""
    left, right = st.columns([3, 1], gap="medium")
    with right:
        shown = st.segmented_control("Cells show", [_COUNTS, _SHARES], default=_COUNTS, required=True, key="run.cells")
        share = f"{info.right / info.total:.1%}" if info.total else "–"
        st.metric("told right", share, help=f"{count(info.right)} of {count(info.total)} test samples.")
        if info.worst:
            st.markdown("**Most often confused**")
            lines = (f"- {plain(true)} taken for {plain(taken)}: {count(times)}" for true, taken, times in info.worst)
            st.markdown("\n".join(lines))
        elif info.total:
            st.markdown("Not one test sample was told wrong.")
    figure = confusion_figure(info, share=shown == _SHARES, dark=st.context.theme.type == "dark")
    with left:
        st.plotly_chart(figure, key="run.confusion", config=_BAR)


def draw_mistakes(info: MistakesInfo) -> None:
    """The worst mistakes: images as images, anything else as rows."""
    told = "Test samples that the network was surest of and wrong about"
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


def draw_residuals(info: ResidualsInfo, color: str) -> None:
    """Predicted over actual, with the mean and the spread of the errors."""
    left, right = st.columns([3, 1], gap="medium")
    with left:
        st.plotly_chart(residuals_figure(info, color), key="run.residuals", config=_BAR)
    with right:
        st.metric("test samples shown", count(len(info.actual)))
        st.metric("mean error", number(info.mean), help="Of predicted − actual: how far off it is on the whole.")
        st.metric("spread", number(info.deviation), help="The standard deviation of the errors.")
