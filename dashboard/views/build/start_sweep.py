"""Start sweep: queues the sweep once, or shows why it cannot be started."""

import streamlit as st

from dashboard import loaders, state, sweep_actions
from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.markdown import sentence
from dashboard.draft import Draft, Validation
from dashboard.navigation import SWEEP, go
from dashboard.views.build.source_tabs import has_rejected_text
from dashboard.views.build.sweep_card import AGAIN
from trainer.config.search import SweepFile
from trainer.errors import FitboardError
from trainer.execution import is_served

__all__ = ["reason_against_sweep", "start_button", "start_if_pressed"]

_PLACE = _BUTTON = "start-sweep"


def start_if_pressed(draft: Draft, validation: Validation) -> None:
    """Queue the sweep and open its page if the button was pressed. Call it before drawing the page."""
    if not st.session_state.get(_BUTTON):
        state.build.sweep_ticket = None
        return
    if validation.sweep is not None and validation.sweep.sweep is not None and not has_rejected_text():
        _start(draft, validation.sweep.sweep)


def start_button(draft: Draft, validation: Validation) -> None:
    """Draw the button, why it is disabled, and why the last click started nothing."""
    reason = reason_against(Role.RUN) or reason_against_sweep(draft, validation)
    st.button(
        "Start sweep",
        type="primary",
        icon=":material/play_arrow:",
        disabled=reason is not None,
        width="stretch",
        key=_BUTTON,
    )
    if reason:
        st.caption(reason)
    failure = state.notice(_PLACE)
    if failure:
        st.error(sentence(failure), icon=":material/cloud_off:")
    if not is_served(loaders.context().home):
        st.caption(":orange[:material/info:] No worker is running, so the sweep waits. Start one with `fitboard up`.")


def reason_against_sweep(draft: Draft, validation: Validation) -> str | None:
    """Return the reason why the draft cannot be started as a sweep, or None."""
    if has_rejected_text():
        return "Fix the YAML first, or discard the edit."
    found = validation.sweep
    errors = len(validation.validation_messages) + (len(found.messages) if found else 0)
    if found is not None and not draft.search.domains:
        return "Nothing varies yet: press :material/tune: beside a field."
    if errors or found is None or found.sweep is None:
        return "Fix the error first." if errors < 2 else f"Fix the {errors} errors first."
    return None


def _start(draft: Draft, sweep: SweepFile) -> None:
    """Queue the sweep and open its page; the ticket keeps a second click from queueing it again."""
    ticket = state.build.sweep_ticket
    if ticket is None or ticket.draft != draft:
        ticket = state.Ticket(draft)
        state.build.sweep_ticket = ticket
    state.set_notice(_PLACE, None)
    try:
        if not ticket.run_ids:
            ticket.run_ids.append(sweep_actions.start(sweep, again=bool(state.typed(AGAIN))))
    except FitboardError as error:
        state.set_notice(_PLACE, str(error))
        return
    go(SWEEP, id=ticket.run_ids[0])
