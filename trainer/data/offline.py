"""The datasets that need neither a download nor a file."""

from trainer.data.points import POINTS
from trainer.data.tables import TABLES

__all__ = ["offline_names"]


def offline_names() -> tuple[str, ...]:
    """Return the names of the datasets that ship with scikit-learn or are generated."""
    return (*TABLES, *POINTS)
