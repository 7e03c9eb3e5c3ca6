"""Train: queues the draft once, or shows why it cannot be trained."""

import time
from pathlib import Path

import streamlit as st

from dashboard import loaders, state
from dashboard.access import rights
from dashboard.access.people import Role
from dashboard.access.rights import name_of_person, permit
from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.markdown import plain, sentence
from dashboard.draft import Draft, Validation
from dashboard.loaders import checks, datasets, similar_runs
from dashboard.navigation import COMPARE, RUN, go, link
from dashboard.views.build.limits import chosen_limits
from dashboard.views.build.source_tabs import has_rejected_text
from trainer.config import Config, MetricName, Vary, ranked_metrics
from trainer.config.check import CheckReport, Severity
from trainer.errors import FitboardError
from trainer.execution import Limits, enqueue, has_standby, is_served, queue_name, wish_standby
from trainer.format import ago, number
from trainer.reproduce import refuse_unsplit, repeats
from trainer.tracking import Run, read_journal

__all__ = ["known_words", "queue_if_pressed", "reason_against", "same_run", "train"]

_PLACE = _BUTTON = "train"

_FIRST_EPOCH_SECONDS = 0.3
_LOOK_SECONDS = 0.02


def queue_if_pressed(draft: Draft, validation: Validation) -> None:
    """Queue the run and open its page if Train was pressed. Call it before drawing the page, which takes longer."""
    if not st.session_state.get(_BUTTON):
        state.build.ticket = None
        return
    limits, complaint = chosen_limits()
    if validation.config is not None and not complaint and not has_rejected_text():
        _queue(draft, validation.config, limits)


def train(validation: Validation, report: CheckReport | None) -> None:
    """Draw the button, why it is disabled, and why the last click queued nothing."""
    _, complaint = chosen_limits()
    limits = "Fix the limits first." if complaint else None
    reason = rights.reason_against(Role.RUN) or reason_against(validation, report) or limits
    st.button(
        "Train", type="primary", icon=":material/play_arrow:", disabled=reason is not None, width="stretch", key=_BUTTON
    )
    if reason:
        st.caption(reason)
    elif report is not None and validation.config is not None:
        wish_standby(loaders.context().home, validation.config)
    failure = state.notice(_PLACE)
    if failure:
        st.error(sentence(failure), icon=":material/cloud_off:")
    if not is_served(loaders.context().home):
        st.caption(":orange[:material/info:] No worker is running, so runs stay queued. Start one with `fitboard up`.")


def known_words(run: Run, now: float) -> str:
    """Return the result of a finished run with the same config, and when it ended."""
    name = next(iter(ranked_metrics(run.metrics)), None)
    result = f"{MetricName.of(name).label} {number(run.kept_metrics[name])}, " if name else ""
    return f"This config has already finished: {result}{ago(run.end_time, now)}"


def same_run(validation: Validation, report: CheckReport | None) -> None:
    """Show a finished run of the same config. It queries the store, so draw it last."""
    if validation.config is None or reason_against(validation, report):
        return
    found = similar_runs.already_run(validation.config)
    if found is not None:
        again = " Press Train to run it again." if rights.may(Role.RUN) else ""
        st.caption(plain(f"{known_words(found, time.time())}.{again}"))
        link(RUN, label="Open the run", icon=":material/history:", query_params={"id": found.run_id})


def reason_against(validation: Validation, report: CheckReport | None) -> str | None:
    """Return the reason why the draft cannot be trained, or None."""
    if has_rejected_text():
        return "Fix the YAML first, or discard the edit."
    if validation.config is None:
        return _fix_first(len(validation.validation_messages))
    errors = [problem for problem in (report.problems if report else ()) if problem.severity is Severity.ERROR]
    return _fix_first(len(errors)) if errors else None


def _fix_first(errors: int) -> str:
    return "Fix the error first." if errors == 1 else f"Fix the {errors} errors first."


def _queue(draft: Draft, config: Config, limits: Limits) -> None:
    """Queue one run, or its repeats, and open the page that shows them.

    A second click interrupts the script run of the first at any Streamlit call and starts another. The ticket records
    which runs are already queued, so nothing may call Streamlit between queueing a run and recording it.
    """
    ticket = state.build.ticket
    if ticket is None or ticket.draft != draft:
        ticket = state.Ticket(draft)
        state.build.ticket = ticket
    state.set_notice(_PLACE, None)
    try:
        permit("train runs", Role.RUN)
        datasets.schema(config.dataset)  # at once, where Keras has yet to load
        checks.refuse_impossible(config)
        home = loaders.context().home
        store, queue, is_expected = loaders.store(), queue_name(home), has_standby(home)
        count = state.build.repeats
        vary = Vary(state.build.vary) if count > 1 else Vary.SEED
        if vary is Vary.SPLIT:
            refuse_unsplit(config.dataset, home=home)
        every, user = repeats(config, count, vary), name_of_person()
        for each in every[len(ticket.run_ids) :]:
            ticket.run_ids.append(
                enqueue(store, each, queue=queue, limits=limits, seeded=count > 1, vary=vary, user=user)
            )
    except FitboardError as error:
        state.set_notice(_PLACE, str(error))
        return
    if len(ticket.run_ids) > 1:
        go(COMPARE, runs=",".join(ticket.run_ids[:MOST_COMPARED]))
    else:
        if is_expected:
            _leave_processor(home.run(ticket.run_ids[0]))
        go(RUN, id=ticket.run_ids[0])


def _leave_processor(folder: Path) -> None:
    """Wait a moment for the first epoch of a run that starts at once.

    Until then its page would be drawn twice, and both the drawing and the browser would slow that epoch down.
    """
    until = time.monotonic() + _FIRST_EPOCH_SECONDS
    while time.monotonic() < until and next(read_journal(folder), None) is None:
        time.sleep(_LOOK_SECONDS)
