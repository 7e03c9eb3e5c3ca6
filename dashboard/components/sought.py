"""The run or sweep that the address of a page names: found, or waited for while it or the store is missing."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

import streamlit as st

from dashboard import state
from dashboard.components.empty import empty
from dashboard.components.errors import show_error
from dashboard.components.markdown import sentence
from dashboard.navigation import BUILD, Address
from trainer.errors import ConfigError, FitboardError, RunNotFoundError, StoreError
from trainer.tracking import Run

__all__ = ["Sought", "draw_away", "draw_unknown", "found_id"]

_AWAY_SECONDS = 2.0
_WHOLE_ID = 32


class _Named(Protocol):
    """The state of a page that is about one run."""

    id: str


class Sought(NamedTuple):
    """How a page finds what its address names, and how it calls it."""

    noun: str
    """What the page is about: `run`."""
    page: _Named
    """Where the word in the address is: an id, the beginning of one, or `latest`."""
    find: Callable[[str], Run]
    """Returns the run for that word; raises RunNotFoundError, StoreError, or ConfigError if the page is not for it."""
    listed: Address
    """The page with all of them."""
    first: str
    """How to get the first one."""


def found_id(sought: Sought, unusable: Callable[[str, str], None] | None = None) -> str | None:
    """Return the full id of what the address names and write it back; without one, draw why and return None.

    Args:
        sought: what the page is about.
        unusable: draws that the page is not for the run of the address, given that word and the error's.
    """
    word = sought.page.id
    try:
        run_id = sought.find(word).run_id
    except RunNotFoundError as error:
        draw_unknown(sought, str(error))
    except StoreError as error:
        # A full id needs no look-up: the page can show the last known state of the run.
        if len(word) == _WHOLE_ID:
            return word
        draw_away(sought, error)
    except ConfigError as error:
        if unusable is None:
            raise
        unusable(word, str(error))
    else:
        sought.page.id = run_id
        return run_id
    return None


def draw_unknown(sought: Sought, words: str) -> None:
    """Show that it was not found, and keep looking: a page may be opened before its run exists."""
    if sought.page.id == state.LATEST:
        empty(f"# No {sought.noun}s yet\n{sought.first}", page=BUILD, label="Build a network")
    else:
        heading = f"# {sought.noun.capitalize()} not found"
        empty(f"{heading}\n{sentence(words)}", page=sought.listed, label=f"All {sought.noun}s", icon=sought.listed.icon)
    st.fragment(_wait, run_every=_AWAY_SECONDS)(sought)


def _wait(sought: Sought) -> None:
    """Redraw the page once the run exists; if the store is away or the run cannot be used, the page says so."""
    st.caption(f"Waiting for the {sought.noun}; it opens here when it appears.")
    try:
        sought.find(sought.page.id)
    except RunNotFoundError:
        return
    except FitboardError:
        st.rerun()
    st.rerun()


def draw_away(sought: Sought, error: StoreError) -> None:
    """Show that the store cannot be read, and keep trying."""
    show_error(error)
    st.fragment(_come_back, run_every=_AWAY_SECONDS)(sought)


def _come_back(sought: Sought) -> None:
    """Redraw the page once the store can be read."""
    st.caption("Trying again every two seconds…")
    try:
        with suppress(ConfigError):
            sought.find(sought.page.id)
    except StoreError:
        return
    st.rerun()
