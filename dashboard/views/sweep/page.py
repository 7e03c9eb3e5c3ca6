"""The page of one sweep: its progress, result, charts and trials, updated live."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from dashboard import loaders, presses, state, sweep_actions, sweep_state
from dashboard.components.empty import empty
from dashboard.components.errors import errors_shown
from dashboard.components.markdown import plain, sentence
from dashboard.components.sought import Sought, draw_away, draw_unknown, found_id
from dashboard.components.sweep_status import is_paused
from dashboard.loaders import sweeps
from dashboard.loaders.sweep_importances import SweepImportances, sweep_importances
from dashboard.navigation import BUILD, COMPARE, RUN, SWEEPS, go, link, title
from dashboard.views.sweep.buttons import sweep_buttons
from dashboard.views.sweep.charts import draw_course, draw_importances, draw_trial_charts
from dashboard.views.sweep.header import draw_standing, draw_tiles, tiles
from dashboard.views.sweep.narrow import draw_narrowing
from dashboard.views.sweep.trials import draw_trials, runs_of_trials
from dashboard.views.sweep.truth import draw_truth
from trainer.errors import ConfigError
from trainer.execution import is_served, queue_name
from trainer.format import counted, cut
from trainer.sweeps import TrialState
from trainer.sweeps.following import Followed
from trainer.tracking import Status, Tag

__all__ = ["render"]

_LIVE_SECONDS, _AWAY_SECONDS = 1.0, 2.0
_LONGEST_NAME = 160
_SOUGHT = Sought(
    noun="sweep",
    page=sweep_state.sweep,
    find=sweeps.find_sweep,
    listed=SWEEPS,
    first="Turn on **Sweep** on Build, or run `fitboard sweep FILE`; the sweep appears here.",
)
_ACTIONS: Mapping[str, Callable[..., None]] = {
    "pause": sweep_actions.pause,
    "go_on": sweep_actions.go_on,
    "stop": sweep_actions.stop,
    "add": sweep_actions.add,
    "confirm": sweep_actions.confirm,
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
    sweep_id = found_id(_SOUGHT, _draw_unusable)
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
            draw_unknown(_SOUGHT, "This sweep is no longer in the store.")
        else:
            draw_away(_SOUGHT, snapshot.error)
        return
    _do_pressed(seen)
    _toast()
    title(seen.run.title, "Sweep")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", width="content", key="run-title"):
            st.title(plain(cut(seen.run.title, _LONGEST_NAME)), anchor=False, width="content")
        with errors_shown():
            sweep_buttons(seen)
    drawn = _Drawn.of(snapshot, seen, sweep_importances(seen))
    st.fragment(_draw_live, run_every=drawn.every)(sweep_id, drawn)
    with st.expander("Sweep file", icon=":material/description:"):
        st.code(seen.sweep.dump(), language="yaml", wrap_lines=True)
    draw_narrowing(seen)


def _draw_unusable(word: str, words: str) -> None:
    empty(f"# Not a sweep\n{sentence(words)}", page=SWEEPS, label="All sweeps", icon=SWEEPS.icon)
    link(RUN, label="Open it as a run", icon=RUN.icon, query_params={"id": word})


def _do_pressed(seen: Followed) -> None:
    """Do what was pressed since the page was drawn and draw it again; an error is drawn above it instead."""
    run = seen.run
    for press in presses.pressed(run.run_id):
        with errors_shown():
            with presses.taken(press):
                if press.action in _ACTIONS:
                    _ACTIONS[press.action](run, *press.numbers)
                    sweep_state.sweep.done = _done_words(seen, press)
                if press.action == "narrow":
                    sweep_state.sweep.narrowing = run.run_id
            if press.action != "narrow":
                _leave(seen, press)
                st.rerun()


def _done_words(seen: Followed, press: presses.Press) -> str:
    if press.action == "add":
        return f"Added {counted(press.numbers[0], 'trial')}."
    if press.action == "confirm":
        most = min(press.numbers[0], seen.wanted)
        return f"The best {counted(most, 'trial') if most > 1 else 'trial'} will be trained with fresh seeds."
    return ""


def _leave(seen: Followed, press: presses.Press) -> None:
    """Go to the page that was asked for, if one was."""
    run_ids = runs_of_trials(seen, press.numbers)
    if press.action == "compare":
        go(COMPARE, runs=",".join(run_ids))
    source = {"change": [seen.run.run_id], "build": run_ids}.get(press.action)
    if source:
        # Build fills its draft once per address; this lets it take the same run again.
        state.build.filled_from = ""
        go(BUILD, **{"from": source[0]})


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
    if presses.are_waiting(sweep_id):
        st.rerun()
    now = time.time()
    away = "" if snapshot.error is None else f":orange[:material/warning: {plain(snapshot.error)}]"
    # What comes and goes is in containers: the charts below keep their places among the parts, and are not drawn anew.
    with st.container():
        draw_standing(seen, now, away)
        _draw_notices(seen)
        draw_tiles(tiles(seen, now))
        draw_truth(seen)
    # A sweep that ended without a result has no course.
    if seen.live or not all(each.state in {TrialState.FAILED, TrialState.STOPPED} for each in seen.trials):
        _draw_course(seen, known)
    st.markdown("## Settings")
    with st.container():
        draw_trial_charts(seen)
    draw_trials(seen)


def _draw_course(seen: Followed, known: SweepImportances) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("## Course" if len(seen.sweep.settings.objective) == 1 else "## Pareto front")
        draw_course(seen)
    with right:
        st.markdown("## Importance")
        draw_importances(seen, known)


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
