"""The numbers of charts as tables, for files that other programs read."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.compare import Line
from dashboard.charts.groups import GroupsInfo
from dashboard.charts.smoothing import smoothed
from trainer.comparison import Variable
from trainer.format import INFINITE
from trainer.tracking import Series
from trainer.tracking.run_table import harmless

__all__ = ["ChartTable", "curves_table", "groups_table", "matrix_table", "variables_table"]


class ChartTable(NamedTuple):
    """Column → values, all columns of one length."""

    columns: Mapping[str, Sequence[Any] | NDArray[Any]]

    def to_csv(self) -> str:
        """Return the table as CSV: missing values empty, `NaN` and `inf` in words, and no cell a formula."""
        out = io.StringIO()
        file = csv.writer(out)
        file.writerow([harmless(name) for name in self.columns])
        columns = [each.tolist() if isinstance(each, np.ndarray) else each for each in self.columns.values()]
        file.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
        # A store may hold half a character, which no encoding can write.
        return out.getvalue().encode(errors="replace").decode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return "NaN"
    # MLflow stores infinity as the largest double.
    if abs(value) >= INFINITE:
        return "inf" if value > 0 else "-inf"
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def curves_table(
    curves: Sequence[tuple[Mapping[str, str], Series]], *, unit: str = "epoch", smoothing: float = 0.0
) -> ChartTable:
    """Return every logged point of some curves, whatever a chart of them leaves out.

    Args:
        curves: what names each curve, by column, and its history.
        unit: the unit of a step.
        smoothing: as in `smoothed`; above 0 there is a column of smoothed values.
    """
    names = dict.fromkeys(name for labels, _ in curves for name in labels)
    columns: dict[str, list[Any]] = {
        name: [labels.get(name) for labels, series in curves for _ in series.values] for name in names
    }
    columns[unit] = [step for _, series in curves for step in series.steps]
    columns["time"] = [time for _, series in curves for time in _iso(series.times)]
    columns["value"] = [value for _, series in curves for value in series.values]
    if smoothing:
        columns["smoothed"] = [value for _, series in curves for value in _smooth(series, smoothing)]
    return ChartTable(columns)


def _iso(times: Sequence[int]) -> list[str]:
    """Return times in milliseconds since 1970 in ISO 8601 and UTC."""
    return [f"{time}Z" for time in np.datetime_as_string(np.asarray(times, dtype="datetime64[ms]"))]


def _smooth(series: Series, smoothing: float) -> list[float | None]:
    values = np.asarray(series.values, dtype=np.float64)
    known = np.flatnonzero(np.abs(values) < INFINITE)
    found: list[float | None] = [None] * len(values)
    for place, value in zip(known.tolist(), smoothed(values[known], smoothing).tolist(), strict=True):
        found[place] = value
    return found


def groups_table(info: GroupsInfo, *, unit: str = "epoch") -> ChartTable:
    """Return the drawn means of groups with their 95 % intervals and n; an interval of one run is empty."""
    courses = [(band.line.label, band.course) for band in info.bands]
    means = ("mean", "low", "high", "n")
    return ChartTable(
        {
            "group": [label for label, course in courses for _ in course.steps],
            unit: [step for _, course in courses for step in course.steps.tolist()],
            **{
                name: [_known(value) for _, course in courses for value in getattr(course, name).tolist()]
                for name in means
            },
        }
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def matrix_table(labels: Sequence[str], counts: NDArray[np.int64]) -> ChartTable:
    """Return a matrix (classes, classes) of counts by true class (row) and predicted class (column), a row a cell."""
    size = len(labels)
    return ChartTable(
        {
            "true": [label for label in labels for _ in range(size)],
            "predicted": [*labels] * size,
            "count": counts.ravel(),
        }
    )


def variables_table(run_ids: Sequence[str], lines: Sequence[Line], variables: Sequence[Variable]) -> ChartTable:
    """Return a row per run with its values of these variables."""
    values = {
        each.name: [
            None if text is None else text if each.numbers is None else each.numbers[place]
            for place, text in enumerate(each.texts)
        ]
        for each in variables
    }
    return ChartTable({"run_id": run_ids, "run": [line.label for line in lines], **values})
