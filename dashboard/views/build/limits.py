"""The limits of runs that Train queues: time and memory. They change no result, so they are not part of the draft."""

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from trainer.errors import ConfigError
from trainer.execution import NO_LIMITS, Limits

__all__ = ["chosen_limits", "limits_field"]

_TIME = "Stops training after this time, then evaluates and saves the model. Examples: 90s, 30m, 1h30m."
_MEMORY = "Ends the run if its process uses more memory. Examples: 500MB, 4GB."
_FIELDS = (
    (state.TIME_LIMIT, "time limit", "30m", _TIME),
    (state.MEMORY_LIMIT, "memory limit", "4GB", _MEMORY),
)


def limits_field() -> None:
    """Draw a popover with the fields, the current limits beside it, and the error of an invalid one."""
    limits, complaint = chosen_limits()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover("Limits", icon=":material/timer:", type="tertiary", key="limits"):
            for key, name, example, words in _FIELDS:
                hint = f"none, e.g. {example}"
                st.text_input(name, key=key, placeholder=hint, help=words, persist_state="session")
            st.caption("A run that reaches a limit can be resumed. Reruns do not inherit limits.")
        st.caption(limits.words(), width="content")
    if complaint:
        st.markdown(f":red[:small[:material/error: {plain(complaint)}]]")


def chosen_limits() -> tuple[Limits, str]:
    """Return the typed limits and an empty string, or no limits and an error message."""
    try:
        return Limits.read(*state.typed_limits()), ""
    except ConfigError as error:
        return NO_LIMITS, str(error)
