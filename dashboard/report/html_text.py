"""The text of a report: a template filled with escaped words, charts and numbers."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from dashboard.chart_script import content
from dashboard.charts.described import described
from dashboard.report import words
from dashboard.report.document import report_document
from dashboard.report.figures import drawn_lines, has_groups, report_figures
from dashboard.report.material import Material
from trainer.format import clock, counted
from trainer.json_text import json_text

__all__ = ["report_html"]

_HERE = Path(__file__).parent
_CHART_STYLE = _HERE.parent / "components" / "live_chart.css"
_HEIGHT = 320


def report_html(shown: Material) -> str:
    """Return a complete HTML document: no address in it is loaded, and everything that a user typed is escaped.

    `<script type="application/json" id="fitboard-comparison">` holds `report_document`.
    """
    figures = report_figures(shown)
    scripts = [content().decode(), (_HERE / "report.js").read_text(encoding="utf-8")]
    means, each_run, left_out = words.results(shown)
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.jinja").render(
        title=f"Comparison of {counted(len(shown.runs), 'run')}",
        written=clock(shown.written_at, to="minutes"),
        policy=_policy(scripts),
        styles=[Markup(path.read_text(encoding="utf-8")) for path in (_CHART_STYLE, _HERE / "report.css")],  # noqa: S704
        scripts=[Markup(text) for text in scripts],  # noqa: S704
        notes=_markdown(shown.notes),
        run_notes=[(label, _markdown(note)) for label, note in words.run_notes(shown)],
        runs=words.runs(shown),
        verdicts=list(words.verdicts(shown)),
        method=words.method_words(shown),
        ranks=words.ranks(shown),
        means=means,
        results=each_run,
        left_out=counted(left_out, "more metric") if left_out else "",
        legend=drawn_lines(shown),
        charts=[(described(figure), figure.layout.height or _HEIGHT) for figure in figures.values()],
        points=words.points_words(shown),
        has_groups=has_groups(shown),
        differences=words.differences(shown),
        layers=words.layers(shown),
        configs=words.configs(shown),
        figures=_figures(figures.values()),
        document=_in_script(json_text(report_document(shown))),
    )


def _figures(figures: Iterable[go.Figure]) -> Markup:
    return _in_script(f"[{','.join(figure.to_json() for figure in figures)}]")


def _policy(scripts: list[str]) -> str:
    """Return the content security policy: only these scripts run, and nothing is loaded."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{each}'" for each in hashes)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"


def _in_script(text: str) -> Markup:
    # In JSON `<` occurs only inside texts; written as an escape it can neither end the element nor open a comment.
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def _markdown(text: str) -> Markup:
    """Return Markdown as HTML without raw HTML, links to scripts, and images, which a browser would load."""
    # The renderer escapes HTML and refuses links to `javascript:` and the like.
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return Markup(reader.render(text))  # noqa: S704
