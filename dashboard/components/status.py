"""A run's status as a word and a colour, and its progress in words."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import streamlit as st

from dashboard.components.markdown import plain
from trainer.execution import Expected, is_lost, silent_since
from trainer.format import ago, clock, clock_near, count, time_left
from trainer.tracking import DIVERGED, Progress, Run, Status, Tag

__all__ = ["Look", "look", "progress_words", "status_chip"]

_Color = Literal["gray", "blue", "green", "red", "orange", "yellow"]


class Look(NamedTuple):
    """How a status is shown: its word, icon, Streamlit colour and explanation."""

    word: str
    icon: str
    color: _Color
    meaning: str


_MEANINGS: Mapping[Status, tuple[str, _Color, str]] = {
    Status.SCHEDULED: ("schedule", "gray", "Waiting for the worker"),
    Status.RUNNING: ("play_arrow", "blue", "Training"),
    Status.FINISHED: ("check", "green", "Training completed"),
    Status.FAILED: ("close", "red", "Failed with an error"),
    Status.KILLED: ("stop", "orange", "Stopped by a user or a time limit"),
}
_LOOKS = {
    status: Look(status.word, f":material/{icon}:", color, f"{meaning} ({status} in MLflow).")
    for status, (icon, color, meaning) in _MEANINGS.items()
}
_STOPPING = Look(
    "stopping…", ":material/stop_circle:", "orange", "Stop requested; the run ends after the current step."
)
_LOST = Look(
    "lost",
    ":material/help:",
    "red",
    "RUNNING in MLflow, but its process no longer exists or its host has been silent for a minute.",
)
_DIVERGED, _AT_CHANCE = (f"{Status.FINISHED.word}, {found}" for found in ("diverged", "at chance level"))
_SILENT = Look("silent", ":material/help:", "yellow", "RUNNING in MLflow, but it has stopped reporting.")


def look(run: Run, now: float) -> Look:
    """Return how a run's status is shown at `now` (seconds since 1970)."""
    if is_lost(run, now=now):
        return _LOST
    heard = silent_since(run, now=now)
    if heard is not None:
        return _SILENT._replace(word=f"silent since {clock_near(heard, now)}")
    if not run.status.ended and Tag.STOP in run.tags:
        return _STOPPING
    if run.status is Status.FINISHED and Tag.JUDGEMENT in run.tags:
        sentence = plain(run.tags[Tag.JUDGEMENT])
        has_diverged = run.tags[Tag.JUDGEMENT].startswith(DIVERGED)
        return Look(_DIVERGED if has_diverged else _AT_CHANCE, ":material/warning:", "orange", sentence)
    return _LOOKS[run.status]


def status_chip(run: Run, now: float) -> None:
    """Draw the status as a coloured badge with its explanation as a tooltip."""
    shown = look(run, now)
    st.badge(shown.word, icon=shown.icon, color=shown.color, help=shown.meaning)


def progress_words(run: Run, *, now: float, expected: Expected | None = None) -> str:
    """Return the progress of a live run in words: `epoch 3/5 · step 120/1,875 · 2 s left`.

    `expected` is the estimated start of a queued run.
    """
    if run.status.ended:
        return ""
    if run.status is Status.SCHEDULED:
        return Status.SCHEDULED.word if expected is None else expected.words()
    progress = run.progress
    silent = silent_since(run, now=now)
    if silent is not None:
        return f"no update since {clock(silent)} ({ago(int(silent * 1000), now)})"
    if is_lost(run, now=now):
        return "its process no longer exists"
    if progress is None:
        return "" if run.by_fitboard else Status.RUNNING.word
    return _training_words(progress, now)


def _training_words(progress: Progress, now: float) -> str:
    if progress.phase or not progress.epochs:
        return progress.phase or "starting"
    # `epoch` counts finished epochs, so after the last one it equals `epochs`.
    words = [f"epoch {count(min(progress.epoch + 1, progress.epochs))}/{count(progress.epochs)}"]
    if progress.steps:
        words.append(f"step {count(progress.step)}/{count(progress.steps)}")
    if progress.estimated_end is not None:
        words.append(f"{time_left(progress.estimated_end - now)} left")
    return " · ".join(words)
