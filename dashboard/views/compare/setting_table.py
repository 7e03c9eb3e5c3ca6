"""The compared runs with their settings and metrics, as the charts of settings draw them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboard.charts.compare import Line
from dashboard.charts.tables import ChartTable, variables_table
from trainer.comparison import Variable, measured, settings_of
from trainer.format import is_finite
from trainer.tracking import Run

__all__ = ["SettingTable", "setting_table"]


class SettingTable(NamedTuple):
    """The runs with a finite value of the metric `target`, the lines that stand for them, and what they differ in."""

    runs: tuple[Run, ...]
    lines: tuple[Line, ...]
    settings: tuple[Variable, ...]
    target: Variable

    def variable(self, name: str) -> Variable:
        """Return a setting or a metric by its name."""
        known: Mapping[str, Variable] = {each.name: each for each in (self.target, *self.settings)}
        return known.get(name) or measured(name, [_value(run, name) for run in self.runs])

    def of(self, variables: Sequence[Variable]) -> ChartTable:
        """Return a row per run with its values of these variables."""
        return variables_table([run.run_id for run in self.runs], self.lines, variables)


def setting_table(runs: Sequence[Run], lines: Sequence[Line], metric: str) -> SettingTable:
    """Return the table of these runs, of which each has a line; values of metrics are those of the kept models.

    A param with the name of a metric, such as `loss`, is called `loss (param)`.
    """
    pairs = [(run, line) for run, line in zip(runs, lines, strict=True) if _value(run, metric) is not None]
    kept = tuple(run for run, _ in pairs)
    target = measured(metric, [_value(run, metric) for run in kept])
    measures = {name for run in runs for name in run.metrics}
    settings = tuple(
        each._replace(name=f"{each.name} (param)") if each.name in measures else each for each in settings_of(kept)
    )
    return SettingTable(kept, tuple(line for _, line in pairs), settings, target)


def _value(run: Run, metric: str) -> float | None:
    value = run.kept_metrics.get(metric)
    return value if value is not None and is_finite(value) else None
