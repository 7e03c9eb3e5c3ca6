"""Chromium as it is installed on the machine, and pages to look at with it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_START_SECONDS = 300
_PATIENCE = 60_000


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The browser of the machine; without one these tests are skipped, except in CI, where they fail."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip("There is no Chromium on this machine; install the package chromium to run the browser tests.")
    return {"executable_path": found, "args": list(_FLAGS)}


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """Let an expectation wait for a busy machine; by default Playwright gives it 5 seconds."""
    expect.set_options(timeout=_PATIENCE)


@pytest.fixture(scope="session")
def live_chart_page() -> Iterator[str]:
    """The address of a page whose charts grow."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.support.live_chart_server", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def _wait_for(address: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
