"""Pages that run without a browser.

The `draw_` functions are scripts of pages. Each imports what it uses, since Streamlit takes only its source text.
"""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

__all__ = [
    "draw_build",
    "draw_compare",
    "draw_data",
    "draw_run",
    "draw_runs",
    "draw_sweep",
    "draw_sweeps",
    "opened",
    "page_of",
]

# Ends a page that hangs. Speed is measured by the benchmarks, since a busy machine may be slow with any page.
_HANGS_AFTER_SECONDS = 300


def draw_build() -> None:
    """Draw Build."""
    from dashboard.views import build

    build.render()


def draw_run() -> None:
    """Draw Run."""
    from dashboard.views import run

    run.render()


def draw_data() -> None:
    """Draw Data."""
    from dashboard.views import data

    data.render()


def draw_runs() -> None:
    """Draw Runs."""
    from dashboard.views import runs

    runs.render()


def draw_compare() -> None:
    """Draw Compare."""
    from dashboard.views import compare

    compare.render()


def draw_sweeps() -> None:
    """Draw Sweeps."""
    from dashboard.views import sweeps

    sweeps.render()


def draw_sweep() -> None:
    """Draw Sweep."""
    from dashboard.views import sweep

    sweep.render()


def page_of(draw: Callable[[], None]) -> AppTest:
    """Return a page that has not run yet.

    Args:
        draw: the page's script. It must import what it uses, since only its source text is used.
    """
    return AppTest.from_function(draw, default_timeout=_HANGS_AFTER_SECONDS)


def opened(draw: Callable[[], None], **query: str) -> AppTest:
    """Return a page that has run once with these query parameters."""
    app = page_of(draw)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()
