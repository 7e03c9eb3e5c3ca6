"""Pages measured in Chromium: seconds until they are usable, processor times, and bytes.

Cold means a new browser context, in which nothing is cached.
"""

import shutil
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as BrowserTimeout

from tests.support.dashboard_server import running_dashboard

__all__ = ["CHARTS", "IDLE", "PATIENCE_MS", "Bench", "Contestant", "Sample", "opened_bench", "row", "when"]

PATIENCE_MS = 120_000
"""How long a page may take; another tool's that takes longer counts as this long."""

IDLE = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
"""The condition, in JavaScript, that a page of the dashboard is not being redrawn."""

CHARTS = "[...document.querySelectorAll('.fitboard-chart')].filter(c => c.querySelector('.main-svg .trace')).length"
"""The number of drawn charts, in JavaScript."""

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


class Contestant(NamedTuple):
    """A tool: by the names of our pages, the URLs of its pages of the same runs and when they are usable."""

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
    """A browser, the dashboard and its process, its pages, and what it is compared with."""

    browser: Browser
    dashboard: str
    server: psutil.Process
    ours: Contestant
    others: Sequence[Contestant] = ()

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Yield a page in a context of its own, in which nothing is cached."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 1000})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
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

    def cold(self, name: str, whose: Contestant | None = None) -> Sample:
        """Measure a page, by default of the dashboard, in a new context."""
        with self.page() as page:
            return self.load(page, name, whose)

    def load(self, page: Page, name: str, whose: Contestant | None = None) -> Sample:
        """Measure from the navigation to the first frame in which the page is usable."""
        tool = whose or self.ours
        before = self.processor(page)
        page.goto(tool.pages[name], wait_until="commit")
        try:
            milliseconds = when(page, tool.ready[name])
        except BrowserTimeout:
            if tool is self.ours:
                raise
            milliseconds = PATIENCE_MS
        return self.sample(page, milliseconds / 1000, before)

    def follow(self, page: Page, link: str, ready: str) -> Sample:
        """Measure from a click on a link to the next page."""
        before = self.processor(page)
        begun = page.evaluate(f"() => {{ const link = {link}; link.click(); return performance.now(); }}")
        return self.sample(page, (when(page, ready) - begun) / 1000, before)

    def first(self, name: str) -> None:
        """Open a page of every tool once, so that its server has loaded what it loads once, and print ours."""
        row(f"/{name}, first of the server", [self.cold(name)])
        for each in self.others:
            if name in each.pages:
                self.cold(name, each)

    def in_turn(self, name: str, rounds: int, target: str = "") -> None:
        """Measure a page in new contexts, in turn with the other tools' pages of the same runs, and print the row."""
        samples, theirs = [], {each.name: list[Sample]() for each in self.others if name in each.pages}
        for _ in range(rounds):
            samples.append(self.cold(name))
            for each in self.others:
                if name in each.pages:
                    theirs[each.name].append(self.cold(name, each))
        row(f"/{name}, cold", samples, theirs, target)

    def traffic(self, name: str) -> None:
        """Print the bytes that a page loads cold, in files and over the websocket."""
        with self.page() as page:
            counted = {"files": 0, "websocket": 0}

            def add(frame: str | bytes) -> None:
                counted["websocket"] += len(frame)

            def add_file(headers: Mapping[str, str]) -> None:
                counted["files"] += int(headers.get("content-length", 0))

            page.on("response", lambda answer: add_file(answer.headers))
            page.on("websocket", lambda socket: socket.on("framereceived", add))
            self.load(page, name)
            words = ", ".join(f"{what} {size / 1e6:.2f} MB" for what, size in counted.items())
            sys.stdout.write(f"/{name}: {words}\n")


@contextmanager
def opened_bench(home: Path, paths: Mapping[str, str], ready: Mapping[str, str]) -> Iterator[Bench]:
    """Serve the pages of a home and open a browser.

    Args:
        home: the home.
        paths: name → path of a page, with its query.
        ready: name → the condition, in JavaScript, that the page is usable.
    """
    with running_dashboard(home) as dashboard, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        pages = {name: f"{dashboard}/{path}" for name, path in paths.items()}
        server = _listening(int(dashboard.rpartition(":")[2]))
        yield Bench(browser, dashboard, server, Contestant("Fitboard", pages, ready))
        browser.close()


def when(page: Page, ready: str) -> float:
    """Return the time, by the clock of the page in milliseconds, of the first frame in which a condition holds."""
    # By that clock, so that the way to this process is not measured.
    handle = page.wait_for_function(f"() => ({ready}) && performance.now()", polling="raf")
    return float(handle.json_value())


def row(
    what: str, samples: Sequence[Sample], theirs: Mapping[str, Sequence[Sample]] | None = None, target: str = ""
) -> None:
    """Print medians and, for each other tool, the median of the pairs' ratios."""
    words = f"{what:<44} {statistics.median(s.seconds for s in samples) * 1000:6.0f} ms"
    words += f"  server {statistics.median(s.server for s in samples) * 1000:5.0f} ms"
    words += f"  renderer {statistics.median(s.renderer for s in samples) * 1000:5.0f} ms"
    for name, found in (theirs or {}).items():
        ratio = statistics.median(a.seconds / b.seconds for a, b in zip(samples, found, strict=True))
        words += f"  {name} {statistics.median(s.seconds for s in found) * 1000:6.0f} ms  ratio {ratio:.2f}"
    sys.stdout.write(f"{words}  {target}\n")
    sys.stdout.flush()


def _listening(port: int) -> psutil.Process:
    """Return the process that serves a port."""
    found = next(c for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == psutil.CONN_LISTEN)
    return psutil.Process(found.pid)
