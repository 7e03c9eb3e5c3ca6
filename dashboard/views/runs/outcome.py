"""What an action on runs came to, told as toasts when the page is drawn next."""

import streamlit as st

from dashboard import actions, state
from dashboard.components.markdown import plain
from trainer.format import counted

__all__ = ["show_outcome", "tell"]

_NOTICE = "runs"
_MOST_PROBLEMS = 3


def tell(outcome: actions.Outcome, done: str = "") -> None:
    """Leave the outcome of an action for the next script run, since this one is about to end.

    Args:
        outcome: what the action came to.
        done: what was done, with the runs that it succeeded for as `{}`, such as `Queued {}`; empty to say nothing.
    """
    number = len(outcome.done)
    words = [done.format(counted(number, "run")) + "."] if done and (number or "{}" not in done) else []
    state.set_notice(_NOTICE, "\n".join([*words, *outcome.problems[:_MOST_PROBLEMS]]))


def show_outcome() -> None:
    """Show the outcome of the last action once."""
    for words in (state.notice(_NOTICE) or "").splitlines():
        st.toast(plain(words))
    state.set_notice(_NOTICE, None)
