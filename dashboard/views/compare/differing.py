"""What differs between the compared runs, and what is not known of it."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import loaders
from dashboard.charts.compare import Line
from dashboard.components.differences import Differences, config_differences, data_row, environment_differences
from dashboard.components.markdown import plain
from dashboard.views.compare.tables import differences_table
from trainer.tracking import Run

__all__ = ["draw_differences", "unknown_words"]


def draw_differences(runs: Sequence[Run], drawn: Sequence[Line], *, but_for_seeds: bool = False) -> None:
    """Draws what differs: of configs or params, of data, of environments; `drawn` has a line for each run."""
    found = config_differences(runs, loaders.config, left_out=("seed",) if but_for_seeds else ())
    logged = loaders.logged_datasets(runs)
    data = data_row(runs, logged)
    environment = environment_differences(runs, {run.run_id: loaders.environment(run) for run in runs})
    names = {run.run_id: line.label for run, line in zip(runs, drawn, strict=True)}
    no_data = [run.run_id for run in runs if not logged.get(run.run_id)]
    doubts = unknown_words(names, found, no_data, environment.unknown)

    st.markdown("##### What differs")
    if found.of_params:
        st.caption("One of the runs has no config of Fitboard’s, so the logged params are compared.")
    rows = (*found.rows, *([data] if data else []), *environment.rows)
    if rows:
        differences_table(rows, drawn)
    else:
        st.markdown(_nothing(found, doubts, but_for_seeds=but_for_seeds))
    if environment.harmless:
        told = "; ".join(f"{what}: {', '.join(dict.fromkeys(values))}" for what, values in environment.harmless)
        st.caption(f"Also, without an effect on numbers: {plain(told)}.")
    for sentence in doubts:
        st.caption(plain(sentence))


def _nothing(found: Differences, doubts: Sequence[str], *, but_for_seeds: bool) -> str:
    """The sentence where no difference is on record, which is not the same as none."""
    if doubts:
        return "Nothing that is on record."
    settings = "params" if found.of_params else "configs"
    if but_for_seeds:
        return "Nothing but the seeds."
    same = f"the {settings}, the data and the environments are the same"
    return f"Nothing: {same}, so any difference in the results is chance."


def unknown_words(
    names: Mapping[str, str], found: Differences, no_data: Sequence[str], no_environment: Sequence[str]
) -> list[str]:
    """A sentence for everything that is not on record of some runs, which might differ all the same.

    Args:
        names: run id → name, of all compared runs.
        found: what is known of configs and params.
        no_data: ids of the runs that logged no dataset.
        no_environment: ids of the runs that recorded no environment.
    """
    sentences = []
    for run_ids, words in (
        (found.unknown, "How {} {} configured is not known: no params were logged."),
        (no_data, "Which data {} {} trained on is not known: no digest was logged."),
        (no_environment, "What {} {} trained in is not known: no environment was recorded."),
    ):
        if run_ids:
            which = "the runs" if len(run_ids) == len(names) else ", ".join(names[run_id] for run_id in run_ids)
            sentences.append(words.format(which, "was" if len(run_ids) == 1 else "were"))
    return sentences
