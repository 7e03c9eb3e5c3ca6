"""Which datasets need neither a network nor a file."""

from trainer.data.points import POINTS
from trainer.data.tables import TABLES

__all__ = ["offline_names"]


def offline_names() -> tuple[str, ...]:
    """Return the datasets that ship or are drawn: they need neither a download nor a file of your own."""
    return (*TABLES, *POINTS)
