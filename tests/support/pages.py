"""Pages run without a browser."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

__all__ = ["page_of"]

# Ends a page that hangs. How quick a page is, the benchmarks say: a busy machine may take long over any of them.
_HANGS_AFTER_SECONDS = 300


def page_of(draw: Callable[[], None]) -> AppTest:
    """Return a page that has not run yet.

    Args:
        draw: the page's script; it imports what it needs, since only its source is taken.
    """
    return AppTest.from_function(draw, default_timeout=_HANGS_AFTER_SECONDS)
