"""Many browser sessions that click through Runs, Run and Compare, and live runs: seconds a page, and memory.

python -m tests.benchmarks.bench_sessions [SESSIONS] [SECONDS] [ROUNDS] [RUNS] [LIVE] [CLICKS]

A session is a tab with a websocket of its own, and each tab is measured by its own clock. Chromium draws all tabs on
the cores of the server, so the processor time of both is printed beside the times.

1. People: for SECONDS, each tab clicks on after a pause, exponentially distributed with a mean of 7 s and no longer
   than 70 s: the think time of TPC-W (clause 5.3.1.1), the benchmark of web shops.
2. No pause: each tab clicks as soon as all tabs are ready, ROUNDS times. This measures Chromium rather than the server.
3. No pause and no browser: as many websockets request the same pages, each as soon as it has the one before. This is
   the server alone.
4. One tab goes on alone for CLICKS clicks, for what a click costs without the others and how the server's memory grows.
5. LIVE runs log a point a second, for the processor time that the server needs for the page of runs.
"""

import heapq
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Page

from tests.benchmarks.browsing import CHARTS, IDLE, Bench, opened_bench
from tests.support.bulk_store import bulk_runs, fill_store
from tests.support.store import SeedRun, add_run, curves_of
from tests.support.streamlit_client import all_at_once
from trainer.home import Home
from trainer.tracking import Status, Store, open_store
from trainer.tracking.run import Point

SESSIONS, SECONDS, ROUNDS, RUNS, LIVE, CLICKS = 20, 120, 2, 10_000, 10, 1_000
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 7.0, 70.0
_LIVE_SECONDS = 20
_ROWS = "document.querySelectorAll('table tbody tr').length > 20"
_READY = {
    "runs": f"!{CHARTS} && {_ROWS} && {IDLE}",
    "run": f"{CHARTS} >= 2 && document.querySelectorAll('h1').length === 1 && {IDLE}",
    "compare": f"{CHARTS} >= 2 && document.querySelector('h1')?.innerText === 'Compare' && {IDLE}",
}
_ORDER = ("run", "runs", "compare", "runs")


class _Used(NamedTuple):
    """Processor seconds of the server so far, and of each of the browser's processes by its id."""

    server: float
    browser: dict[int, float]

    @classmethod
    def now(cls, bench: Bench) -> "_Used":
        """Read them."""
        ours = [each for each in psutil.Process().children(recursive=True) if "chromium" in each.name()]
        return cls(sum(bench.server.cpu_times()[:2]), {each.pid: sum(each.cpu_times()[:2]) for each in ours})

    def since(self, before: "_Used", clicks: int) -> str:
        """Return in words what each of so many clicks used."""
        server = (self.server - before.server) * 1000 / max(1, clicks)
        seconds = sum(used - before.browser.get(pid, 0.0) for pid, used in self.browser.items())
        browser = seconds * 1000 / max(1, clicks)
        return f"{server:.0f} ms of the server's processor and {browser:.0f} ms of the browser's a click"


def main(sessions: int, seconds: int, rounds: int, runs: int, live: int, clicks: int) -> None:
    """Fill a store, serve it, and click."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        home = Home(Path(folder)).make()
        uri = home.tracking_uri(environment={})
        fill_store(Path(uri.removeprefix("sqlite:///")), runs)
        several = bulk_runs(10)
        paths = {"runs": "runs", "run": f"run?id={several[0]}", "compare": f"compare?runs={','.join(several)}"}
        bench = opened.enter_context(opened_bench(home.path, paths, _READY))
        for name in paths:
            bench.first(name)
        tabs = [opened.enter_context(bench.page()) for _ in range(sessions)]
        for tab in tabs:
            bench.load(tab, "runs")
        with _measured(
            bench, f"{sessions} sessions, a pause of {_PAUSE_SECONDS:.0f} s", "(target p95 1500 ms)"
        ) as taken:
            taken += _people(bench, tabs, seconds)
        with _measured(bench, f"{sessions} sessions, no pause") as taken:
            taken += _clicks(bench, tabs, rounds)
        for tab in tabs[1:]:
            tab.close()
        with _measured(bench, f"{sessions} sessions, no pause, no browser") as taken:
            urls = [[bench.ours.pages[name] for name in _names(place, rounds)] for place in range(sessions)]
            taken += [answer.milliseconds for answer in all_at_once(bench.dashboard, urls)]
        _alone(bench, tabs[0], clicks)
        with _logging(home, live):
            _refreshes(bench, tabs[0], live)


def _names(place: int, rounds: int) -> list[str]:
    """Return the pages that a tab visits. The tabs stand at different pages, as people do."""
    return [_ORDER[(turn + 2 * place) % len(_ORDER)] for turn in range(rounds * len(_ORDER))]


@contextmanager
def _measured(bench: Bench, what: str, target: str = "") -> Iterator[list[float]]:
    """Yield a list for the milliseconds of the clicks, and print them with what they used."""
    taken: list[float] = []
    before = _Used.now(bench)
    yield taken
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    words = f"median {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms of {len(ordered)} clicks {target}".strip()
    used = _Used.now(bench).since(before, len(ordered))
    sys.stdout.write(f"{what}: {words}; {used}; load {os.getloadavg()[0]:.1f}\n")
    sys.stdout.flush()


def _people(bench: Bench, tabs: Sequence[Page], seconds: float) -> list[float]:
    """Click in every tab after pauses, for so many seconds, and return the milliseconds of each click."""
    pauses = random.Random(1)
    taken: list[float] = []
    begun = time.monotonic()
    due = [(begun + _pause(pauses), place, 0) for place in range(len(tabs))]
    heapq.heapify(due)
    while due[0][0] < begun + seconds:
        when, place, turn = heapq.heappop(due)
        tab, name = tabs[place], _ORDER[(turn + 2 * place) % len(_ORDER)]
        tab.wait_for_timeout(max(0.0, when - time.monotonic()) * 1000)
        if turn:
            taken.append(_milliseconds(tab))
        _click(tab, bench.ours.pages[name], _READY[name])
        heapq.heappush(due, (time.monotonic() + _pause(pauses), place, turn + 1))
    return [*taken, *(_milliseconds(tabs[place]) for _, place, turn in due if turn)]


def _pause(pauses: random.Random) -> float:
    return min(pauses.expovariate(1 / _PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)


def _clicks(bench: Bench, tabs: Sequence[Page], rounds: int) -> list[float]:
    """Click in every tab, each at another page of the round, and return the milliseconds of each click."""
    taken = []
    for names in zip(*(_names(place, rounds) for place in range(len(tabs))), strict=True):
        for tab, name in zip(tabs, names, strict=True):
            _click(tab, bench.ours.pages[name], _READY[name])
        taken += [_milliseconds(tab) for tab in tabs]
    return taken


def _click(tab: Page, address: str, ready: str) -> None:
    """Go to a page by a link in the tab, and note by the tab's own clock when it is ready."""
    link = f"document.body.appendChild(Object.assign(document.createElement('a'), {{ href: '{address}' }}))"
    # Each page is ready by what the page before it does not have, so that this cannot hold before the first answer.
    watch = f"const look = () => ({ready}) ? window.ended = performance.now() : requestAnimationFrame(look)"
    tab.evaluate(
        f"() => {{ window.ended = 0; window.begun = performance.now(); const link = {link}; link.click();"
        f" link.remove(); {watch}; look(); }}"
    )


