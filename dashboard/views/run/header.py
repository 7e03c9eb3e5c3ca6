"""The top of a run's page: its name, status, progress and main numbers."""

from collections.abc import Collection
from typing import NamedTuple

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.components.status import progress_words, status_chip
from trainer.config import MetricName, ranked_metrics
from trainer.config.metrics.names import TEST, VALIDATION
from trainer.execution import Expected, Limits, silent_since
from trainer.format import ago, count, cut, duration, number
from trainer.tracking import Kept, Run, Status

__all__ = ["Number", "big_numbers", "draw_numbers", "draw_progress", "draw_title"]

_LONGEST_NAME = 160


class Number(NamedTuple):
    """A tile: its label, the formatted value, and an explanation."""

    label: str
    value: str
    meaning: str


def draw_title(run: Run, color: str) -> None:
    """Draw the name after a dot in the run's colour."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="run-title"):
        # A colour is `#rrggbb` and nothing else, so the HTML contains nothing that a user typed.
        st.html(
            f'<div style="width:0.85rem;height:0.85rem;border-radius:50%;background:{color}" '
            'title="This run has this color on every page"></div>',
            width="content",
        )
        st.title(plain(cut(run.title, _LONGEST_NAME)), anchor=False, width="content")


def draw_progress(run: Run, *, now: float, expected: Expected | None, trouble: str = "") -> None:
    """Draw status, experiment, author and times, and below them the progress bar of a live run.

    `trouble`, in Markdown, replaces the text of the bar, so that the page below does not move when it comes and goes.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        status_chip(run, now)
        st.caption(plain(_origin(run, now)), width="content")
    if not run.status.ended:
        words = trouble or f"**{plain(progress_words(run, now=now, expected=expected)) or 'starting'}**"
        share = run.progress.share if run.progress and run.status is Status.RUNNING else 0.0
        with st.container(key="run-progress"):
            st.progress(share, text=words)


def _origin(run: Run, now: float) -> str:
    words = [run.experiment, *([f"by {run.author}"] if run.author else [])]
    if run.status.ended:
        words.append(f"ended {ago(run.end_time, now)}")
    elif run.started_at is not None:
        words.append(f"started {ago(run.started_at, now)}")
    elif run.start_time is not None:
        words.append(f"queued {ago(run.start_time, now)}")
    limits = Limits.of(run).words()
    return " · ".join([*words, *([limits] if limits else []), run.short_id])


def big_numbers(run: Run, *, now: float, expected: Collection[str] = ()) -> tuple[Number, ...]:
    """Return at most two results, the loss, the parameters and the time, as far as they are known.

    Metrics in `expected`, which a live run will log, have a tile before they have a value.
    """
    metrics = run.kept_metrics
    results = _results(metrics) or _results(expected)
    numbers = [
        Number(MetricName.of(name).label, number(metrics.get(name)), _meaning(name, run.kept)) for name in results
    ]
    parameters = run.params.get("parameters", "")
    if parameters.isdecimal() or expected:
        known = count(int(parameters)) if parameters.isdecimal() else "–"
        numbers.append(Number("parameters", known, "All weights of the network, including non-trainable ones."))
    seconds = _seconds(run, now)
    if seconds is not None or expected:
        numbers.append(
            Number("time", duration(seconds), "Time from the start of training to its end, including evaluation.")
        )
    return tuple(numbers)


def _results(metrics: Collection[str]) -> list[str]:
    """Return the two most informative metrics and the loss of the test part, else validation, else training."""
    names = ranked_metrics(metrics)
    for prefix in (TEST, VALIDATION, ""):
        part = [name for name in names if name.startswith(prefix)]
        if part:
            loss = [name for name in part if name == f"{prefix}loss"]
            return [name for name in part if name not in loss][:2] + loss
    return []


def _meaning(name: str, kept: Kept | None) -> str:
    is_last = kept is None or kept.is_last
    epoch = "" if kept is None else count(kept.epoch)
    if name.startswith(TEST):
        weights = "the final weights" if is_last else f"the weights of epoch {epoch}, which were kept"
        return f"On the test samples (not used for training), with {weights}."
    after = "the last complete epoch" if is_last else f"epoch {epoch}, whose weights were kept"
    if name.startswith(VALIDATION):
        return f"On the validation samples, after {after}."
    return "The last value that was logged." if is_last else f"On the training samples, during {after}."


def _seconds(run: Run, now: float) -> float | None:
    if run.status is Status.RUNNING and run.started_at is not None:
        heard = silent_since(run, now=now)
        # The clock of a run that went silent stops, since its process may have ended then.
        return max(0.0, (now if heard is None else heard) - run.started_at / 1000)
    return run.seconds


def draw_numbers(numbers: tuple[Number, ...]) -> None:
    """Draw the main numbers as tiles of equal size; the style sheet lays them out as a grid."""
    if not numbers:
        return
    with st.container(key="run-numbers"):
        for shown in numbers:
            st.metric(plain(shown.label), shown.value, help=shown.meaning, border=True, height="stretch")
