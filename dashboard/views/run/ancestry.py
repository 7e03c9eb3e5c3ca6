"""The runs that led to a run, as a graph: what changed at each step, and its effect on the main result."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import streamlit as st

from dashboard.charts.colors import color_of
from dashboard.components.differences import config_differences, data_row, shortened
from dashboard.components.results import results, signed
from dashboard.components.verdicts import verdict_words
from trainer.comparison.basis import Basis, bases_of
from trainer.config import Config, MetricName, main_metrics
from trainer.format import cut, number, one_line
from trainer.tracking import LoggedDataset, Run

__all__ = ["Step", "ancestry_dot", "ancestry_steps", "draw_ancestry"]

_MOST_CHANGES, _LONGEST = 4, 48
# Longer chains are drawn from top to bottom.
_MOST_IN_A_ROW = 4
_Logged = Mapping[str, Sequence[LoggedDataset]]
_NOTHING: _Logged = {}


class Step(NamedTuple):
    """One run of the chain: its color, name and main result, and the changes from the previous run with their effect.

    The first step has no `changes` and no `effect`.
    """

    color: str
    title: str
    result: str
    changes: tuple[str, ...] = ()
    effect: str = ""


def ancestry_steps(
    chain: Sequence[Run], config_of: Callable[[Run], Config | None], logged: _Logged = _NOTHING
) -> tuple[Step, ...]:
    """Return the steps of a chain, the oldest run first; empty for a run without parents.

    `logged` maps run ids to datasets; after a change of the data, results cannot be compared.
    """
    if len(chain) < 2:
        return ()
    metric = next(iter(main_metrics([run.metrics for run in chain])), None)
    bases = bases_of(chain, config_of, logged) if logged else {}
    steps = [Step(color_of(chain[0]), chain[0].short_title, _result(chain[0], metric))]
    for before, run in pairwise(chain):
        changes = _changes(before, run, config_of, logged)
        effect = _effect(before, run, metric, bases) if changes else verdict_words(run)
        steps.append(
            Step(color_of(run), run.short_title, _result(run, metric), changes or ("the same config",), effect),
        )
    return tuple(steps)


def ancestry_dot(steps: Sequence[Step], *, dark: bool) -> str:
    """Return the steps in the DOT language, with user input quoted; `dark` selects the colours of a dark page."""
    # Graphviz draws an SVG with fixed colours, which cannot follow the theme's variables.
    ink, quiet, paper = ("#e6e8ec", "#a3a9b4", "#1d2027") if dark else ("#1b1f27", "#5b6270", "#f5f6f8")
    direction = "LR" if len(steps) <= _MOST_IN_A_ROW else "TB"
    common = f'fontname="Helvetica,Arial,sans-serif" fontsize=11 fontcolor="{ink}"'
    lines = [
        "digraph {",
        f'rankdir={direction} bgcolor="transparent" nodesep=0.2 ranksep=0.3',
        f'node [shape=box style="rounded,filled" fillcolor="{paper}" margin="0.15,0.08" {common}]',
        f'edge [color="{quiet}" arrowsize=0.7 {common.replace(ink, quiet)}]',
    ]
    for place, step in enumerate(steps):
        width = 2.5 if place == len(steps) - 1 else 1
        lines.append(f'{place} [label={_quoted(step.title, step.result)} color="{step.color}" penwidth={width}]')
        if place:
            lines.append(f"{place - 1} -> {place} [label={_quoted(*step.changes, step.effect)}]")
    return "\n".join([*lines, "}"])


def draw_ancestry(chain: Sequence[Run], config_of: Callable[[Run], Config | None], logged: _Logged = _NOTHING) -> None:
    """Draw the graph if there is a chain."""
    steps = ancestry_steps(chain, config_of, logged)
    if not steps:
        return
    st.markdown("## Lineage")
    told = " → ".join(" ".join(filter(None, (step.title, step.result))) for step in steps)
    st.graphviz_chart(ancestry_dot(steps, dark=st.context.theme.type == "dark"), alt=told)


def _changes(before: Run, run: Run, config_of: Callable[[Run], Config | None], logged: _Logged) -> tuple[str, ...]:
    pair = [before, run]
    data = data_row(pair, logged)
    settings = ((path, shortened(values)) for path, values in config_differences(pair, config_of).rows)
    rows = (*([data] if data else []), *settings)
    told = [f"{path}: {values[0]} → {values[1]}" for path, values in rows[:_MOST_CHANGES]]
    more = len(rows) - len(told)
    return (*told, f"and {more} more") if more else tuple(told)


def _effect(before: Run, run: Run, metric: str | None, bases: Mapping[str, Basis]) -> str:
    if metric is None or metric not in {*before.metrics, *run.metrics}:
        return ""
    difference = signed(results([before, run], (), bases)[metric][1])
    return f"{MetricName.of(metric).label} {difference}" if difference else ""


def _result(run: Run, metric: str | None) -> str:
    return (
        f"{MetricName.of(metric).label} {number(run.kept_metrics[metric])}" if metric in run.metrics and metric else ""
    )


def _quoted(*lines: str) -> str:
    """Return lines as one DOT string in which quotes, backslashes and entities are literal."""
    return '"' + "\\n".join(_escaped(line) for line in lines if line) + '"'


def _escaped(line: str) -> str:
    return cut(one_line(line), _LONGEST).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
