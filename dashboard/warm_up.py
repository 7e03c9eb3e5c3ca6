"""Opening the store before the first page needs it."""

from contextlib import suppress

from dashboard import loaders
from trainer.errors import FitboardError
from trainer.tracking import RunQuery

__all__ = ["warm_up"]


def warm_up() -> None:
    """Open the store for reading and compile the usual queries. Errors are left to the pages."""
    with suppress(FitboardError):
        found = loaders.run_page(RunQuery(limit=1)).runs
        loaders.columns()
        loaders.metric_curves(found, ["loss"])
