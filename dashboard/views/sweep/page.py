"""The page of one sweep: its progress, result, charts and trials, updated live."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from dashboard import loaders, state, sweep_actions, sweep_state
from dashboard.components.empty import empty
from dashboard.components.errors import errors_shown, show_error
from dashboard.components.markdown import plain, sentence
from dashboard.components.sweep_status import is_paused
from dashboard.loaders import sweeps
from dashboard.loaders.sweep_importances import SweepImportances, sweep_importances
from dashboard.navigation import BUILD, RUN, SWEEPS, go, link, title
from dashboard.views.sweep.buttons import sweep_buttons
from dashboard.views.sweep.charts import draw_course, draw_importances, draw_trial_charts
from dashboard.views.sweep.header import draw_standing, draw_tiles, tiles
from dashboard.views.sweep.narrow import draw_narrowing
from dashboard.views.sweep.trials import draw_trials
from dashboard.views.sweep.truth import draw_truth
from trainer.errors import ConfigError, FitboardError, RunNotFoundError, StoreError
from trainer.execution import is_served, queue_name
from trainer.format import counted, cut
from trainer.sweeps.following import Followed
from trainer.tracking import Run, Status, Tag

__all__ = ["render"]

_LIVE_SECONDS, _AWAY_SECONDS = 1.0, 2.0
_WHOLE_ID = 32
_LONGEST_NAME = 160
_ACTIONS: Mapping[str, Callable[[Run], None]] = {
    "pause": sweep_actions.pause,
    "go_on": sweep_actions.go_on,
    "stop": sweep_actions.stop,
}


class _Drawn(NamedTuple):
    """The state that the whole page was drawn for."""

    status: Status
    wish: str
    trials: int
    live: bool
    away: bool
    computing: bool

    @classmethod
    def of(cls, snapshot: sweeps.SweepSnapshot, seen: Followed, known: SweepImportances) -> "_Drawn":
        """Return the state of a snapshot."""
        run = seen.run
        wanted = seen.sweep.settings.trials
        away = snapshot.error is not None
        return cls(run.status, run.tags.get(Tag.SWEEP_WISH, ""), wanted, seen.live, away, known.pending)

    @property
    def every(self) -> float | None:
        """The seconds between updates of the live part; None if nothing can change."""
        if self.away:
            return _AWAY_SECONDS
        return _LIVE_SECONDS if self.live or self.computing else None


def render() -> None:
    """Draw the page of the sweep in the address."""
    sweep_id = _named_sweep()
    if sweep_id is None:
        return
    try:
        snapshot = sweeps.follow(sweep_id)
    except ConfigError as error:
        _draw_unusable(sweep_id, str(error))
        return
    seen = snapshot.seen
    if seen is None:
        if snapshot.error is None:
            _draw_unknown("This sweep is no longer in the store.")
        else:
            _draw_away(snapshot.error)
        return
    _do_pressed(seen)
    _toast()
    title(seen.run.title, "Sweep")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content", key="run-title"):
            st.title(plain(cut(seen.run.title, _LONGEST_NAME)), anchor=False, width="content")
        with errors_shown():
            sweep_buttons(seen)
    drawn = _Drawn.of(snapshot, seen, sweep_importances(seen))
    st.fragment(_draw_live, run_every=drawn.every)(sweep_id, drawn)
    with st.expander("Sweep file", icon=":material/description:"):
        st.code(seen.sweep.dump(), language="yaml", wrap_lines=True)
    draw_narrowing(seen)


def _named_sweep() -> str | None:
    """Return the full id of the sweep in the address and write it back; without one, draw why and return None."""
    word = sweep_state.sweep.id
    try:
        sweep_id = sweeps.find_sweep(word).run_id
    except RunNotFoundError as error:
        _draw_unknown(str(error))
    except ConfigError as error:
        _draw_unusable(word, str(error))
    except StoreError as error:
        # A full id needs no look-up: the page can show the last known state of the sweep.
        if len(word) == _WHOLE_ID:
            return word
        _draw_away(error)
    else:
        sweep_state.sweep.id = sweep_id
        return sweep_id
    return None


def _draw_unknown(words: str) -> None:
    """Show that the sweep was not found, and keep looking: a page may be opened before its sweep exists."""
    if sweep_state.sweep.id == sweep_state.LATEST:
        empty(
            "# No sweeps yet\nStart one with `fitboard sweep FILE`, and it appears here.", page=SWEEPS, label="Sweeps"
        )
    else:
        empty(f"# Sweep not found\n{sentence(words)}", page=SWEEPS, label="All sweeps", icon=SWEEPS.icon)
    st.fragment(_wait, run_every=_AWAY_SECONDS)()


def _draw_unusable(word: str, words: str) -> None:
    empty(f"# Not a sweep\n{sentence(words)}", page=SWEEPS, label="All sweeps", icon=SWEEPS.icon)
    link(RUN, label="Open it as a run", icon=RUN.icon, query_params={"id": word})


def _wait() -> None:
    """Redraw the page once the sweep exists, or if the store is away."""
    st.caption("Waiting for the sweep; it opens here when it appears.")
    try:
        sweeps.find_sweep(sweep_state.sweep.id)
    except RunNotFoundError:
        return
    except FitboardError:
        # The page says what is wrong.
        st.rerun()
    st.rerun()


def _draw_away(error: StoreError) -> None:
    show_error(error)
    st.fragment(_come_back, run_every=_AWAY_SECONDS)()


def _come_back() -> None:
    """Redraw the page once the store can be read."""
    st.caption("Trying again every two seconds…")
    try:
        sweeps.find_sweep(sweep_state.sweep.id)
    except StoreError:
        return
    except FitboardError:
        st.rerun()
    st.rerun()


def _do_pressed(seen: Followed) -> None:
    """Do what was pressed since the page was drawn and draw it again; an error is drawn above it instead."""
    run, (sweep_id, press, numbers) = seen.run, sweep_state.sweep.pressed
    if not press:
        return
    sweep_state.sweep.pressed = ("", "", ())
    # Pressed on the page of another sweep, which was left before it was drawn again.
    if sweep_id != run.run_id:
        return
    with errors_shown():
        if press == "change":
            # Build fills its draft once per address; this lets it take the same sweep again.
            state.build.filled_from = ""
            go(BUILD, **{"from": run.run_id})
        if press == "narrow":
            sweep_state.sweep.narrowing = run.run_id
            return
        if press in _ACTIONS:
            _ACTIONS[press](run)
        elif press == "add":
            sweep_actions.add(run, numbers[0])
            sweep_state.sweep.done = f"Added {counted(numbers[0], 'trial')}."
        else:
            sweep_actions.confirm(run, *numbers)
            sweep_state.sweep.done = f"The best {counted(numbers[0], 'trial')} will be trained with fresh seeds."
        st.rerun()


def _toast() -> None:
    if sweep_state.sweep.done:
        st.toast(plain(sweep_state.sweep.done), icon=":material/check:")
        sweep_state.sweep.done = ""


def _draw_live(sweep_id: str, drawn: _Drawn) -> None:
    """Draw the part that changes; an error that ends it leaves the rest of the page."""
    with errors_shown():
        _draw_parts(sweep_id, drawn)


def _draw_parts(sweep_id: str, drawn: _Drawn) -> None:
    """Draw status, result, charts and trials, and redraw the whole page when the sweep changes its state."""
    snapshot = sweeps.follow(sweep_id)
    seen = snapshot.seen
    if seen is None:
        st.rerun()
    known = sweep_importances(seen)
    if _Drawn.of(snapshot, seen, known) != drawn:
        st.rerun()
    if sweep_state.sweep.pressed[0]:
        st.rerun()
    now = time.time()
    away = "" if snapshot.error is None else f":orange[:material/warning: {plain(snapshot.error)}]"
    draw_standing(seen, now, away)
    _draw_notices(seen)
    draw_tiles(tiles(seen, now))
    draw_truth(seen)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("## Course" if len(seen.sweep.settings.objective) == 1 else "## Pareto front")
        draw_course(seen)
    with right:
        st.markdown("## Importance")
        draw_importances(seen, known)
    st.markdown("## Settings")
    draw_trial_charts(seen)
    draw_trials(seen)


def _draw_notices(seen: Followed) -> None:
    """Say why the sweep ended, or what it waits for."""
    run, home = seen.run, loaders.context().home
    failure = run.tags.get(Tag.FAILURE)
    if run.deleted:
        st.warning("This sweep was deleted.", icon=":material/delete:")
    if failure and run.status is Status.FAILED:
        st.error(sentence(failure), icon=":material/error:")
    elif failure:
        st.info(sentence(failure), icon=":material/info:")
    if run.status.ended or is_paused(run):
        return
    wanted, own = run.tags.get(Tag.SWEEP_QUEUE, ""), queue_name(home)
    if wanted != own:
        words = f"This sweep belongs to the worker of another home, in the queue {plain(wanted)}."
        st.info(words, icon=":material/info:")
    elif not is_served(home):
        words = "No worker is running, so the sweep waits. Start one with `fitboard worker`, or everything with "
        st.warning(f"{words}`fitboard up`.", icon=":material/warning:")
