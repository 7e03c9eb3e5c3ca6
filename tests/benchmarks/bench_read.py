"""Reading 10,000 runs: this reader against `mlflow.search_runs` and MLflow's client, in one process.

python -m tests.benchmarks.bench_read [RUNS]
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.store import NAMES, seed_store
from trainer.tracking import RunQuery, Sort, open_reader, parse_filter

RUNS = 10_000
_REPEATS = 5


def seconds(work: Callable[[], Any], repeats: int = _REPEATS) -> float:
    """Return the median of several repeats, after one that does not count."""
    work()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def line(what: str, ours: float, theirs: float) -> str:
    """Return a row: both in milliseconds, and the ratio."""
    return f"{what:<61} {ours * 1000:8.1f} ms  {theirs * 1000:9.1f} ms   {ours / theirs:6.3f}\n"


def main(count: int) -> None:
    """Fill a store and measure the same queries with both."""
    import mlflow
    from mlflow import MlflowClient

    with tempfile.TemporaryDirectory() as folder:
        uri = f"sqlite:///{Path(folder, 'mlflow.db')}"
        seed_store(uri, count=count)
        mlflow.set_tracking_uri(uri)
        client = MlflowClient(uri)
        reader = open_reader(uri)
        query = RunQuery(sort=Sort(kind="metric", name="val_loss", descending=False))
        order = ["metrics.val_loss ASC"]
        ids = [run.run_id for run in reader.page(query).runs]

        def everything() -> Any:
            return mlflow.search_runs(experiment_ids=["0"], max_results=50_000, order_by=order)

        def their_page() -> Any:
            return client.search_runs(["0"], order_by=order, max_results=50)

        def their_sparklines() -> Any:
            return [client.get_metric_history(run_id, "val_loss") for run_id in ids]

        # MLflow's calls are timed once, since reading all runs takes it many seconds.
        write = sys.stdout.write
        write(f"{count + len(NAMES) + 1:,} runs{'':<51} {'Fitboard':>11}  {'MLflow':>12}    ratio\n")
        ours = seconds(lambda: reader.page(query))
        write(line("50 by a metric, and the total; all by mlflow.search_runs", ours, seconds(everything, 1)))
        write(line("50 by a metric, and the total; 50 by the client", ours, seconds(their_page, 1)))
        write(
            line("sparklines of 50", seconds(lambda: reader.histories(ids, ["val_loss"])), seconds(their_sparklines, 1))
        )
        wanted = "metrics.val_loss < 0.4 and params.optimizer = 'Adam'"
        filtered = RunQuery(filters=parse_filter(wanted), sort=query.sort)
        write(
            line(
                "50 by a filter and a metric, and the total; 50 by the client",
                seconds(lambda: reader.page(filtered)),
                seconds(lambda: client.search_runs(["0"], wanted, order_by=order, max_results=50), 1),
            )
        )
        text = RunQuery(text="trial-77 relu")
        write(f"{'search by two words':<61} {seconds(lambda: reader.page(text)) * 1000:8.1f} ms\n")
        write(f"{'names of all columns':<61} {seconds(reader.columns) * 1000:8.1f} ms\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
