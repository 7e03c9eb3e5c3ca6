"""Colours: one per run, the same on every page, and a quiet one for charts."""

import hashlib
from collections.abc import Iterable

from trainer.tracking import Run

__all__ = ["PALETTE", "QUIET", "color_of", "colors_of", "faded", "run_color"]


QUIET = "#8a8f98"
"""The colour of lines and words in the background, legible on white and on black."""

PALETTE = ("#1f6fc4", "#d55e00", "#009e73", "#cc79a7", "#dfa010", "#56b4e9", "#9054fc")
"""The colours of runs, after Okabe and Ito, https://jfly.uni-koeln.de/color/: distinguishable with every kind of colour
blindness (CIE76 distance of 15 or more), without their black and yellow, which vanish on a dark or a light page."""


def color_of(run: Run) -> str:
    """Return the colour of a run as `#rrggbb`: the one that a person gave to it, or else the automatic one."""
    return run.color or run_color(run.run_id)


def colors_of(runs: Iterable[Run]) -> dict[str, str]:
    """Return run id → colour."""
    return {run.run_id: color_of(run) for run in runs}


def run_color(run_id: str) -> str:
    """Return the automatic colour of a run as `#rrggbb`, a function of its id alone."""
    return PALETTE[int(hashlib.sha256(run_id.encode()).hexdigest()[:8], 16) % len(PALETTE)]


def faded(color: str, opacity: float) -> str:
    """Return `#rrggbb` as `rgba(…)` with an opacity of 0 to 1."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
