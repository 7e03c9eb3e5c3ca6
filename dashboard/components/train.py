"""Train: puts the draft into the queue, once, or says why it cannot be."""

import streamlit as st

from dashboard import loaders, state
from dashboard.components.text import plain
from dashboard.draft import Draft, Verdict
from dashboard.navigation import RUN, go
from trainer.config import Config
from trainer.config.check import CheckReport, Severity
from trainer.errors import FitboardError
from trainer.execution import enqueue, queue_name, worker_alive

__all__ = ["reason_against", "train"]

_PLACE = "train"


def train(draft: Draft, verdict: Verdict, report: CheckReport | None) -> None:
    """Draws the button; pressed, queues the run and goes to its page."""
    reason = reason_against(verdict, report)
    pressed = st.button(
        "Train", type="primary", icon=":material/play_arrow:", disabled=reason is not None, width="stretch", key="train"
    )
    if reason:
        st.caption(reason)
    if pressed and verdict.config is not None:
        _queue(draft, verdict.config)
    else:
        state.set_ticket(None)
    failure = state.notice(_PLACE)
    if failure:
        st.error(plain(failure), icon=":material/cloud_off:")
    if not worker_alive(loaders.context().home):
        st.caption(
            ":orange[:material/info:] No worker runs here. A run waits in the queue until you start one: "
            "`fitboard up`, or `fitboard worker` alone."
        )


def reason_against(verdict: Verdict, report: CheckReport | None) -> str | None:
    """Why the draft cannot be trained, or None."""
    if verdict.config is None:
        many = len(verdict.complaints)
        return "Mend the mistake first." if many == 1 else f"Mend the {many} mistakes first."
    errors = [problem for problem in (report.problems if report else ()) if problem.severity is Severity.ERROR]
    if errors:
        return "Mend the error first." if len(errors) == 1 else f"Mend the {len(errors)} errors first."
    return None


def _queue(draft: Draft, config: Config) -> None:
    """Queues one run and goes to it.

    A second press ends the first one's script anywhere that Streamlit is called, and the script runs again: the ticket
    tells it that the run is there already. Between queueing and noting it nothing of Streamlit is called.
    """
    ticket = state.ticket()
    if ticket is None or ticket.draft != draft:
        ticket = state.Ticket(draft)
        state.set_ticket(ticket)
    state.set_notice(_PLACE, None)
    try:
        store, queue = loaders.store(), queue_name(loaders.context().home)
        if ticket.run_id is None:
            ticket.run_id = enqueue(store, config, queue=queue)
    except FitboardError as error:
        state.set_notice(_PLACE, str(error))
        return
    go(RUN, id=ticket.run_id)
