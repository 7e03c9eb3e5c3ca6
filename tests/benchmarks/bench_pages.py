"""Seconds to a usable page in Chromium: Fitboard's pages against MLflow's and TensorBoard's of the same runs, in turn.

python -m tests.benchmarks.bench_pages [ROUNDS] [RUNS]

Cold means a new browser context, in which nothing is cached. The store holds RUNS finished runs and one of every state.
TensorBoard takes part where it is installed (`.[bench]`).
A busy machine affects the processor times of the dashboard and of the page's renderer less than the wall time.
"""

import json
import re
import shutil
import statistics
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.dashboard_server import running_dashboard
from tests.support.server import MlflowServer
from tests.support.store import run_id_of, seed_store
from tests.support.tensorboard import has_tensorboard, running_tensorboard, write_events
from trainer.home import Home
from trainer.tracking.read.open_reader import open_reader

ROUNDS, RUNS = 7, 1000
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
_COMPARED = [f"trial {index}" for index in range(5)]
_PATIENCE_MS = 120_000

_IDLE = """document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"""
_CHARTS = "[...document.querySelectorAll('.fitboard-chart')].filter(c => c.querySelector('.main-svg .trace')).length"
_BUTTON = "[...document.querySelectorAll('button')].some(b => b.innerText.trim().endsWith('Train') && !b.disabled)"
_OURS = {
    "run": f"{_CHARTS} >= 2 && {_IDLE}",
    "compare": f"{_CHARTS} >= 2 && {_IDLE}",
    "build": f"{_BUTTON} && {_IDLE}",
    "runs": f"document.querySelectorAll('table tbody tr').length > 20 && {_IDLE}",
}
_MLFLOW = {
    "run": "document.querySelectorAll('.main-svg .trace').length >= 2",
    "compare": "document.querySelectorAll('.main-svg .trace, .main-svg .parcoords, canvas').length >= 1",
    "runs": "document.querySelectorAll('[role=row], tbody tr').length > 20",
}
# Lines are drawn on a canvas by a thread of its own; the rows below each of the two charts in sight come with them.
_TENSORBOARD = {
    name: f"document.querySelectorAll('scalar-card tb-data-table-content-row').length >= {2 * runs}"
    for name, runs in (("run", 1), ("compare", len(_COMPARED)))
}


class Contestant(NamedTuple):
    """Another tool: by the names of our pages, the URLs of its pages of the same runs and when they are usable."""

    name: str
    pages: Mapping[str, str]
    ready: Mapping[str, str]


class Sample(NamedTuple):
    """One page view: seconds until the page is usable, and processor seconds of the server and of the renderer."""

    seconds: float
    server: float
    renderer: float


@dataclass(frozen=True)
class Bench:
    """A browser, the dashboard with the URLs of its pages, and what it is compared with."""

    browser: Browser
    dashboard: str
    server: psutil.Process
    ours: Mapping[str, str]
    others: Sequence[Contestant]

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Yield a page in a context of its own, in which nothing is cached."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 1000})
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        yield page
        context.close()

    def processor(self, page: Page) -> tuple[float, float]:
        """Return the processor seconds of the dashboard and of the page's renderer so far."""
        times = self.server.cpu_times()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        session.detach()
        return float(times.user + times.system), float(found["ProcessTime"])

    def sample(self, page: Page, seconds: float, before: tuple[float, float]) -> Sample:
        """Return the sample of a page view that began with the processor times `before`."""
        server, renderer = self.processor(page)
        return Sample(seconds, server - before[0], renderer - before[1])

    def cold(self, address: str, ready: str) -> Sample:
        """Measure a page in a new context."""
        with self.page() as page:
            return self.load(page, address, ready)

    def load(self, page: Page, address: str, ready: str) -> Sample:
        """Measure from the navigation to the first frame in which the condition `ready` holds."""
        before = self.processor(page)
        page.goto(address, wait_until="commit")
        return self.sample(page, _when(page, ready) / 1000, before)

    def follow(self, page: Page, link: str, ready: str) -> Sample:
        """Measure from a click on a link to the next page."""
        before = self.processor(page)
        begun = page.evaluate(f"() => {{ const link = {link}; link.click(); return performance.now(); }}")
        return self.sample(page, (_when(page, ready) - begun) / 1000, before)


