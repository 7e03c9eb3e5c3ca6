"""Download buttons whose files are made when they are clicked; why that failed is said below them."""

from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.errors import show_error
from trainer.errors import FitboardError

__all__ = ["failed_downloads", "noting_failure", "prepared_download"]

_LOOK_SECONDS = 1


def prepared_download(label: str, make: Callable[[], bytes], *, key: str, **options: Any) -> None:
    """Draw a button that makes a file and downloads it; `failed_downloads` shows why it could not be made.

    Args:
        label: the words on the button.
        make: makes the file; it runs outside the script of the page.
        key: the key of the button.
        options: those of `st.download_button`.
    """
    st.download_button(
        label, noting_failure(make, state.failed_downloads(), key), key=key, on_click="ignore",
        # A browser may open a text type instead of saving it.
        mime="application/octet-stream", **options,
    )  # fmt: skip


def noting_failure(
    make: Callable[[], bytes], failed: MutableMapping[str, FitboardError], key: str
) -> Callable[[], bytes]:
    """Return a function that makes the file, and notes in `failed` why it could not.

    Streamlit (1.67) calls it in a thread that knows no session, and itself says only that there is no file.
    """

    def attempt() -> bytes:
        failed.pop(key, None)
        try:
            return make()
        except FitboardError as error:
            failed[key] = error
            raise

    return attempt


def failed_downloads(keys: Iterable[str]) -> None:
    """Show why files could not be made, as soon as that is known, for the buttons with these keys."""
    st.fragment(_show, run_every=_LOOK_SECONDS)(tuple(keys))


def _show(keys: tuple[str, ...]) -> None:
    failed = state.failed_downloads()
    found = [failed[key] for key in keys if key in failed]
    if found:
        # The style sheet hides Streamlit's own words while there are ours.
        with st.container(key=f"failed-downloads-{keys[0]}"):
            for error in found:
                show_error(error)
