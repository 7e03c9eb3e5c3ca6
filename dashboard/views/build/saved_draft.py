"""Restoring the draft after a reload, and saving it after each change."""

import streamlit as st

from dashboard import loaders, state
from dashboard.browser_id import COOKIE, is_browser_id
from dashboard.components.markdown import plain
from dashboard.draft import Saved
from dashboard.loaders.drafts import load_draft, save_draft
from trainer.errors import ResourceError

__all__ = ["draft_notice", "keep_draft", "restore_draft"]

_PLACE = "saved_draft"


def restore_draft() -> None:
    """Restore the draft of this browser, once per session."""
    browser = _browser()
    if browser is not None and not state.has_draft():
        try:
            saved = load_draft(loaders.context().home, browser)
        except ValueError:
            saved = None
            state.set_notice(_PLACE, "The draft from your last visit is damaged and could not be restored.")
        if saved is not None:
            state.restore_draft(saved)


def keep_draft() -> None:
    """Save the draft if it has changed since it was last saved, whatever page is shown."""
    browser = _browser()
    if browser is None or not state.has_unsaved_draft():
        return
    try:
        save_draft(loaders.context().home, browser, Saved(state.drafts(), state.build.filled_from))
    except ResourceError as error:
        state.set_notice(_PLACE, f"The draft could not be saved, so a reload would lose it: {error}")
    else:
        state.set_notice(_PLACE, None)
    # Also if it failed: it is tried again with the next change, not at every script run.
    state.mark_draft_saved()


def draft_notice() -> None:
    """Warn if the draft of the last visit could not be read or this one cannot be saved."""
    notice = state.notice(_PLACE)
    if notice:
        st.warning(plain(notice), icon=":material/save:")


def _browser() -> str | None:
    found = st.context.cookies.get(COOKIE, "")
    return found if is_browser_id(found) else None
