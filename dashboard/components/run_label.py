"""How a run is called on every page, and when it was."""

from dashboard.components.format import ago, clock_near
from trainer.tracking import Run

__all__ = ["run_title", "when"]


def run_title(run: Run) -> str:
    """A run's name, or the beginning of its id where it has none; on one line."""
    return run.title


def when(milliseconds: int | None, now: float) -> str:
    """A time relative to `now` (seconds since 1970) and by the clock: `5 min ago · 14:05`."""
    if milliseconds is None:
        return "–"
    return f"{ago(milliseconds, now)} · {clock_near(milliseconds / 1000, now)}"
