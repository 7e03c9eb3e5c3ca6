"""The top of a sweep's page: its status, progress and main numbers."""

from typing import NamedTuple

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.components.sweep_status import PRUNER_WORDS, SAMPLER_WORDS, summary_words, sweep_look
from trainer.config import MetricName
from trainer.config.search import Pruner
from trainer.execution.limits import read_seconds
from trainer.format import ago, count, counted, duration, number, percent, roughly
from trainer.sweeps import best_trials, summary_of
from trainer.sweeps.following import Followed
from trainer.sweeps.saving import saved_by_pruning
from trainer.tracking import Status, Tag

__all__ = ["Tile", "draw_standing", "draw_tiles", "share_done", "standing_words", "tiles"]


class Tile(NamedTuple):
    """A number: its label, the formatted value, and an explanation."""

    label: str
    value: str
    meaning: str


def share_done(seen: Followed) -> float:
    """Return the share of the wanted trials that have ended, 0 to 1; once the best are confirmed, of those runs."""
    summary = seen.summary
    if summary.confirming:
        return min(1.0, summary.confirmed / summary.confirming)
    return min(1.0, sum(each.ended for each in seen.trials) / max(1, seen.wanted))


def standing_words(seen: Followed) -> str:
    """Return how far a live sweep is: `34 of 50 trials · 1 running · about 3 min left`."""
    settings, summary = seen.sweep.settings, seen.summary
    if summary.confirming:
        runs = f"{count(summary.confirmed)} of {counted(summary.confirming, 'run')} with fresh seeds"
        return f"Confirming the best trials: {runs}" + f" · {count(seen.confirming)} under way" * bool(seen.confirming)
    ended = sum(each.ended for each in seen.trials)
    words = [f"{count(ended)} of {counted(seen.wanted, 'trial')}"]
    running = len(seen.trials) - ended
    words += [f"{count(running)} running"] if running else []
    spent = read_seconds(seen.run.tags.get(Tag.SPENT))
    if ended and spent and ended < seen.wanted:
        left = spent / ended * (seen.wanted - ended)
        if settings.seconds is not None:
            left = min(left, max(0.0, settings.seconds - spent))
        words.append(f"about {roughly(left)} left")
    return " · ".join(words)


def draw_standing(seen: Followed, now: float, hindered: str) -> None:
    """Draw the status and where the sweep comes from, and the progress of a live one; `hindered` replaces its words."""
    run, settings = seen.run, seen.sweep.settings
    shown = sweep_look(run, now)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(shown.word, icon=shown.icon, color=shown.color, help=shown.meaning)
        at, word = (run.end_time, "ended") if run.status.ended else (run.start_time, "started")
        begun = f"{'queued' if run.status is Status.SCHEDULED else word} {ago(at, now)}"
        author = f"by {run.author} · " if run.author else ""
        st.caption(plain(f"{run.experiment} · {author}{begun} · {run.short_id}"), width="content")
        sampler = settings.sampler
        if sampler is not None:
            st.caption(f"sampler {sampler}", help=SAMPLER_WORDS[sampler], width="content")
        if settings.pruner is not Pruner.NONE:
            st.caption(f"pruner {settings.pruner}", help=PRUNER_WORDS[settings.pruner], width="content")
    if seen.live:
        with st.container(key="run-progress"):
            st.progress(share_done(seen), text=hindered or f"**{plain(standing_words(seen))}**")


def tiles(seen: Followed, now: float) -> tuple[Tile, ...]:
    """Return the best result, the trials, the time, and what pruning saved."""
    settings = seen.sweep.settings
    ranked = best_trials(seen.trials, settings.maximizes)
    counts = summary_of(seen.trials, settings)
    found = [_best_tile(seen, at, name) for at, name in enumerate(settings.objective[:1])]
    if len(settings.objective) > 1:
        found = [Tile("Pareto front", count(len(ranked)), "Trials that no other one is better than.")]
    found.append(Tile("trials", f"{count(len(seen.trials))} / {count(seen.wanted)}", f"{summary_words(counts)}."))
    found.append(Tile("time", duration(_seconds(seen)), "Time that the sweep has been running, without pauses."))
    if settings.pruner is not Pruner.NONE:
        found.append(_saving_tile(seen))
    return tuple(found)


def _best_tile(seen: Followed, at: int, name: str) -> Tile:
    best = next(iter(best_trials(seen.trials, seen.sweep.settings.maximizes)), None)
    label = f"best {MetricName.of(name).label}"
    meaning = "Of the complete trials. It chose the winner, so expect less from another seed."
    if best is None:
        return Tile(label, "–", meaning)
    return Tile(label, number(best.results[at]), f"Trial {best.number}. {meaning}")


def _saving_tile(seen: Followed) -> Tile:
    saving = saved_by_pruning(seen.trials, seen.runs)
    label = "saved by pruning"
    if saving is None:
        return Tile(label, "–", "No trial has been pruned yet.")
    words = (
        f"{counted(saving.trials, 'pruned trial')} did not train {counted(saving.epochs, 'epoch')}, "
        f"{percent(saving.share, 0)} of all, each taken to be as long as the trial's last one."
    )
    return Tile(label, f"≈ {roughly(saving.seconds)}" if saving.seconds else "–", words)


def _seconds(seen: Followed) -> float | None:
    return read_seconds(seen.run.tags.get(Tag.SPENT)) or None


def draw_tiles(shown: tuple[Tile, ...]) -> None:
    """Draw the numbers as tiles of equal size, and below them a link to the best trial."""
    with st.container(key="run-numbers"):
        for each in shown:
            st.metric(plain(each.label), each.value, help=plain(each.meaning), border=True, height="stretch")
