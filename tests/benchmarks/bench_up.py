"""`fitboard up`: seconds until each part is ready, the speed of its pages in Chromium, and its memory when idle.

python -m tests.benchmarks.bench_up [ROUNDS]
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.up import Up, running_up

ROUNDS = 5
PLAIN_LAYOUT_MB = 1650
"""MB of Streamlit with TensorFlow and MLflow imported and of `mlflow server --workers 1`, measured once."""

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


def memory(up: Up) -> float:
    """Print the proportional memory (PSS) of each process in MB, and return the sum."""
    total = 0.0
    supervisor = psutil.Process(up.process.pid)
    for process in [supervisor, *supervisor.children(recursive=True)]:
        size = process.memory_full_info().pss / 1e6
        total += size
        sys.stdout.write(f"  {size:7.0f} MB  {' '.join(process.cmdline()[1:])[:90]}\n")
    return total


def navigation(page: Page, up: Up) -> float:
    """Return the seconds from the navigation to a page on which Train can be pressed."""
    begun = time.perf_counter()
    page.goto(f"{up.dashboard}/build")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=60_000)
    expect(page.get_by_text("Ready to train")).to_be_visible(timeout=60_000)
    return time.perf_counter() - begun


def change(page: Page, units: int) -> float:
    """Return the seconds from the last key to the new parameter count on the page."""
    field = page.get_by_role("textbox", name="units").first
    field.fill(str(units))
    expected = f"{65 * units:,}"
    begun = time.perf_counter()
    field.press("Enter")
    page.wait_for_function("text => document.body.innerText.includes(text)", arg=expected, polling=10)
    return time.perf_counter() - begun


def main(rounds: int) -> None:
    """Start it cold, then measure pages in a browser, then its memory at rest."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        begun = time.perf_counter()
        with running_up(Path(folder)) as up:
            sys.stdout.write(f"up to an answering dashboard    {time.perf_counter() - begun:6.1f} s (target 5)\n")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.goto(f"{up.dashboard}/build")
            expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=60_000)
            sys.stdout.write(f"up to a usable Build page        {time.perf_counter() - begun:6.1f} s\n")
            up.wait_until_warm()
            warm = time.perf_counter() - begun
            sys.stdout.write(f"up to worker and MLflow's UI     {warm:6.1f} s (target 15 for MLflow)\n")
            navigation(page, up)
            opened = statistics.median(navigation(page, up) for _ in range(rounds))
            sys.stdout.write(f"/build, navigation to usable     {opened:6.2f} s (target 2)\n")
            changed = statistics.median(change(page, 40 + step) for step in range(2 * rounds))
            sys.stdout.write(f"a field to its new shapes        {changed * 1000:6.0f} ms (target 200)\n")
            browser.close()
            # The dashboard imports MLflow 20 s after its start.
            time.sleep(30)
            total = memory(up)
            ratio = total / PLAIN_LAYOUT_MB
            sys.stdout.write(f"memory, idle, all together      {total:6.0f} MB, {ratio:.2f} of the plain layout's\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
