"""Many browser sessions that click through Runs, Run and Compare at once, and live runs: seconds a page, and memory.

python -m tests.benchmarks.bench_sessions [SESSIONS] [ROUNDS] [RUNS] [LIVE] [CLICKS]

A session is a tab with a websocket of its own. The tabs are clicked in turn, and all clicks of a round are under way at
once; what is measured is each tab's time by its own clock. Then one tab goes on alone for CLICKS clicks, for what a
click costs without the others and for the growth of the server's memory. At last, LIVE runs log a point a second, to
measure the processor time that the server needs for the page of runs, a second and a redraw.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.benchmarks.browsing import CHARTS, IDLE, Bench, opened_bench
from tests.support.bulk_store import bulk_runs, fill_store
from tests.support.store import SeedRun, add_run, curves_of
from trainer.home import Home
from trainer.tracking import Status, Store, open_store
from trainer.tracking.run import Point

SESSIONS, ROUNDS, RUNS, LIVE, CLICKS = 20, 5, 10_000, 10, 1_000
_LIVE_SECONDS = 20
_ROWS = "document.querySelectorAll('table tbody tr').length > 20"
_READY = {
    "runs": f"!{CHARTS} && {_ROWS} && {IDLE}",
    "run": f"{CHARTS} >= 2 && document.querySelectorAll('h1').length === 1 && {IDLE}",
    "compare": f"{CHARTS} >= 2 && document.querySelector('h1')?.innerText === 'Compare' && {IDLE}",
}
_ORDER = ("run", "runs", "compare", "runs")


def main(sessions: int, rounds: int, runs: int, live: int, clicks: int) -> None:
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
        _report(f"{sessions} sessions", _clicks(bench, tabs, rounds), "(target p95 1500 ms)")
        for tab in tabs[1:]:
            tab.close()
        _alone(bench, tabs[0], clicks)
        with _logging(home, live):
            _refreshes(bench, tabs[0], live)


def _clicks(bench: Bench, tabs: Sequence[Page], rounds: int) -> list[float]:
    """Click in every tab, each at another page of the round, and return the milliseconds of each click."""
    taken = []
    for turn in range(rounds * len(_ORDER)):
        # The tabs stand at different pages, as people do.
        names = [_ORDER[(turn + 2 * place) % len(_ORDER)] for place in range(len(tabs))]
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
    before = bench.server.memory_info().rss
    taken = _clicks(bench, [tab], half)
    middle = bench.server.memory_info().rss
    taken += _clicks(bench, [tab], half)
    after = bench.server.memory_info().rss
    _report("1 session", taken, "")
    sizes = ", ".join(f"{size / 1e6:.0f} MB" for size in (before, middle, after))
    clicked = half * len(_ORDER)
    sys.stdout.write(f"memory of the server before, after {clicked} and after {2 * clicked} clicks: {sizes}\n")


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


def _report(what: str, taken: Sequence[float], target: str) -> None:
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    words = f"median {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms of {len(ordered)} clicks"
    sys.stdout.write(f"{what}: {words} {target}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(SESSIONS, ROUNDS, RUNS, LIVE, CLICKS)[len(given) :])
