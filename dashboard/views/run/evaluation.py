"""The evaluation of a trained model on the test or validation part: mistakes, confusion matrix and predictions."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.charts.confusion import ConfusionInfo, confusion_figure
from dashboard.charts.labels import LabelsInfo, label_rows
from dashboard.charts.mistakes import Mistake, MistakesInfo, mistake_pictures
from dashboard.charts.residuals import baselines, residuals_figure, residuals_info, target_names
from dashboard.charts.tables import ChartTable, matrix_table
from dashboard.components.live_chart import chart
from dashboard.components.markdown import plain
from trainer.config import MeasuredPart, MetricName
from trainer.format import count, number, one_line, percent
from trainer.tracking import Run

__all__ = ["draw_confusion", "draw_labels", "draw_mistakes", "draw_residuals", "evaluated_part"]

# Width of a misclassified image in pixels.
_PICTURE = 104
_MOST_INPUTS = 64
_COUNTS, _SHARES = "counts", "% of row"


def evaluated_part(run: Run) -> str:
    """Return the name of the evaluated part: `test`, or `validation` if the data have no test part."""
    is_tested = any(MetricName.of(name).part is MeasuredPart.TEST for name in run.metrics)
    return (MeasuredPart.TEST if is_tested else MeasuredPart.VALIDATION).value


def draw_confusion(info: ConfusionInfo, part: str) -> None:
    """Draw the matrix, as counts or as per cent of each true class, with the most frequent confusions beside it."""
    left, right = st.columns([3, 1], gap="medium")
    # The right column first, since its control decides what the matrix shows.
    with right:
        shown = st.segmented_control("Cells show", [_COUNTS, _SHARES], default=_COUNTS, required=True, key="run.cells")
        share = percent(info.right / info.total) if info.total else "–"
        st.metric("classified correctly", share, help=f"{count(info.right)} of {count(info.total)} {part} samples.")
        if info.worst:
            st.markdown("**Most frequent confusions**", help="True class → predicted class: number of samples.")
            lines = (f"- {plain(true)} → {plain(taken)}: {count(times)}" for true, taken, times in info.worst)
            st.markdown("\n".join(lines))
        elif info.total:
            st.markdown(f"All {part} samples were classified correctly.")
    is_share = shown == _SHARES
    dark = confusion_figure(info, share=is_share, dark=True)
    with left:
        chart(
            confusion_figure(info, share=is_share), key="run.confusion", bar=False, dark=dark,
            table=lambda: matrix_table(info.labels, info.counts),
        )  # fmt: skip


def draw_labels(info: LabelsInfo, part: str) -> None:
    """Draw how often each label is found, with a control for the probability from which it counts as true."""
    usual = min(info.thresholds, key=lambda threshold: abs(threshold - 0.5))
    threshold = st.select_slider(
        "Threshold", info.thresholds, value=usual, key="run.threshold", width=320,
        help="Probability from which a label counts as true.",
    )  # fmt: skip
    rows = label_rows(info, threshold)
    scores = {
        name: st.column_config.ProgressColumn(format="%.3f", min_value=0, max_value=1, help=words)
        for name, words in {
            "precision": "Share of the samples taken to have the label that have it.",
            "recall": "Share of the samples with the label that are taken to have it.",
            "F1": "Harmonic mean of precision and recall.",
        }.items()
    }
    best = st.column_config.NumberColumn(format="%.2f", help=f"Threshold with the largest F1 on the {part} part.")
    st.dataframe(rows, hide_index=True, column_config={**scores, "best threshold": best}, key="run.labels")
    f1 = [row["F1"] for row in rows if row["F1"] is not None]
    mean = number(sum(f1) / len(f1)) if f1 else "–"
    st.caption(f"Mean F1 over the labels: {mean}, of {count(int(info.counts[0, 0].sum()))} {part} samples.")


def draw_mistakes(info: MistakesInfo, part: str) -> None:
    """Draw the mistakes with the highest confidence: images in a strip, anything else as rows."""
    if not info.mistakes:
        st.caption(f"All {part} samples were classified correctly.")
        return
    st.caption(f"The misclassified {part} samples with the highest confidence.")
    if not info.images:
        _draw_rows(info)
        return
    # The style sheet draws images in containers whose key begins with `samples` with sharp pixels.
    with st.container(horizontal=True, gap="small", key="samples-mistakes"):
        for one, picture in zip(info.mistakes, mistake_pictures(info), strict=True):
            st.image(picture, caption=_told(one), alt=f"Sample {one.place}", width=_PICTURE)


def _told(one: Mistake) -> str:
    sure = "" if math.isnan(one.confidence) else f" ({percent(one.confidence)})"
    return f"predicted **{plain(one.predicted)}**{sure}, true **{plain(one.true)}**"


def _draw_rows(info: MistakesInfo) -> None:
    rows = [
        {"sample": one.place, "true": one.true, "predicted": one.predicted, "confidence": one.confidence * 100}
        | ({} if one.sample is None else {"inputs": [number(value, 3) for value in one.sample.ravel()[:_MOST_INPUTS]]})
        for one in info.mistakes
    ]
    columns = {
        "sample": st.column_config.NumberColumn(help="Index of the sample in this part of the data, starting at 0."),
        "confidence": st.column_config.ProgressColumn(
            format="%.1f %%", min_value=0, max_value=100, help="Predicted probability of the predicted class."
        ),
        "inputs": st.column_config.ListColumn(help=f"Inputs of the network, at most {_MOST_INPUTS} values."),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, key="run.mistake_rows")


def draw_residuals(document: Mapping[str, Any] | None, color: str, part: str) -> None:
    """Draw predicted over actual values of one target, with the mean and standard deviation of its errors."""
    names = target_names(document)
    chosen = 0
    if len(names) > 1:
        chosen = st.selectbox(
            f"Target (of {len(names)})", range(len(names)), key="run.target", width=240,
            format_func=lambda place: one_line(names[place]),
        )  # fmt: skip
    info = residuals_info(document, target=chosen)
    if info is None:
        st.caption("The predictions of this run cannot be read.")
        return
    left, right = st.columns([3, 1], gap="medium")
    with left:
        chart(
            residuals_figure(info, color), key="run.residuals", bar=False,
            table=lambda: ChartTable({"actual": info.actual, "predicted": info.predicted}),
        )  # fmt: skip
    with right:
        st.metric(f"{part} samples shown", count(len(info.actual)))
        st.metric(
            "mean error", number(info.mean), help="Mean of predicted − actual; above 0 if predictions are too high."
        )
        st.metric("spread", number(info.deviation), help="Standard deviation of predicted − actual.")
        beside = baselines(document, target=chosen)
        if beside is not None:
            st.metric("mean absolute error", number(beside.model), help="Mean of |predicted − actual|.")
            st.caption(
                f"Repeating the last value: **{number(beside.last)}**  \n"
                f"Always predicting the mean: **{number(beside.mean)}**"
            )
