"""From Train to the first epoch in the store, with and without a standby, against the quickstart script's first epoch.

python -m tests.benchmarks.bench_start [ROUNDS]

The contestants take turns; medians and ratios are printed. "queued" is the call that queues a run, as the command line
and Train make it; "pressed" is the button in Chromium, on a Build page that has been open for two seconds. Processor
time is that of the training process, from its job to its first epoch in the store; a busy machine affects it less.
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from tests.benchmarks.bench_run import script
from tests.support.up import Up, running_up
from tests.support.worker import wait_for
from trainer.config import Config, find_recipe
from trainer.execution import Limits, enqueue, queue_name, wish_standby
from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.tracking import RunQuery, Store, open_store

ROUNDS = 5
_OPEN_SECONDS = 2.0
# `--no-sandbox` for containers, the others against Chromium's own background work.
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
# A run with a memory limit never goes to a standby.
_OWN_PROCESS = Limits(memory=10**12)


def standby(home: Home) -> dict[str, int]:
    """Return what the worker reports about its standby; empty without one."""
    return (holder_of(home.worker_lock) or {}).get("standby") or {}


def processor_seconds(pid: int) -> float:
    """Return the user and system time of a process so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def queued(home: Home, store: Store, config: Config, *, ahead: bool) -> dict[str, float]:
    """Return the seconds from the call to the first epoch, and the processor seconds of the training process."""
    before = 0.0
    if ahead:
        home.standby_wish.unlink(missing_ok=True)
        wish_standby(home, config)
        wait_for(lambda: standby(home).get("is_prepared"), "the standby")
        # What the standby spent on its preparation is not part of the run.
        before = processor_seconds(standby(home)["pid"])
    begun = time.perf_counter()
    run_id = enqueue(store, config, queue=queue_name(home), limits=Limits() if ahead else _OWN_PROCESS)
    wait_for(lambda: "loss" in store.get(run_id).metrics, "the first epoch")
    wall = time.perf_counter() - begun
    owner = store.get(run_id).owner
    spent = (
        processor_seconds(owner.pid) - before if owner is not None and psutil.pid_exists(owner.pid) else float("nan")
    )
    wait_for(lambda: store.get(run_id).status.ended, "the end")
    return {"first": wall, "processor": spent}


def pressed(page: Page, up: Up, home: Home, store: Store) -> dict[str, float]:
    """Return the seconds from the click on Train to the new run in the store, and to its first epoch."""
    page.goto(f"{up.dashboard}/build")
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_enabled(timeout=60_000)
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_attached(timeout=60_000)
    time.sleep(_OPEN_SECONDS)
    before = store.reader.page(RunQuery(limit=1)).total
    begun = time.perf_counter()
    # Playwright would otherwise wait for the navigation that the click starts.
    button.click(no_wait_after=True)
    wait_for(lambda: store.reader.page(RunQuery(limit=1)).total > before, "the run")
    there = time.perf_counter()
    run_id = store.reader.page(RunQuery(limit=1)).runs[0].run_id
    wait_for(lambda: "loss" in store.get(run_id).metrics, "the first epoch")
    first = time.perf_counter()
    wait_for(lambda: store.get(run_id).status.ended, "the end")
    return {"run there": there - begun, "first": first - begun}


def main(rounds: int) -> None:
    """Measure in turns and print medians and ratios."""
    config = find_recipe("quickstart-digits").config
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright, running_up(Path(name)) as up:
        up.wait_until_warm()
        home, store = up.home, open_store(up.home.tracking_uri(environment={}), up.home)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        # Not counted: the first run opens the store and imports MLflow.
        pressed(page, up, home, store)
        for _ in range(rounds):
            rows = {
                "quickstart script": script(Path(name), autolog=False),
                "queued, new process": queued(home, store, config, ahead=False),
                "queued, standby": queued(home, store, config, ahead=True),
                "pressed": pressed(page, up, home, store),
            }
            for kind, values in rows.items():
                for key, value in values.items():
                    found.setdefault(f"{kind}: {key}", []).append(value)
        browser.close()
    report({key: statistics.median(values) for key, values in found.items()})


def report(medians: dict[str, float]) -> None:
    """Print the medians, then the ratios that have targets."""
    for key, value in medians.items():
        sys.stdout.write(f"{key:36} {value:8.3f} s\n")
    theirs = medians["quickstart script: first"]
    targets = {"pressed": " (target 0.12)", "queued, standby": " (target 0.12)", "queued, new process": ""}
    for kind, target in targets.items():
        ratio = medians[f"{kind}: first"] / theirs
        sys.stdout.write(f"{kind}, first epoch / quickstart script's {ratio:6.3f}{target}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
