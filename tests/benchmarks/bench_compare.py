"""Compare of many runs and a run of many steps in Chromium, in turn with TensorBoard and MLflow's UI.

python -m tests.benchmarks.bench_compare [ROUNDS] [FEWER] [MORE] [STEPS] [LONG]

Two metrics of FEWER and of MORE runs with STEPS steps, until every curve is drawn, and a run with four metrics of LONG
steps. Cold means a new browser context; warm, the same page again in that context, so that its files are cached.
TensorBoard takes part where it is installed (`.[bench]`). MLflow's page draws both metrics in one chart; it requests
every curve of every run, which takes minutes for MORE runs, so that it takes part with FEWER only.
"""

import json
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.browsing import CHARTS, IDLE, Bench, Contestant, opened_bench, row
from tests.support.bulk_store import bulk_runs, fill_store
from tests.support.server import MlflowServer
from tests.support.tensorboard import has_tensorboard, running_tensorboard, write_events
from trainer.home import Home
from trainer.tracking.read.open_reader import open_reader

ROUNDS, FEWER, MORE, STEPS, LONG = 3, 100, 500, 1_000, 100_000
_METRICS = ("loss", "accuracy")
_LONG_METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
_TARGETS = {
    FEWER: ("(target 2500 ms, 0.40 of TensorBoard's)", "(target 1500 ms)"),
    MORE: ("(target 4000 ms, 0.30 of TensorBoard's)", ""),
}


def main(rounds: int, fewer: int, more: int, steps: int, long: int) -> None:
    """Fill two stores and measure their pages."""
    with tempfile.TemporaryDirectory() as folder:
        home = _filled(Path(folder), more + more // 50 + 2, steps, _METRICS)
        for count in (fewer, more):
            compare(home, count, rounds, against_mlflow=count == fewer)
    with tempfile.TemporaryDirectory() as folder:
        run(_filled(Path(folder), 1, long, _LONG_METRICS), rounds, long)


def _filled(folder: Path, count: int, steps: int, metrics: Sequence[str]) -> Home:
    home = Home(folder).make()
    file = Path(home.tracking_uri(environment={}).removeprefix("sqlite:///"))
    fill_store(file, count, epochs=steps, metrics=metrics)
    return home


def compare(home: Home, count: int, rounds: int, *, against_mlflow: bool) -> None:
    """Measure the comparison of so many runs."""
    name, runs = f"compare of {count}", bulk_runs(count)
    drawn = f"[...document.querySelectorAll('.fitboard-chart')].filter(c => {_traces('c')} >= {count}).length"
    ready = {name: f"{drawn} >= {len(_METRICS)} && {IDLE}"}
    uri, artifacts = home.tracking_uri(environment={}), home.path / "artifacts"
    with ExitStack() as opened:
        others = []
        if has_tensorboard():
            others.append(opened.enter_context(_tensorboard(uri, home.path / f"events-{count}", name, runs)))
        if against_mlflow:
            mlflow = opened.enter_context(MlflowServer(uri, artifacts, home.path / "mlflow.log"))
            others.append(_mlflow(mlflow.uri, name, runs))
        path = f"compare?runs={','.join(runs)}{''.join(f'&metric={each}' for each in _METRICS)}"
        bench = replace(opened.enter_context(opened_bench(home.path, {name: path}, ready)), others=others)
        cold, warm = _TARGETS.get(count, ("", ""))
        bench.first(name)
        bench.traffic(name)
        bench.in_turn(name, rounds, cold)
        _warm(bench, name, rounds, warm)


def _warm(bench: Bench, name: str, rounds: int, target: str) -> None:
    """Measure a page again in the browser contexts of each tool, in turn."""
    with ExitStack() as opened:
        tools = [bench.ours, *bench.others]
        opened_pages = [opened.enter_context(bench.page()) for _ in tools]
        samples = []
        for turn in range(rounds + 1):
            taken = []
            for tool, page in zip(tools, opened_pages, strict=True):
                page.goto("about:blank")
                taken.append(bench.load(page, name, tool))
            samples += [taken] if turn else []
        ours, *theirs = zip(*samples, strict=True)
        row(f"/{name}, warm", ours, dict(zip([tool.name for tool in bench.others], theirs, strict=True)), target)


def run(home: Home, rounds: int, steps: int) -> None:
    """Measure the page of a run with many steps."""
    name = f"run of {steps:,} steps"
    ready = {name: f"{CHARTS} >= {len(_LONG_METRICS) // 2} && {IDLE}"}
    with opened_bench(home.path, {name: f"run?id={bulk_runs(1)[0]}"}, ready) as bench:
        bench.first(name)
        bench.traffic(name)
        bench.in_turn(name, rounds, "(target 2000 ms, 1 MB over the websocket)")


def _mlflow(address: str, name: str, runs: Sequence[str]) -> Contestant:
    words = {"runs": list(runs), "metric": _METRICS[0], "experiments": ["0"], "plot_metric_keys": list(_METRICS)}
    asked = "&".join(f"{key}={urllib.parse.quote(json.dumps(value))}" for key, value in words.items())
    ready = f"{_traces('document')} >= {len(_METRICS) * len(runs)}"
    return Contestant("MLflow UI", {name: f"{address}/#/metric?{asked}"}, {name: ready})


@contextmanager
def _tensorboard(uri: str, folder: Path, name: str, runs: Sequence[str]) -> Iterator[Contestant]:
    reader = open_reader(uri)
    write_events(reader, reader.get(runs), folder)
    rows = "document.querySelectorAll('scalar-card tb-data-table-content-row').length"
    with running_tensorboard(folder, folder.with_suffix(".log")) as address:
        ready = f"{rows} >= {len(_METRICS) * len(runs)}"
        yield Contestant("TensorBoard", {name: f"{address}/#timeseries"}, {name: ready})


def _traces(where: str) -> str:
    return f"{where}.querySelectorAll('.main-svg .scatterlayer .trace').length"


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(ROUNDS, FEWER, MORE, STEPS, LONG)[len(given) :])
