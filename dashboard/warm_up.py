"""Opening the store before the first page needs it."""

from contextlib import suppress
from importlib import import_module

from dashboard import loaders
from trainer.errors import FitboardError
from trainer.tracking import RunQuery

__all__ = ["warm_up"]


def warm_up() -> None:
    """Open the store for reading, compile the usual queries, and import what a comparison's statistics need.

    Errors are left to the pages.
    """
    with suppress(FitboardError):
        found = loaders.run_page(RunQuery(limit=1)).runs
        loaders.columns()
        loaders.metric_curves(found, ["loss"])
    # A second of imports, which the first comparison would wait for.
    import_module("scipy.special")
    import_module("statsmodels.stats.power")
