"""The download of a comparison as one HTML file."""

import time
from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard import loaders, state
from dashboard.components.downloads import failed_downloads, prepared_download
from dashboard.loaders.networks import difference_of_networks
from dashboard.state import CompareKey
from dashboard.views.compare.controls import Choice
from trainer.config import Directions, main_metrics
from trainer.tracking import Run

__all__ = ["draw_report", "report_of"]

_FILE = "compare.report.html"
_MOST_METRICS = 4


def draw_report(runs: Sequence[Run], chosen: Choice) -> None:
    """Draw the menu with the field for notes and the button.

    Args:
        runs: the compared runs.
        chosen: the page's controls; the file has the same charts.
    """
    with st.container(width="content"):
        # In a fragment, since opening the menu reruns everything around it.
        st.fragment(_draw_menu)(runs, chosen)


def _draw_menu(runs: Sequence[Run], chosen: Choice) -> None:
    popover = st.popover(
        "Report", icon=":material/description:", width="content", key="compare.report", on_change="rerun"
    )
    with popover as menu:
        st.caption("One HTML file that opens offline: charts, tables, verdicts, configs, and the numbers as JSON.")
        notes = st.text_area("Notes", key=CompareKey.NOTES, placeholder="Markdown", persist_state="session")
        prepared_download(
            "Download (.html)",
            partial(report_of, _baseline_first(runs), chosen.metrics, chosen.directions, notes or ""),
            file_name="comparison.html",
            icon=":material/download:",
            key=_FILE,
        )
        if menu.open:
            failed_downloads([_FILE])


def _baseline_first(runs: Sequence[Run]) -> list[Run]:
    """Return the runs with the chosen baseline first; its side is then the one that others are compared with."""
    return sorted(runs, key=lambda run: run.run_id != state.compare.baseline)


def report_of(runs: Sequence[Run], curves: Sequence[str], directions: Directions, notes: str) -> bytes:
    """Return the file; the first run's side is the baseline."""
    # Jinja and the reader of Markdown are imported with it, which the page does without.
    from dashboard.report import Sources, material, report_html

    sources = Sources(loaders.config, loaders.logged_datasets, loaders.environments, loaders.metric_curves)
    metrics = main_metrics([run.kept_metrics for run in runs], _MOST_METRICS)
    return report_html(
        material(
            runs,
            metrics,
            sources,
            curves=curves,
            directions=directions,
            notes=notes,
            between=difference_of_networks,
            written_at=time.time(),
        )
    ).encode()
