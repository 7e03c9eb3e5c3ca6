"""The dashboard in a process of its own, for tests over HTTP or in a browser."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.up import answers, free_port
from tests.support.worker import wait_for

__all__ = ["running_dashboard"]


@contextlib.contextmanager
def running_dashboard(home: Path, *options: str, port: int | None = None, path: str = "") -> Iterator[str]:
    """Serve the pages of a home on loopback; yields their URL.

    Args:
        home: the home, whose own store is read.
        options: further options of `fitboard dashboard`.
        port: the port; a free one by default.
        path: the path of the pages, such as `/fitboard`.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "dashboard.cli", "dashboard", "--home", str(home), "--port", str(port), *options]
    # Without the developer's own store and home, which would be read instead.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_TRACKING", "FITBOARD_"))}
    address = f"http://127.0.0.1:{port}{path}"
    with (home / "test-server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=kept)
    try:
        # A server that ended is not waited for.
        wait_for(lambda: answers(f"{address}/_stcore/health") or process.poll() is not None, "the dashboard")
        assert process.poll() is None, (home / "test-server.log").read_text()
        yield address
    finally:
        process.terminate()
        process.wait(300)
