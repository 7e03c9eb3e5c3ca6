"""Train: puts the draft into the queue, once, or says why it cannot be."""

import time

import streamlit as st

from dashboard import loaders, state
from dashboard.components.comparison import MOST_COMPARED
from dashboard.components.markdown import plain
from dashboard.draft import Draft, Validation
from dashboard.loaders import checks, datasets, similar_runs
from dashboard.navigation import COMPARE, RUN, go, link
from dashboard.views.build.limits import chosen_limits
from trainer.config import Config, MetricName, ranked_metrics
from trainer.config.check import CheckReport, Severity
from trainer.errors import FitboardError
from trainer.execution import Limits, enqueue, queue_name, worker_alive
from trainer.format import ago, number
from trainer.reproduce import repeats
from trainer.tracking import Run

__all__ = ["known_words", "reason_against", "same_run", "train"]

_PLACE = "train"


def train(draft: Draft, validation: Validation, report: CheckReport | None) -> None:
    """Draws the button; pressed, queues the run and goes to its page."""
    limits, complaint = chosen_limits()
    reason = reason_against(validation, report) or ("Mend the limits first." if complaint else None)
    pressed = st.button(
        "Train", type="primary", icon=":material/play_arrow:", disabled=reason is not None, width="stretch", key="train"
    )
    if reason:
        st.caption(reason)
    if pressed and validation.config is not None:
        _queue(draft, validation.config, limits)
    else:
        state.build.ticket = None
    failure = state.notice(_PLACE)
    if failure:
        st.error(plain(failure), icon=":material/cloud_off:")
    if not worker_alive(loaders.context().home):
        st.caption(
            ":orange[:material/info:] No worker runs here. A run waits in the queue until you start one: "
            "`fitboard up`, or `fitboard worker` alone."
        )


def known_words(run: Run, now: float) -> str:
    """Says of a finished run of the same config how good it was and when it ended."""
    name = next(iter(ranked_metrics(run.metrics)), None)
    result = f" {MetricName.of(name).label} {number(run.kept_metrics[name])}," if name else ""
    return f"You ran exactly this:{result} {ago(run.end_time, now)}"


def same_run(validation: Validation, report: CheckReport | None) -> None:
    """Says that this very config has been trained, and how good it was. Asks the store, so it belongs last."""
    if validation.config is None or reason_against(validation, report):
        return
    found = similar_runs.already_run(validation.config)
    if found is not None:
        st.caption(plain(f"{known_words(found, time.time())}. Train does it again."))
        link(RUN, label="Open that run", icon=":material/history:", query_params={"id": found.run_id})


def reason_against(validation: Validation, report: CheckReport | None) -> str | None:
    """Why the draft cannot be trained, or None."""
    if validation.config is None:
        many = len(validation.validation_messages)
        return "Mend the mistake first." if many == 1 else f"Mend the {many} mistakes first."
    errors = [problem for problem in (report.problems if report else ()) if problem.severity is Severity.ERROR]
    if errors:
        return "Mend the error first." if len(errors) == 1 else f"Mend the {len(errors)} errors first."
    return None


def _queue(draft: Draft, config: Config, limits: Limits) -> None:
    """Queues one run, or its repeats, and goes there.

    A second press ends the first one's script anywhere that Streamlit is called, and the script runs again: the ticket
    tells it which runs are there already. Between queueing and noting one nothing of Streamlit is called.
    """
    ticket = state.build.ticket
    if ticket is None or ticket.draft != draft:
        ticket = state.Ticket(draft)
        state.build.ticket = ticket
    state.set_notice(_PLACE, None)
    try:
        datasets.schema(config.dataset)  # at once, where Keras has yet to load
        checks.refuse_impossible(config)
        store, queue = loaders.store(), queue_name(loaders.context().home)
        every = repeats(config, state.build.repeats)
        for each in every[len(ticket.run_ids) :]:
            ticket.run_ids.append(enqueue(store, each, queue=queue, limits=limits, seeded=len(every) > 1))
    except FitboardError as error:
        state.set_notice(_PLACE, str(error))
        return
    if len(ticket.run_ids) > 1:
        go(COMPARE, runs=",".join(ticket.run_ids[:MOST_COMPARED]))
    else:
        go(RUN, id=ticket.run_ids[0])
