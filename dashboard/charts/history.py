"""The curves of one run: each metric by epoch, for training and validation, with the running epoch."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts.arrays import compact, finite
from dashboard.charts.axes import step_axis, value_axis
from dashboard.charts.figures import empty_figure, frame, literal, titled
from dashboard.charts.thinning import Window, kept_within
from trainer.config.metrics.names import SYSTEM, TEST, VALIDATION
from trainer.format import is_finite, number
from trainer.tracking import Progress, Series

__all__ = ["HistoryInfo", "curve_names", "drawn_points", "history_figure", "history_infos"]

# Shown last, and only if a schedule or a callback changes it.
_RATE = "learning_rate"
_NO_CURVE = "epoch_seconds"
_HEIGHT = 310
# Pixels for two rows: the title, beside which Plotly's buttons appear, and the legend.
_TOP = 62
# A curve of at most this many points has a marker on each.
_FEW = 30


class HistoryInfo(NamedTuple):
    """One metric's curves. `running` leads from the last complete epoch to the current point of the running one.

    `points` counts the logged points and `drawn` those that are drawn; `window` is what a zoom shows, where more are.
    """

    metric: str
    train: Series | None
    validation: Series | None
    running: tuple[tuple[float, float], ...]
    points: int
    notes: tuple[str, ...]
    unit: str
    window: Window | None = None

    @property
    def drawn(self) -> int:
        """The number of drawn points."""
        return sum(
            len(drawn_points(line, self.window)[0]) for line in (self.train, self.validation) if line is not None
        )


def history_infos(
    history: Mapping[str, Series],
    *,
    progress: Progress | None = None,
    unit: str = "epoch",
    expected: Collection[str] = (),
    windows: Mapping[str, Window] | None = None,
) -> tuple[HistoryInfo, ...]:
    """Return one info per metric with a curve, the loss first.

    Args:
        history: metric → series; `val_x` is drawn with `x`, and a single test result has no curve.
        progress: the progress of a live run, for the values of its running epoch.
        unit: the unit of a step: epochs, unless another program logged the run.
        expected: metrics that a live run will log, which get a chart before they have values.
        windows: metric → what a zoom of its chart shows.
    """
    running = set(progress.values) - {_RATE} if progress is not None else set()
    logged = {name for name in history if not _tested(name, history[name])}
    known = (logged | running | set(expected)) - {_NO_CURVE}
    infos = (_info(name, history, progress, unit, (windows or {}).get(name)) for name in curve_names(known))
    return tuple(info for info in infos if info.metric in expected or _has_course(info, unit))


def curve_names(metrics: Collection[str]) -> tuple[str, ...]:
    """Return the names of the charts for these metrics, in order: the loss first, `val_x` with `x`, no `system/…`."""
    known = {name for name in metrics if not name.startswith(SYSTEM) and name != _NO_CURVE}
    names = {_base(name, known) for name in known}
    return tuple(sorted(names, key=lambda name: (name == _RATE, name != "loss", name)))


def _base(name: str, known: Collection[str]) -> str:
    """Return the training metric that a validation metric, logged or running, is drawn with."""
    trained = name.removeprefix(VALIDATION)
    return trained if trained in known else name


def _tested(name: str, series: Series) -> bool:
    return name.startswith(TEST) and len(series.values) <= 1


def _has_course(info: HistoryInfo, unit: str) -> bool:
    if info.train is None or info.validation is not None or info.running:
        return True
    values = info.train.values
    if info.metric == _RATE:
        return len(set(values)) > 1
    return len(values) > 1 or unit == "epoch"


def _info(
    name: str, history: Mapping[str, Series], progress: Progress | None, unit: str, window: Window | None
) -> HistoryInfo:
    train, validation = history.get(name), history.get(VALIDATION + name)
    lines = {"training": train, "validation": validation}
    notes = (_where_not_finite(label, line, unit) for label, line in lines.items() if line is not None)
    return HistoryInfo(
        metric=name,
        train=train,
        validation=validation,
        running=_running(name, train, progress),
        points=sum(len(line.values) for line in (train, validation) if line is not None),
        notes=tuple(note for note in notes if note),
        unit=unit,
        window=window,
    )


def _running(name: str, train: Series | None, progress: Progress | None) -> tuple[tuple[float, float], ...]:
    value = None if progress is None else progress.values.get(name)
    if progress is None or value is None or not is_finite(value) or not progress.step:
        return ()
    here = (progress.epoch + progress.step / max(progress.steps, progress.step), value)
    if train is None or not train.values:
        return (here,)
    last = (float(train.steps[-1]), train.values[-1])
    if here[0] <= last[0]:
        return ()
    return (last, here) if is_finite(last[1]) else (here,)


def _where_not_finite(label: str, line: Series, unit: str) -> str:
    values = np.asarray(line.values, dtype=np.float64)
    odd = np.flatnonzero(~finite(values))
    if not len(odd):
        return ""
    return f"{label} is {number(float(values[odd[0]]))} from {unit} {line.steps[odd[0]]} on"


def drawn_points(line: Series, window: Window | None = None) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the drawn steps and values (points,); a value that is not finite is NaN, where the line breaks."""
    steps, values = np.asarray(line.steps, dtype=np.float64), np.asarray(line.values, dtype=np.float64)
    kept = kept_within(steps, values, window)
    return compact(steps[kept]), compact(np.where(finite(values[kept]), values[kept], np.nan))


