"""The links to the run that a run was made from, and to the sweep that it belongs to."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.navigation import RUN, SWEEP, link
from trainer.reproduce import parent_of
from trainer.tracking import Run, Tag, short_id

__all__ = ["Parent", "draw_parent", "draw_sweep_link", "parent_link", "sweep_words"]


class Parent(NamedTuple):
    """The label of a link, its icon, and the id of the linked run; None if the store has no such run."""

    words: str
    icon: str
    run_id: str | None


def parent_link(run: Run, chain: Sequence[Run]) -> Parent | None:
    """Return the link to the run that a run was made from; None if there is none.

    Args:
        run: the run of the page.
        chain: the runs that led to it, the oldest first and the run itself last, as far as the store has them.
    """
    parent_id = parent_of(run)
    if parent_id is None:
        replayed = run.tags.get(Tag.REPLAY_OF)
        return Parent(f"replay of a bundle of {short_id(replayed)}", ":material/replay:", None) if replayed else None
    parent = next((each for each in chain if each.run_id == parent_id), None)
    relation, icon = _relation(run, parent)
    if parent is None:
        return Parent(f"{relation} {short_id(parent_id)} (no longer in the store)", icon, None)
    title = parent.short_title
    named = title if title == parent.short_id else f"{title} {parent.short_id}"
    return Parent(f"{relation} {named}", icon, parent_id)


def _relation(run: Run, parent: Run | None) -> tuple[str, str]:
    if run.tags.get(Tag.RESUMED_FROM):
        return "resumed from", ":material/resume:"
    if run.tags.get(Tag.WEIGHTS_OF) and not run.tags.get(Tag.RERUN_OF):
        return "fine-tuned from", ":material/model_training:"
    differs = parent is not None and parent.tags.get(Tag.CONFIG_DIGEST) != run.tags.get(Tag.CONFIG_DIGEST)
    return ("variant of", ":material/tune:") if differs else ("rerun of", ":material/replay:")


def draw_parent(parent: Parent | None) -> None:
    """Draw the link, or its label as text if there is nothing to link to."""
    if parent is None:
        return
    if parent.run_id is None:
        st.caption(f"{parent.icon} {plain(parent.words)}")
        return
    with st.container(key="run-parent"):
        link(RUN, label=plain(parent.words), icon=parent.icon, query_params={"id": parent.run_id})


def sweep_words(run: Run) -> str:
    """Return what a run is of its sweep; empty for a run that belongs to none."""
    sweep = run.tags.get(Tag.SWEEP)
    if not sweep:
        return ""
    if run.tags.get(Tag.TRIAL, "").isdecimal():
        pruned = run.tags.get(Tag.TRIAL_PRUNED, "")
        after = f", pruned at epoch {pruned}" if pruned.isdecimal() else ""
        return f"trial {run.tags[Tag.TRIAL]} of sweep {short_id(sweep)}{after}"
    confirmed = run.tags.get(Tag.SWEEP_CONFIRMS, "")
    fresh = f"trial {confirmed} with a fresh seed" if confirmed.isdecimal() else "a run"
    return f"{fresh}, of sweep {short_id(sweep)}"


def draw_sweep_link(run: Run) -> None:
    """Draw a link to the sweep of a run; nothing for a run that belongs to none."""
    words = sweep_words(run)
    if words:
        with st.container(key="run-sweep"):
            link(SWEEP, label=plain(words), icon=SWEEP.icon, query_params={"id": run.tags[Tag.SWEEP]})
