"""The page of one run: status, live curves, results and record."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal, NamedTuple

import streamlit as st

from dashboard import actions, loaders, presses, state
from dashboard.charts.colors import color_of
from dashboard.components.empty import empty
from dashboard.components.errors import errors_shown, show_error
from dashboard.components.expected import expected_curves, expected_results
from dashboard.components.markdown import plain, sentence
from dashboard.components.sought import Sought, draw_away, found_id
from dashboard.components.verdicts import draw_verdicts, latest_reruns, verdict_chips
from dashboard.loaders import similar_runs
from dashboard.navigation import BUILD, RUN, RUNS, SWEEP, go, title
from dashboard.views.run.ancestry import draw_ancestry
from dashboard.views.run.buttons import run_buttons
from dashboard.views.run.curves import draw_curves, drawn_metrics
from dashboard.views.run.data_change import draw_data_change
from dashboard.views.run.failure import draw_failure, fix_of
from dashboard.views.run.group import draw_folds, draw_group, folds_of, group_line
from dashboard.views.run.header import big_numbers, draw_numbers, draw_progress, draw_title
from dashboard.views.run.note import draw_note, note_dialog
from dashboard.views.run.notices import draw_notices, notices, trouble
from dashboard.views.run.parents import draw_parent, draw_sweep_link, parent_link
from dashboard.views.run.queue_place import queue_place
from dashboard.views.run.tabs import RunFiles, draw_tabs
from trainer.errors import StoreError
from trainer.execution import Move, Outlook, checkpoint_elsewhere, has_checkpoint, is_lost, is_served, queue_name
from trainer.sweeps.records import is_sweep
from trainer.tracking import Run, Status, Tag, read_backlog
from trainer.tracking.files import EVALUATION
from trainer.tracking.read.links import run_url

__all__ = ["render"]

_LIVE_SECONDS = 0.5
_AWAY_SECONDS = 2.0
_SOUGHT = Sought(
    noun="run",
    page=state.run,
    find=lambda word: loaders.find(word),
    listed=RUNS,
    first="Train a network and its run appears here.",
)


class _Drawn(NamedTuple):
    """The state that the whole page was drawn for: the status, whether the store is away, whether the group is live."""

    status: Status
    away: bool
    group_is_live: bool

    @property
    def every(self) -> float | None:
        """The seconds between updates of the live part; None if nothing can change."""
        if not self.away and not self.status.ended:
            return _LIVE_SECONDS
        return _AWAY_SECONDS if self.away or self.group_is_live else None


def render() -> None:
    """Draw the page of the run in the address."""
    run_id = found_id(_SOUGHT)
    if run_id is None:
        return
    snapshot = loaders.snapshot(run_id, drawn_metrics)
    run = snapshot.run
    if run is None:
        if snapshot.error is not None:
            draw_away(_SOUGHT, snapshot.error)
        return
    if is_sweep(run):
        _draw_sweep(run)
        return
    _do_pressed(run)
    title(run.title, "Run")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        draw_title(run, color_of(run))
        with errors_shown():
            _draw_buttons(run)
    chain = _ancestors(run)
    draw_sweep_link(run)
    draw_parent(parent_link(run, chain))
    draw_note(run)
    draw_data_change(run)
    state_drawn = _Drawn(run.status, snapshot.error is not None, bool(similar_runs.group_of(run).live))
    st.fragment(_draw_live, run_every=state_drawn.every)(run_id, state_drawn)
    # Without the store, the live part above still shows the last known state and the error.
    with suppress(StoreError):
        draw_ancestry(chain, loaders.config, loaders.logged_datasets(chain))
    draw_tabs(run, _files(run), key=state.RunKey.TAB)
    note_dialog(run)


def _draw_sweep(run: Run) -> None:
    """Say that the run has no training of its own, and link to where its trials are."""
    title(run.title, "Sweep")
    words = "This run is a sweep: it holds the trials, each of which is a run of its own."
    empty(f"# {plain(run.title)}\n{words}", page=SWEEP, label="Open the sweep", query={"id": run.run_id})


def _ancestors(run: Run) -> tuple[Run, ...]:
    with suppress(StoreError):
        return loaders.ancestors(run)
    return (run,)


def _draw_buttons(run: Run) -> None:
    here = loaders.context()
    address = run_url(here.mlflow_link, run) if here.mlflow_link and loaders.mlflow_answers() else None
    is_far = here.mlflow_ui is not None and here.mlflow_link is None
    run_buttons(run, goes_on=_goes_on(run), mlflow=address, ui=here.mlflow_ui, ui_is_far=is_far)


def _do_pressed(run: Run) -> None:
    """Do what was pressed since the page was drawn and draw it again; a problem is drawn above it instead."""
    for press in presses.pressed(run.run_id):
        with errors_shown():
            with presses.taken(press):
                outcome = _ACTIONS[press.action]([run]) if press.action in _ACTIONS else _NOTHING
                if press.action == "note":
                    state.run.noting = run.run_id
            # A toast outlives the page, which is drawn again as soon as a run has started that could not be moved.
            tell = st.toast if press.action in _MOVES else st.error
            for problem in outcome.problems:
                tell(sentence(problem))
            if not outcome.problems and press.action != "note":
                _leave(run, press, outcome)
                st.rerun()


def _leave(run: Run, press: presses.Press, outcome: actions.Outcome) -> None:
    """Go to the page that was asked for, if one was."""
    if press.action == "rerun" and outcome.done:
        go(RUN, id=outcome.done[0])
    if press.action in {"change", "tune"}:
        # Build fills its draft once per address; this lets it take the same run again.
        state.build.filled_from = ""
        go(BUILD, **{"from": run.run_id}, **({"weights": "run"} if press.action == "tune" else {}))
    fix = fix_of(run) if press.action == "fix" else None
    if fix is not None:
        state.begin_with(state.unnamed(fix.config))
        go(BUILD)


def _goes_on(run: Run) -> Literal["resume", "take_over"] | None:
    """Return whether the run can be resumed from a checkpoint that can be read here, or taken over since it is lost."""
    if not run.by_fitboard:
        return None
    home = loaders.context().home
    can_resume = has_checkpoint(home.run(run.run_id)) or checkpoint_elsewhere(run, home) is not None
    if run.status in {Status.KILLED, Status.FAILED} and can_resume:
        return "resume"
    return "take_over" if is_lost(run) and _is_nobodys(run) else None


def _is_nobodys(run: Run) -> bool:
    """Return whether no worker of this home will adopt the run by itself."""
    home = loaders.context().home
    return run.tags.get(Tag.QUEUE) != queue_name(home) or not is_served(home)


def _restore(runs: Sequence[Run]) -> actions.Outcome:
    return actions.restore([run.run_id for run in runs])


_MOVES = {str(where): where for where in Move}
_ACTIONS: Mapping[str, Callable[[Sequence[Run]], actions.Outcome]] = {
    "stop": actions.stop,
    "kill": actions.kill,
    "resume": actions.resume,
    "take_over": actions.take_over,
    "rerun": actions.rerun,
    "restore": _restore,
    **{name: partial(actions.move, where=where) for name, where in _MOVES.items()},
}
_NOTHING = actions.Outcome((), ())


def _draw_live(run_id: str, drawn: _Drawn) -> None:
    """Draw the part that changes, and redraw the whole page when the run ends or the store comes back."""
    snapshot = loaders.snapshot(run_id, drawn_metrics)
    run = snapshot.run
    if run is None:
        st.rerun()
    group = similar_runs.group_of(run)
    if _Drawn(run.status, snapshot.error is not None, bool(group.live)) != drawn or presses.are_waiting(run_id):
        st.rerun()
    now = time.time()
    home = loaders.context().home
    away = "" if snapshot.error is None else str(snapshot.error)
    if snapshot.error is not None and run.status.ended:
        show_error(snapshot.error)
    _draw_standing(run, now, trouble(run, error=away, behind=read_backlog(home.run(run.run_id)), now=now))
    draw_verdicts(verdict_chips(run, _reruns(run)))
    draw_failure(run, _log_of_failure(run))
    draw_notices(notices(run, queue=queue_name(home), worker=is_served(home)))
    config = None if run.status.ended else loaders.config(run)
    draw_numbers(big_numbers(run, now=now, expected=() if config is None else expected_results(config)))
    draw_group(group_line(group))
    draw_folds(run, folds_of(run, group, loaders.config))
    draw_curves(run, snapshot.history, () if config is None else expected_curves(config))


def _reruns(run: Run) -> tuple[Run, ...]:
    latest = latest_reruns(run)
    if latest:
        with suppress(StoreError):
            return loaders.runs_by_id(latest)
    return ()


def _log_of_failure(run: Run) -> str | None:
    if run.status is not Status.FAILED:
        return None
    with suppress(StoreError):
        return loaders.log_tail(run)
    return None


def _draw_standing(run: Run, now: float, hindered: str) -> None:
    """Draw the status and progress; for a queued run, its expected start and the buttons that move it."""
    outlook = _outlook(run)
    expected = outlook.expected.get(run.run_id) if outlook else None
    draw_progress(run, now=now, expected=expected, trouble=hindered)
    if outlook is None or expected is None or len(outlook.queued) == 1:
        return
    queue_place(run, expected, waiting=len(outlook.expected))


def _outlook(run: Run) -> Outlook | None:
    if run.status is not Status.SCHEDULED:
        return None
    try:
        return loaders.outlook(run.tags.get(Tag.QUEUE, ""))
    except StoreError:
        return None


def _files(run: Run) -> RunFiles:
    names: tuple[str, ...] = ()
    # The evaluation is logged at the end of a run.
    if run.status.ended:
        with suppress(StoreError):
            names = loaders.artifact_names(run, EVALUATION)
    return RunFiles(
        names=frozenset(names),
        listed=partial(loaders.artifact_names, run),
        read=partial(loaders.artifact, run),
        config=partial(loaders.config, run),
        log=partial(loaders.log_tail, run),
        now=partial(_as_it_is_now, run),
    )


def _as_it_is_now(run: Run) -> Run:
    with suppress(StoreError):
        return next(iter(loaders.runs_by_id([run.run_id])), run)
    return run
