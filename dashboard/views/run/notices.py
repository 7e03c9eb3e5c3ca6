"""Messages above a run's curves: what it waits for, which weights it kept, and whether it is deleted."""

import streamlit as st

from dashboard.components.markdown import plain
from trainer.format import count, duration
from trainer.tracking import Backlog, Kept, Run, Status, Tag

__all__ = ["draw_notices", "kept_words", "notices", "trouble"]


def trouble(run: Run, *, error: str = "", behind: Backlog | None = None, now: float = 0.0) -> str:
    """Return why the record of a live run is behind, in Markdown; empty if it is not.

    Args:
        run: the run of the page.
        error: why the store cannot be read.
        behind: what this machine has recorded and the store has not received.
        now: seconds since 1970.
    """
    if run.status.ended:
        return ""
    sentence = plain(error) if error else "" if behind is None else _behind(behind, now)
    return f":orange[:material/warning: {sentence}]" if sentence else ""


def notices(run: Run, *, queue: str, worker: bool) -> tuple[tuple[str, str], ...]:
    """Return the messages to show first, as (kind, sentence in Markdown).

    Args:
        run: the run of the page.
        queue: the name of this home's queue.
        worker: whether the worker of this home is running.
    """
    said = []
    if run.deleted:
        said.append(
            (
                "warning",
                "This run was deleted; Runs lists it only under the status “deleted”. **Restore** brings it back.",
            )
        )
    if run.status is Status.FINISHED and Tag.JUDGEMENT in run.tags:
        said.append(("warning", plain(run.tags[Tag.JUDGEMENT])))
    if run.params.get("dataset.ignored") and run.status.ended:
        arrays = plain(run.params["dataset.ignored"])
        said.append(("info", f"The dataset file also contains {arrays}, which Fitboard ignored."))
    if run.kept is not None and run.status.ended:
        said.append(("info", kept_words(run.kept)))
    if run.status is Status.KILLED and Tag.FAILURE in run.tags:
        said.append(("warning", plain(run.tags[Tag.FAILURE])))
    if run.status is Status.SCHEDULED and run.by_fitboard:
        said += _waiting(run.tags.get(Tag.QUEUE, ""), queue, worker)
    return tuple(said)


def kept_words(kept: Kept) -> str:
    """Return which epoch's weights were kept and what ended training, in Markdown."""
    ended = f"{plain(kept.ended_by)} ended training after epoch {count(kept.epochs)}. " if kept.ended_by else ""
    if kept.is_last:
        return f"{ended}The weights of the last epoch were kept."
    return (
        f"{ended}The weights of epoch {count(kept.epoch)} of {count(kept.epochs)} were kept; the results "
        "below are from that epoch. Values of the last epoch are under **Everything logged**."
    )


def _behind(behind: Backlog, now: float) -> str:
    silence = f"The store has not responded for {duration(max(1.0, now - behind.since))}"
    if not behind.points:
        return f"{silence}; metrics are kept on the disk of the machine that runs Fitboard and sent later."
    kept = "1 point is" if behind.points == 1 else f"{count(behind.points)} points are"
    return f"{silence}; {kept} kept on the disk of the machine that runs Fitboard and sent later."


def _waiting(wanted: str, queue: str, worker: bool) -> list[tuple[str, str]]:
    if wanted and wanted != queue:
        who = f"This run is waiting for the worker of another home, in the queue {plain(wanted)}."
        return [("info", f"{who} Start that worker with `fitboard worker --home FOLDER`.")]
    if worker:
        return []
    start = "Start one with `fitboard worker`, or everything with `fitboard up`."
    return [
        (
            "warning",
            f"No worker is running, so this run stays in the queue. {start}",
        )
    ]


def draw_notices(said: tuple[tuple[str, str], ...]) -> None:
    """Draw the messages as warnings or information."""
    for kind, sentence in said:
        if kind == "warning":
            st.warning(sentence, icon=":material/warning:")
        else:
            st.info(sentence, icon=":material/info:")
