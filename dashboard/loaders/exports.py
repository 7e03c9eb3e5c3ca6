"""Files of runs for download. Not cached: a model may be large and is rarely downloaded twice."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from dashboard.loaders.context import context, reader, store
from dashboard.loaders.runs import config
from trainer.config import Config
from trainer.errors import ConfigError
from trainer.reproduce.export import export_bundle, export_keras, export_script
from trainer.tracking import Run, RunQuery
from trainer.tracking.run_table import csv_file, matching, parquet_file, table_of

__all__ = ["bundle_file", "keras_file", "runs_file", "script_text"]


def script_text(run: Run) -> str:
    """Return the run as a plain Keras script.

    Raises:
        ConfigError: the config, or the file of data that it names, cannot be read.
    """
    return export_script(reader(), run, _config(run), home=context().home)


def keras_file(run: Run) -> bytes:
    """Return the content of the run's `.keras` file.

    Raises:
        StoreError: the run has no trained network.
    """
    with tempfile.TemporaryDirectory(prefix="fitboard-") as folder:
        return export_keras(store(), run, Path(folder, "model.keras")).read_bytes()


def bundle_file(run: Run) -> bytes:
    """Return the content of a bundle of the run, without its data.

    Raises:
        ConfigError: the run is not finished, or its config cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="fitboard-") as folder:
        target = Path(folder, "bundle.zip")
        return export_bundle(store(), run, _config(run), target, home=context().home).read_bytes()


def runs_file(which: Sequence[str] | RunQuery, kind: Literal["csv", "parquet"]) -> bytes:
    """Return a table of the runs with these ids, or of all runs of a query, as CSV or Parquet."""
    runs = matching(reader(), which) if isinstance(which, RunQuery) else reader().get(which)
    table = table_of(runs)
    return csv_file(table) if kind == "csv" else parquet_file(table)


def _config(run: Run) -> Config:
    found = config(run)
    if found is None:
        raise ConfigError(f"The config of {run.short_title} cannot be read.")
    return found