def _when(page: Page, ready: str) -> float:
    # By the clock of the page, so that the way to this process is not measured.
    handle = page.wait_for_function(f"() => ({ready}) && performance.now()", polling="raf")
    return float(handle.json_value())


def edit(bench: Bench, page: Page, units: int) -> Sample:
    """Measure from the last key in a layer's `units` to the network's new number of parameters."""
    field = page.get_by_role("textbox", name=re.compile("units")).first
    field.fill(str(units))
    before = bench.processor(page)
    page.evaluate("() => { window.begun = performance.now(); }")
    field.press("Enter")
    ended = _when(page, f"document.body.innerText.includes('{65 * units:,}')")
    return bench.sample(page, (ended - page.evaluate("window.begun")) / 1000, before)


def row(what: str, samples: list[Sample], theirs: Mapping[str, list[Sample]], target: str = "") -> None:
    """Print medians and, for each other tool, the median of the pairs' ratios."""
    words = f"{what:<34} {statistics.median(s.seconds for s in samples) * 1000:6.0f} ms"
    words += f"  server {statistics.median(s.server for s in samples) * 1000:5.0f} ms"
    words += f"  renderer {statistics.median(s.renderer for s in samples) * 1000:5.0f} ms"
    for name, found in theirs.items():
        ratio = statistics.median(a.seconds / b.seconds for a, b in zip(samples, found, strict=True))
        words += f"  {name} {statistics.median(s.seconds for s in found) * 1000:6.0f} ms  ratio {ratio:.2f}"
    sys.stdout.write(f"{words}  {target}\n")
    sys.stdout.flush()


def cold_pages(bench: Bench, rounds: int) -> None:
    """Measure every page in a new context, in turn with the other tools' pages of the same runs."""
    for name, ready in _OURS.items():
        samples, theirs = [], {each.name: list[Sample]() for each in bench.others if name in each.pages}
        for _ in range(rounds):
            samples.append(bench.cold(bench.ours[name], ready))
            for each in bench.others:
                if name in each.pages:
                    theirs[each.name].append(bench.cold(each.pages[name], each.ready[name]))
        row(f"/{name}, cold", samples, theirs, "(target 1500 ms, ratio 0.50)")


def second_pages(bench: Bench, rounds: int) -> None:
    """Measure further pages in the same tab, opened by links."""
    samples: dict[str, list[Sample]] = {"runs": [], "run": [], "compare": []}
    for _ in range(rounds):
        with bench.page() as page:
            bench.load(page, bench.ours["build"], _OURS["build"])
            link = "[...document.querySelectorAll('a')].find((a) => a.pathname.endsWith('/runs'))"
            samples["runs"].append(bench.follow(page, link, _OURS["runs"]))
            link = f"document.querySelector('td a[href*=\"{run_id_of('finished')}\"]')"
            samples["run"].append(bench.follow(page, link, _OURS["run"]))
            runs = "[...document.querySelectorAll('a')].find((a) => a.pathname.endsWith('/runs'))"
            bench.follow(page, runs, f"!{_CHARTS} && {_OURS['runs']}")  # a page without charts before one with charts
            # No page links to this comparison, so a link is added.
            there = bench.ours["compare"]
            link = f"document.body.appendChild(Object.assign(document.createElement('a'), {{ href: '{there}' }}))"
            samples["compare"].append(bench.follow(page, link, _OURS["compare"]))
    for name, found in samples.items():
        row(f"/{name}, second page in the tab", found, {}, target="(target 600 ms)")


def edits(bench: Bench, rounds: int) -> None:
    """Measure edits of one field in Build."""
    with bench.page() as page:
        bench.load(page, bench.ours["build"], _OURS["build"])
        expect(page.get_by_text("Ready to train")).to_be_visible(timeout=_PATIENCE_MS)
        edit(bench, page, 39)
        row(
            "/build, an edit",
            [edit(bench, page, 40 + step) for step in range(2 * rounds)],
            {},
            target="(target 250 ms)",
        )


