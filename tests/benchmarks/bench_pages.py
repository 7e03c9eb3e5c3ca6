"""Seconds to a usable page in Chromium: Fitboard's pages against MLflow's and TensorBoard's of the same runs, in turn.

python -m tests.benchmarks.bench_pages [ROUNDS] [RUNS]

Cold means a new browser context, in which nothing is cached. The store holds RUNS finished runs and one of every state.
TensorBoard takes part where it is installed (`.[bench]`).
A busy machine affects the processor times of the dashboard and of the page's renderer less than the wall time.
"""

import re
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.benchmarks.browsing import CHARTS, IDLE, PATIENCE_MS, Bench, Sample, opened_bench, row, when
from tests.benchmarks.other_tools import mlflow_ui, tensorboard
from tests.support.server import MlflowServer
from tests.support.store import run_id_of, seed_store
from tests.support.tensorboard import has_tensorboard
from trainer.home import Home

ROUNDS, RUNS = 7, 1000
_ONE, _COMPARED = run_id_of("finished"), [run_id_of(f"trial {index}") for index in range(5)]
_BUTTON = "[...document.querySelectorAll('button')].some(b => b.innerText.trim().endsWith('Train') && !b.disabled)"
_OURS = {
    "run": f"{CHARTS} >= 2 && {IDLE}",
    "compare": f"{CHARTS} >= 2 && {IDLE}",
    "build": f"{_BUTTON} && {IDLE}",
    "runs": f"document.querySelectorAll('table tbody tr').length > 20 && {IDLE}",
}
_PATHS = {"run": f"run?id={_ONE}", "compare": f"compare?runs={','.join(_COMPARED)}", "build": "build", "runs": "runs"}


def edit(bench: Bench, page: Page, units: int) -> Sample:
    """Measure from the last key in a layer's `units` to the network's new number of parameters."""
    field = page.get_by_role("textbox", name=re.compile("units")).first
    field.fill(str(units))
    before = bench.processor(page)
    page.evaluate("() => { window.begun = performance.now(); }")
    field.press("Enter")
    ended = when(page, f"document.body.innerText.includes('{65 * units:,}')")
    return bench.sample(page, (ended - page.evaluate("window.begun")) / 1000, before)


def second_pages(bench: Bench, rounds: int) -> None:
    """Measure further pages in the same tab, opened by links."""
    samples: dict[str, list[Sample]] = {"runs": [], "run": [], "compare": []}
    for _ in range(rounds):
        with bench.page() as page:
            bench.load(page, "build")
            link = "[...document.querySelectorAll('a')].find((a) => a.pathname.endsWith('/runs'))"
            samples["runs"].append(bench.follow(page, link, _OURS["runs"]))
            link = f"document.querySelector('td a[href*=\"{run_id_of('finished')}\"]')"
            samples["run"].append(bench.follow(page, link, _OURS["run"]))
            runs = "[...document.querySelectorAll('a')].find((a) => a.pathname.endsWith('/runs'))"
            bench.follow(page, runs, f"!{CHARTS} && {_OURS['runs']}")  # a page without charts before one with charts
            # No page links to this comparison, so a link is added.
            there = bench.ours.pages["compare"]
            link = f"document.body.appendChild(Object.assign(document.createElement('a'), {{ href: '{there}' }}))"
            samples["compare"].append(bench.follow(page, link, _OURS["compare"]))
    for name, found in samples.items():
        row(f"/{name}, second page in the tab", found, {}, target="(target 600 ms)")


def edits(bench: Bench, rounds: int) -> None:
    """Measure edits of one field in Build."""
    with bench.page() as page:
        bench.load(page, "build")
        expect(page.get_by_text("Ready to train")).to_be_visible(timeout=PATIENCE_MS)
        edit(bench, page, 39)
        row(
            "/build, an edit",
            [edit(bench, page, 40 + step) for step in range(2 * rounds)],
            {},
            target="(target 250 ms)",
        )


def main(rounds: int, runs: int) -> None:
    """Fill a store, serve it with both, and measure every page."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        home = Home(Path(folder)).make()
        uri = home.tracking_uri(environment={})
        seed_store(uri, home.path / "artifacts", count=runs)
        mlflow = opened.enter_context(MlflowServer(uri, home.path / "artifacts", home.path / "mlflow.log"))
        others = [mlflow_ui(mlflow.uri, _ONE, _COMPARED)]
        if has_tensorboard():
            others.append(opened.enter_context(tensorboard(uri, home.path, _ONE, _COMPARED)))
        bench = replace(opened.enter_context(opened_bench(home.path, _PATHS, _OURS)), others=others)
        for name in _OURS:
            bench.first(name)
        for name in _OURS:
            bench.traffic(name)
        for name in _OURS:
            bench.in_turn(name, rounds, "(target 1500 ms, ratio 0.50)")
        second_pages(bench, rounds)
        edits(bench, rounds)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(ROUNDS, RUNS)[len(given) :])
