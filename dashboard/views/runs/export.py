"""The dialog that exports runs as CSV or Parquet."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal, NamedTuple

import streamlit as st

from dashboard import state
from dashboard.components.downloads import failed_downloads, prepared_download
from dashboard.loaders.exports import runs_file
from trainer.format import count
from trainer.tracking import Run, RunQuery

__all__ = ["draw_export"]


class _Format(NamedTuple):
    """A format: its name, and what it is for."""

    label: str
    help: str


_FORMATS: Mapping[Literal["csv", "parquet"], _Format] = {
    "csv": _Format("CSV", "For spreadsheets. Text that would run as a formula is prefixed with an apostrophe."),
    "parquet": _Format("Parquet", "For pandas, Polars or DuckDB. Numbers are exact, and NaN and ±Inf are kept."),
}


def draw_export(selected: Sequence[Run]) -> None:
    """Draw the choice of runs and a button for each format; the file is made when a button is clicked."""
    query, total = state.runs.listed
    choices: dict[str, Sequence[str] | RunQuery] = {}
    if selected:
        choices[f"Selected ({count(len(selected))})"] = [run.run_id for run in selected]
    if query is not None and total:
        number = f"more than {count(total)}" if state.runs.uncounted else count(total)
        choices[f"All that match the filters ({number})"] = query
    if not choices:
        st.caption("No runs match, and none are selected. Remove a filter or select runs.")
        return
    chosen = st.radio("Runs", list(choices), key="runs.exported", label_visibility="collapsed")
    st.caption("Every metric (its last value), param and tag is a column.")
    with st.container(horizontal=True, gap="small"):
        for kind, (label, words) in _FORMATS.items():
            prepared_download(
                label, partial(runs_file, choices[chosen], kind), file_name=f"runs.{kind}", help=words,
                icon=":material/download:", key=f"runs.export_{kind}",
            )  # fmt: skip
    failed_downloads(f"runs.export_{kind}" for kind in _FORMATS)
