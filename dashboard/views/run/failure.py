"""The reason why a run failed, with a likely fix and the end of the log."""

import streamlit as st

from dashboard import loaders, state
from dashboard.components.markdown import plain
from dashboard.navigation import BUILD, go
from trainer.config import Remedy, remedy
from trainer.tracking import Run, Status, Tag

__all__ = ["draw_failure", "end_of_log"]

_LOG_LINES = 12
_NO_REASON = "The run failed, but no reason was recorded; check its log."


def draw_failure(run: Run, log: str | None) -> None:
    """Draw the error of a failed run, a button that opens Build with a fix, and the end of the log behind a click."""
    if run.status is not Status.FAILED:
        return
    sentence = run.tags.get(Tag.FAILURE) or _NO_REASON
    st.error(plain(sentence), icon=":material/error:")
    config = loaders.config(run) if run.by_fitboard else None
    fix = None if config is None else remedy(sentence, config, kind=run.tags.get(Tag.FAILURE_KIND))
    if fix is not None and st.button(
        fix.label,
        icon=":material/build:",
        key="run.fix",
        type="primary",
        help="Opens Build with this run's config and this change; nothing is trained yet.",
    ):
        _apply(fix)
    said = end_of_log(log or "", sentence)
    if said:
        with st.expander("End of the log", icon=":material/article:"):
            st.code(said, language=None, wrap_lines=True)


def _apply(fix: Remedy) -> None:
    state.begin_with(state.unnamed(fix.config))
    go(BUILD)


def end_of_log(log: str, sentence: str) -> str:
    """Return the last lines of a log without those that repeat the sentence; empty if at most one line is left."""
    lines = [line for line in log.rstrip().splitlines() if line.strip() and line.strip() not in sentence]
    return "\n".join(lines[-_LOG_LINES:]) if len(lines) > 1 else ""
