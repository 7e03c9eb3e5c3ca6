"""What the first page would otherwise wait for: the store opened and asked once."""

from contextlib import suppress

from dashboard import loaders
from trainer.errors import FitboardError
from trainer.tracking import RunQuery

__all__ = ["warm_up"]


def warm_up() -> None:
    """Opens the store for reading and compiles the usual queries; a store that cannot be read is left to the pages."""
    with suppress(FitboardError):
        found = loaders.run_page(RunQuery(limit=1)).runs
        loaders.columns()
        loaders.metric_curves(found, ["loss"])