def _milliseconds(tab: Page) -> float:
    tab.wait_for_function("window.ended > 0")
    return float(tab.evaluate("window.ended - window.begun"))


def _alone(bench: Bench, tab: Page, clicks: int) -> None:
    """Click on in one tab, and print what a click costs and how the server's memory grows."""
    half = max(1, clicks // 2 // len(_ORDER))
    sizes = [bench.server.memory_info().rss]
    with _measured(bench, "1 session, no pause") as taken:
        for _ in range(2):
            taken += _clicks(bench, [tab], half)
            sizes.append(bench.server.memory_info().rss)
    clicked = half * len(_ORDER)
    words = ", ".join(f"{size / 1e6:.0f} MB" for size in sizes)
    sys.stdout.write(f"memory of the server before, after {clicked} and after {2 * clicked} clicks: {words}\n")


def _refreshes(bench: Bench, tab: Page, live: int) -> None:
    """Print the server's processor time for a page of runs on which runs are live."""
    bench.load(tab, "runs")
    tab.evaluate(
        "() => { window.redraws = 0; window.reloaded = false; new MutationObserver((all) => { for (const each of all)"
        " if (each.target.dataset.testScriptState === 'running') window.redraws += 1; }).observe("
        "document.querySelector('[data-testid=stApp]'), { attributes: true, attributeFilter:"
        " ['data-test-script-state'] }); }"
    )
    used = sum(bench.server.cpu_times()[:2])
    tab.wait_for_timeout(_LIVE_SECONDS * 1000)
    spent = (sum(bench.server.cpu_times()[:2]) - used) * 1000
    redraws = max(1, int(tab.evaluate("window.redraws ?? 0")))
    words = f"/runs with {live} live runs: {spent / _LIVE_SECONDS:.0f} ms of the server's processor a second"
    sys.stdout.write(f"{words}, {spent / redraws:.0f} ms a redraw, {redraws} redraws (target 100 ms a redraw)\n")


@contextmanager
def _logging(home: Home, live: int) -> Iterator[None]:
    """Let so many runs log a point a second."""
    uri = home.tracking_uri(environment={})
    store = open_store(uri, home)
    ids = [add_run(uri, home.artifacts, _live_run(number)) for number in range(live)]
    ended = threading.Event()
    logger = threading.Thread(target=_log, args=(store, ids, ended))
    logger.start()
    yield
    ended.set()
    logger.join()


def _live_run(number: int) -> SeedRun:
    now = int(time.time() * 1000)
    curves = {key: values for key, values in curves_of(100).items() if not key.startswith("test_")}
    return SeedRun(label=f"live {number}", name=f"live-{number}", status=Status.RUNNING, start_time=now, curves=curves)


def _log(store: Store, ids: Sequence[str], ended: threading.Event) -> None:
    step = 100
    while not ended.wait(1):
        step += 1
        for run_id in ids:
            now = int(time.time() * 1000)
            store.log_metrics(run_id, [Point(key, 1 / step, now, step) for key in ("loss", "val_loss")])


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(SESSIONS, SECONDS, ROUNDS, RUNS, LIVE, CLICKS)[len(given) :])
