"""The script that draws every chart: the right version, all that the charts use, and no more than a megabyte."""

import ast
import gzip
import json
import re
from pathlib import Path

import plotly.graph_objects as go
import pytest
from plotly.basedatatypes import BaseTraceType
from plotly.offline import get_plotlyjs_version

from dashboard import chart_script

ROOT = Path(__file__).parents[2]
CHARTS = sorted((ROOT / "dashboard" / "charts").glob("*.py"))
_EXPRESS = {"imshow": "heatmap"}
"""What of plotly.express is used, and the trace that it makes."""


def traces_in(path: Path) -> set[str]:
    """The kinds of traces that a module makes: `go.Scatter(…)`, `figure.add_bar(…)`, `px.imshow(…)`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            added = node.attr.removeprefix("add_")
            if is_trace(node.attr):
                found.add(node.attr.lower())
            elif added != node.attr and is_trace(added.capitalize()):
                found.add(added)
            elif isinstance(node.value, ast.Name) and node.value.id == "px":
                found.add(_EXPRESS[node.attr])
    return found


def is_trace(name: str) -> bool:
    """Whether plotly.graph_objects has a trace of that name."""
    kind = getattr(go, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseTraceType)


def bundled() -> set[str]:
    return set(re.findall(r'moduleType:"trace",name:"(\w+)"', chart_script.content().decode()))


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.stem)
def test_script_draws_every_trace_that_the_charts_use(path: Path) -> None:
    assert traces_in(path) <= bundled(), "add the trace to bundle.js and build the script again"


def test_traces_are_found_in_the_charts() -> None:
    assert set.union(*map(traces_in, CHARTS)) >= {"scatter", "heatmap"}


def test_script_is_of_the_version_that_the_plotly_package_writes_for() -> None:
    assert chart_script.version() == get_plotlyjs_version()
    package = json.loads((ROOT / "dashboard" / "plotly_js" / "source" / "package.json").read_text())
    assert package["devDependencies"]["plotly.js"] == get_plotlyjs_version()


def test_script_is_small_and_brings_its_licenses() -> None:
    assert len(chart_script.content()) < 1_000_000
    assert gzip.decompress(chart_script.packed()) == chart_script.content()
    licenses = (ROOT / "dashboard" / "plotly_js" / "LICENSES.txt").read_text()
    assert {"plotly.js (MIT)", "@plotly/d3 (BSD-3-Clause)"} <= set(licenses.splitlines())
