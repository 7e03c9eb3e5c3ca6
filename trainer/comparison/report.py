"""What a written report of a comparison takes, whoever writes it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from trainer.comparison.compare import Between
from trainer.config import UNTOLD, Directions
from trainer.tracking import Run, RunReader

__all__ = ["ReportRequest", "ReportWriter"]


class ReportRequest(NamedTuple):
    """The runs and metrics of a report; the first run's side is the baseline, `notes` are Markdown."""

    reader: RunReader
    runs: Sequence[Run]
    metrics: Sequence[str]
    directions: Directions = UNTOLD
    notes: str = ""
    between: Between | None = None
    """What compares two networks, where each side has one run."""


ReportWriter = Callable[[ReportRequest], str]
"""Returns a report as the text of an HTML file."""
