"""The differences between the compared runs, and what is unknown."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import loaders
from dashboard.charts.compare import Line
from dashboard.components.differences import (
    Differences,
    Row,
    config_differences,
    data_row,
    environment_differences,
    shortened,
)
from dashboard.components.layer_differences import LayerRow, layer_rows
from dashboard.components.markdown import plain
from dashboard.views.compare.tables import MOST_COLUMNS, differences_table, layers_table
from trainer.config import LayerChange, Vary
from trainer.config.phrases import VARIED
from trainer.format import counted
from trainer.tracking import Run

__all__ = ["draw_differences", "unknown_words"]

# Numbers of rows that are shown without a click.
_FIRST, _FIRST_LAYERS = 6, 10
_LAYERS = "layers."


def draw_differences(runs: Sequence[Run], drawn: Sequence[Line], *, but_for_seeds: bool = False) -> None:
    """Draw the differences of configs or params, data and environments; `drawn` has a line per run."""
    # Each group's first run stands for it, so what its repeats vary is no difference between groups.
    kinds = {run.vary for run in runs}
    vary = kinds.pop() if len(kinds) == 1 else Vary.SEED
    found = config_differences(runs, loaders.config, left_out=VARIED[vary] if but_for_seeds else ())
    logged = loaders.logged_datasets(runs)
    data = data_row(runs, logged)
    environment = environment_differences(runs, loaders.environments(runs))
    names = {run.run_id: line.label for run, line in zip(runs, drawn, strict=True)}
    no_data = [run.run_id for run in runs if not logged.get(run.run_id)]
    doubts = unknown_words(names, found, no_data, environment.unknown)

    st.markdown("## What differs")
    if found.of_params:
        st.caption("Not every run has a Fitboard config, so logged params are compared.")
    layers = _layers(runs) if not found.of_params else ()
    settings = [
        (field, shortened(values)) for field, values in found.rows if not (layers and field.startswith(_LAYERS))
    ]
    rows = (*settings, *([data] if data else []), *environment.rows)
    if rows:
        first = _FIRST if len(runs) <= MOST_COLUMNS else len(rows)
        differences_table(rows[:first], drawn)
        _more(rows[first:], drawn)
    if layers:
        _draw_layers(layers, drawn)
    if not rows and not layers:
        only = "seeds" if vary is Vary.SEED else f"seeds and the {vary}s"
        st.markdown(f"Only the {only} differ." if but_for_seeds and not doubts else _nothing(found, doubts))
    if environment.harmless:
        words = "; ".join(f"{what}: {', '.join(dict.fromkeys(values))}" for what, values in environment.harmless)
        st.caption(f"Also different, but without an effect on the results: {plain(words)}.")
    for sentence in doubts:
        st.caption(plain(sentence))


def _layers(runs: Sequence[Run]) -> tuple[LayerRow, ...]:
    """Return the aligned layers, for as many runs as have a column each; empty if no layer differs."""
    configs = [config for run in runs if (config := loaders.config(run)) is not None]
    return layer_rows(configs) if len(configs) == len(runs) <= MOST_COLUMNS else ()


def _draw_layers(layers: Sequence[LayerRow], drawn: Sequence[Line]) -> None:
    """Draw the layers, behind a click if there are many."""
    if len(layers) <= _FIRST_LAYERS:
        layers_table(layers, drawn)
        return
    number = sum(row.change is not LayerChange.SAME for row in layers)
    with st.expander(
        counted(number, "layer differs", "layers differ"), on_change="rerun", key="compare.layers"
    ) as folded:
        if folded.open:
            layers_table(layers, drawn)


def _more(rows: Sequence[Row], drawn: Sequence[Line]) -> None:
    """Draw the other differences behind a click, so that the curves stay in sight."""
    if rows:
        words = counted(len(rows), "more difference")
        with st.expander(words, on_change="rerun", key="compare.more") as folded:
            if folded.open:
                differences_table(rows, drawn)


def _nothing(found: Differences, doubts: Sequence[str]) -> str:
    """Return the sentence for no recorded differences, which does not prove that there are none."""
    if doubts:
        return "No recorded differences."
    settings = "params" if found.of_params else "configs"
    return f"No recorded difference in {settings}, data or environments explains a difference in the results."


def unknown_words(
    names: Mapping[str, str], found: Differences, no_data: Sequence[str], no_environment: Sequence[str]
) -> list[str]:
    """Return a sentence for everything that some runs did not record and that may therefore differ.

    Args:
        names: run id → name, of all compared runs.
        found: the known differences of configs and params.
        no_data: ids of the runs that logged no dataset.
        no_environment: ids of the runs that recorded no environment.
    """
    sentences = []
    for run_ids, words in (
        (found.unknown, "Config unknown for {}: no params were logged."),
        (no_data, "Data unknown for {}: no digest was logged."),
        (no_environment, "Environment unknown for {}: none was recorded."),
    ):
        if run_ids:
            which = "all runs" if len(run_ids) == len(names) else ", ".join(names[run_id] for run_id in run_ids)
            sentences.append(words.format(which))
    return sentences
