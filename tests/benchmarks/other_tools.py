"""The pages of MLflow's UI and of TensorBoard that show the same runs as ours."""

import json
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.browsing import Contestant
from tests.support.tensorboard import running_tensorboard, write_events
from trainer.tracking.read.open_reader import open_reader

__all__ = ["RUNS_LISTED", "mlflow_ui", "tensorboard"]

RUNS_LISTED = "document.querySelectorAll('[role=row], tbody tr').length > 20"
"""The condition, in JavaScript, that MLflow's table of runs is drawn."""

_MLFLOW = {
    "run": "document.querySelectorAll('.main-svg .trace').length >= 2",
    "compare": "document.querySelectorAll('.main-svg .trace, .main-svg .parcoords, canvas').length >= 1",
    "runs": RUNS_LISTED,
}
# In sight are two charts.
_CARDS = 2


def mlflow_ui(address: str, one: str, several: Sequence[str]) -> Contestant:
    """Return MLflow's pages of a run, of several runs, and of all runs.

    Args:
        address: the URL of the server.
        one: the id of a run.
        several: the ids of the compared runs.
    """
    runs, experiments = (urllib.parse.quote(json.dumps(each)) for each in (list(several), ["0"]))
    paths = {
        "run": f"#/experiments/0/runs/{one}/model-metrics",
        "compare": f"#/compare-runs?runs={runs}&experiments={experiments}",
        "runs": "#/experiments/0/runs",
    }
    return Contestant("MLflow UI", {name: f"{address}/{path}" for name, path in paths.items()}, _MLFLOW)


@contextmanager
def tensorboard(uri: str, folder: Path, one: str, several: Sequence[str]) -> Iterator[Contestant]:
    """Serve the same runs by TensorBoard, and yield its pages of one and of several of them."""
    reader, events = open_reader(uri), folder / "events"
    write_events(reader, reader.get([one, *several]), events)
    with running_tensorboard(events, folder / "tensorboard.log") as address:
        filters = {"run": one, "compare": "|".join(several)}
        pages = {name: f"{address}/?runFilter={urllib.parse.quote(each)}#timeseries" for name, each in filters.items()}
        # Lines are drawn on a canvas by a thread of its own; the rows below each chart come with them.
        ready = {
            name: f"document.querySelectorAll('scalar-card tb-data-table-content-row').length >= {_CARDS * runs}"
            for name, runs in (("run", 1), ("compare", len(several)))
        }
        yield Contestant("TensorBoard", pages, ready)
