"""The reason why a run failed, with a likely fix and the end of the log."""

import streamlit as st

from dashboard import loaders
from dashboard.components.markdown import plain
from dashboard.presses import press
from trainer.config import Remedy, remedy
from trainer.tracking import Run, Status, Tag

__all__ = ["draw_failure", "end_of_log", "fix_of"]

_LOG_LINES = 12
_NO_REASON = "The run failed, but no reason was recorded; check its log."


def draw_failure(run: Run, log: str | None) -> None:
    """Draw the error of a failed run, a button that opens Build with a fix, and the end of the log behind a click."""
    if run.status is not Status.FAILED:
        return
    sentence = _reason(run)
    st.error(plain(sentence), icon=":material/error:")
    fix = fix_of(run)
    if fix is not None:
        st.button(
            fix.label,
            icon=":material/build:",
            key="run.fix",
            type="primary",
            help="Opens Build with this run's config and this change; nothing is trained yet.",
            on_click=press,
            args=(run.run_id, "fix"),
        )
    said = end_of_log(log or "", sentence)
    if said:
        with st.expander("End of the log", icon=":material/article:"):
            st.code(said, language=None, wrap_lines=True)


def fix_of(run: Run) -> Remedy | None:
    """Return the change of the config that probably avoids the failure, if one is known."""
    config = loaders.config(run) if run.by_fitboard and run.status is Status.FAILED else None
    return None if config is None else remedy(_reason(run), config, kind=run.tags.get(Tag.FAILURE_KIND))


def _reason(run: Run) -> str:
    return run.tags.get(Tag.FAILURE) or _NO_REASON


def end_of_log(log: str, sentence: str) -> str:
    """Return the last lines of a log without those that repeat the sentence; empty if at most one line is left."""
    lines = [line for line in log.rstrip().splitlines() if line.strip() and line.strip() not in sentence]
    return "\n".join(lines[-_LOG_LINES:]) if len(lines) > 1 else ""
