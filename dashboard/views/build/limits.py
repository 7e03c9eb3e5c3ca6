"""The limits that Train gives to runs: wall time and memory. No part of the draft, since they change no bit."""

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from trainer.errors import ConfigError
from trainer.execution import NO_LIMITS, Limits

__all__ = ["chosen_limits", "limits_field"]

_FIELDS = (
    (state.TIME_LIMIT, "time limit", "30m", "After so long at work it stops, is evaluated and saved: 90s, 30m, 1h30m."),
    (state.MEMORY_LIMIT, "memory limit", "4GB", "Where its process takes more, it is ended at once: 500MB, 4GB."),
)


def limits_field() -> None:
    """Draws the fields, folded away, and what is set beside them."""
    limits, complaint = chosen_limits()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover("Limits", icon=":material/timer:", type="tertiary", key="limits"):
            for key, name, example, words in _FIELDS:
                hint = f"none, or such as {example}"
                st.text_input(name, key=key, placeholder=hint, help=words, persist_state="session")
            st.caption("A run that reached one can be resumed. Reruns have their own.")
        st.caption(limits.words(), width="content")
    if complaint:
        st.markdown(f":red[:small[:material/error: {plain(complaint)}]]")


def chosen_limits() -> tuple[Limits, str]:
    """The limits that are typed; none, and what is wrong, where they cannot be read."""
    try:
        return Limits.read(*state.typed_limits()), ""
    except ConfigError as error:
        return NO_LIMITS, str(error)