def traffic(bench: Bench) -> None:
    """Print the bytes that each page loads cold, in files and over the websocket."""
    for name, ready in _OURS.items():
        with bench.page() as page:
            counted = {"files": 0, "websocket": 0}
            page.on("response", lambda answer, to=counted: to.update(files=to["files"] + _length(answer.headers)))
            page.on("websocket", lambda socket, to=counted: socket.on("framereceived", lambda frame: _add(to, frame)))
            bench.load(page, bench.ours[name], ready)
            words = ", ".join(f"{what} {size / 1e6:.2f} MB" for what, size in counted.items())
            sys.stdout.write(f"/{name}: {words}\n")


def _length(headers: Mapping[str, str]) -> int:
    return int(headers.get("content-length", 0))


def _add(counted: dict[str, int], frame: str | bytes) -> None:
    counted["websocket"] += len(frame)


def our_pages(dashboard: str) -> dict[str, str]:
    """Return the URLs of the dashboard's pages."""
    one, several = run_id_of("finished"), [run_id_of(label) for label in _COMPARED]
    paths = {"run": f"run?id={one}", "compare": f"compare?runs={','.join(several)}", "build": "build", "runs": "runs"}
    return {name: f"{dashboard}/{path}" for name, path in paths.items()}


def mlflow_ui(address: str) -> Contestant:
    """Return MLflow's pages of the same runs."""
    one, several = run_id_of("finished"), [run_id_of(label) for label in _COMPARED]
    runs, experiments = (urllib.parse.quote(json.dumps(each)) for each in (several, ["0"]))
    paths = {
        "run": f"#/experiments/0/runs/{one}/model-metrics",
        "compare": f"#/compare-runs?runs={runs}&experiments={experiments}",
        "runs": "#/experiments/0/runs",
    }
    return Contestant("MLflow UI", {name: f"{address}/{path}" for name, path in paths.items()}, _MLFLOW)


@contextmanager
def tensorboard(uri: str, folder: Path) -> Iterator[Contestant]:
    """Serve the same runs by TensorBoard, and yield its pages."""
    one, several = run_id_of("finished"), [run_id_of(label) for label in _COMPARED]
    reader, events = open_reader(uri), folder / "events"
    write_events(reader, reader.get([one, *several]), events)
    with running_tensorboard(events, folder / "tensorboard.log") as address:
        filters = {"run": one, "compare": "|".join(several)}
        pages = {name: f"{address}/?runFilter={urllib.parse.quote(each)}#timeseries" for name, each in filters.items()}
        yield Contestant("TensorBoard", pages, _TENSORBOARD)


def main(rounds: int, runs: int) -> None:
    """Fill a store, serve it with both, and measure every page."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder)).make()
        uri = home.tracking_uri(environment={})
        seed_store(uri, home.path / "artifacts", count=runs)
        mlflow_server = MlflowServer(uri, home.path / "artifacts", home.path / "mlflow.log")
        with ExitStack() as opened:
            mlflow = opened.enter_context(mlflow_server)
            dashboard = opened.enter_context(running_dashboard(home.path))
            others = [mlflow_ui(mlflow.uri)]
            if has_tensorboard():
                others.append(opened.enter_context(tensorboard(uri, home.path)))
            playwright = opened.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
            port = int(dashboard.rpartition(":")[2])
            bench = Bench(browser, dashboard, _listening(port), our_pages(dashboard), others)
            for name, ready in _OURS.items():  # once each, so that servers have loaded what they load once
                first = bench.cold(bench.ours[name], ready)
                row(f"/{name}, first of the server", [first], {})
                for each in others:
                    if name in each.pages:
                        bench.cold(each.pages[name], each.ready[name])
            traffic(bench)
            cold_pages(bench, rounds)
            second_pages(bench, rounds)
            edits(bench, rounds)
            browser.close()


def _listening(port: int) -> psutil.Process:
    """Return the process that serves a port."""
    found = next(c for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == psutil.CONN_LISTEN)
    return psutil.Process(found.pid)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(ROUNDS, RUNS)[len(given) :])
