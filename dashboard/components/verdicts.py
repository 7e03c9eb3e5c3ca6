"""Whether a rerun is identical to the last bit, as badges on a run's page and as words in the table of runs."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.navigation import RUN, link
from trainer.format import counted
from trainer.reproduce import Verdict, rerun_verdicts
from trainer.tracking import Run, Tag, short_id

__all__ = ["MOST_RERUNS", "VerdictChip", "draw_verdicts", "latest_reruns", "verdict_chips", "verdict_words"]

MOST_RERUNS = 3
"""Maximum number of reruns of a run that get a badge on its page."""


class VerdictChip(NamedTuple):
    """The badge for a comparison of two runs, the text below it, and the id of the other run if it is linked."""

    words: str
    color: Literal["green", "orange", "gray"]
    under: str = ""
    other: str | None = None


def latest_reruns(run: Run) -> tuple[str, ...]:
    """Return the ids of the newest reruns of this run that have a verdict, the newest first."""
    return tuple(reversed(rerun_verdicts(run)))[:MOST_RERUNS]


def verdict_chips(run: Run, reruns: Sequence[Run]) -> tuple[VerdictChip, ...]:
    """Return the badges for this run's own verdict, for those of its `reruns`, and one for all other reruns."""
    chips = []
    own = Verdict.loads(run.tags.get(Tag.VERDICT, ""))
    if own is not None:
        first, replayed = run.tags.get(Tag.RERUN_OF), run.tags.get(Tag.REPLAY_OF)
        name = short_id(first or replayed or "") or "the first run"
        chips.append(_chip(own, name if first or not replayed else f"{name} of a bundle"))
    for rerun in reruns:
        told = Verdict.loads(rerun.tags.get(Tag.VERDICT, ""))
        if told is not None:
            chips.append(_chip(told, rerun.short_id)._replace(other=rerun.run_id))
    shown = {rerun.run_id for rerun in reruns}
    more = {run_id: identical for run_id, identical in rerun_verdicts(run).items() if run_id not in shown}
    if more:
        chips.append(_the_others(more))
    return tuple(chips)


def verdict_words(run: Run) -> str:
    """Return the verdict on a rerun, or how many reruns of a run are identical, for a cell of the table."""
    own = Verdict.loads(run.tags.get(Tag.VERDICT, ""))
    if own is not None:
        return _outcome(own)
    reruns = rerun_verdicts(run)
    return f"{sum(reruns.values())} of {len(reruns)} reruns identical" if reruns else ""


def draw_verdicts(chips: Sequence[VerdictChip]) -> None:
    """Draw the badges, each with a link to the other run, and below it how the environments differ."""
    for chip in chips:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            icon = ":material/verified:" if chip.color == "green" else ":material/difference:"
            st.badge(plain(chip.words), icon=icon, color=chip.color)
            if chip.other:
                link(RUN, label="open the rerun", icon=":material/replay:", query_params={"id": chip.other})
        if chip.under:
            st.caption(plain(chip.under))


def _chip(verdict: Verdict, name: str) -> VerdictChip:
    if verdict.identical:
        return VerdictChip(f"identical to {name}", "green")
    is_proven = verdict.first_difference is not None or verdict.weights_equal is False
    words = _outcome(verdict).replace("differs", f"differs from {name}", 1) if is_proven else ""
    told, harmless = (
        "; ".join(
            f"{each.what}: {each.a} there, {each.b} here" for each in verdict.environment if each.likely is wanted
        )
        for wanted in (True, False)
    )
    environment = (
        f"The environments differ in {told}." if told else "No difference between the environments was recorded."
    )
    if harmless:
        known = f"The environments differ in {told}." if told else "No recorded difference explains it."
        environment = f"{known} Differences that do not affect the numbers: {harmless}."
    return VerdictChip(
        words or f"not proven identical to {name}",
        "orange" if is_proven else "gray",
        " ".join([environment, *verdict.notes]),
    )


def _outcome(verdict: Verdict) -> str:
    first = verdict.first_difference
    if verdict.identical:
        return "identical"
    if first is not None:
        # `1e-8` instead of Python's `1e-08`.
        by = "" if first.by is None else f" by {first.by:.1g}".replace("e-0", "e-")
        return f"differs at epoch {first.epoch}, {first.metric}{by}"
    return "differs in the final weights" if verdict.weights_equal is False else "not proven identical"


def _the_others(more: Mapping[str, bool]) -> VerdictChip:
    same, number = sum(more.values()), len(more)
    reruns = counted(number, "more rerun")
    words = f"{reruns}, identical" if same == number else f"{reruns}, {same} identical"
    return VerdictChip(words, "green" if same == number else "orange")
