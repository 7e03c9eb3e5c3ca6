"""Pages that run without a browser."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

__all__ = ["page_of"]

# Ends a page that hangs. Speed is measured by the benchmarks, since a busy machine may be slow with any page.
_HANGS_AFTER_SECONDS = 300


def page_of(draw: Callable[[], None]) -> AppTest:
    """Return a page that has not run yet.

    Args:
        draw: the page's script. It must import what it uses, since only its source text is used.
    """
    return AppTest.from_function(draw, default_timeout=_HANGS_AFTER_SECONDS)