def history_figure(info: HistoryInfo, color: str) -> go.Figure:
    """Draw the curves of one metric: training solid, validation dotted, the running epoch dashed."""
    if not info.points and not info.running:
        return empty_figure(f"No {info.metric} yet", height=_HEIGHT)
    if not info.running and (words := _diverged_words(info)):
        return empty_figure(words, height=_HEIGHT).update_layout(title=titled(info.metric))
    lines = (("training", info.train, "solid"), ("validation", info.validation, "dot"))
    traces = [
        _trace(label, drawn_points(line, info.window), color, dash) for label, line, dash in lines if line is not None
    ]
    if info.running:
        traces.append(_running_trace(info, color))
    return go.Figure(traces, _layout(info))


def _diverged_words(info: HistoryInfo) -> str:
    """Return what to say instead of curves of which no value is finite; empty if one is."""
    lines = [line for line in (info.train, info.validation) if line is not None and line.values]
    if any(finite(np.asarray(line.values, dtype=np.float64)).any() for line in lines):
        return ""
    return f"{info.metric} is {number(lines[0].values[0])} from {info.unit} {lines[0].steps[0]} on"


def _layout(info: HistoryInfo) -> dict[str, Any]:
    layout = frame(height=_HEIGHT)
    layout["xaxis"] |= step_axis(_places(info), info.unit)
    layout["yaxis"] |= value_axis()
    layout["margin"] |= {"t": _TOP} if info.unit == "epoch" or info.validation is not None else {}
    return layout | {
        "title": titled(info.metric),
        "showlegend": info.validation is not None or bool(info.running),
        "hovermode": "x unified",
        "uirevision": info.metric,
        "annotations": _annotations(info.notes),
    }


def _places(info: HistoryInfo) -> list[float]:
    lines = [line for line in (info.train, info.validation) if line is not None and line.steps]
    ends = [float(step) for line in lines for step in (line.steps[0], line.steps[-1])]
    return [*ends, *(place for place, _ in info.running)]


def _trace(label: str, points: tuple[NDArray[Any], NDArray[Any]], color: str, dash: str) -> go.Scatter:
    few = len(points[0]) <= _FEW
    return go.Scatter(
        x=points[0],
        y=points[1],
        name=label,
        mode="lines+markers" if few else "lines",
        line={"color": color, "width": 2, "dash": dash},
        marker={"size": 6, "color": color, "symbol": "circle" if dash == "solid" else "circle-open"},
        hovertemplate="%{y:.5~g}",
    )


def _running_trace(info: HistoryInfo, color: str) -> go.Scatter:
    return go.Scatter(
        x=[point[0] for point in info.running],
        y=[point[1] for point in info.running],
        name="this epoch",
        mode="lines+markers",
        line={"color": color, "width": 1.5, "dash": "dash"},
        marker={"size": [0] * (len(info.running) - 1) + [9], "color": color, "symbol": "diamond-open"},
        hovertemplate="%{y:.5~g}",
    )


def _annotations(notes: Sequence[str]) -> list[dict[str, Any]]:
    corner = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top"}
    return [{"text": literal(" · ".join(notes)), "showarrow": False, **corner}] if notes else []
