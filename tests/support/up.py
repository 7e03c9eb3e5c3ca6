"""A real `fitboard up` with a home of its own, for tests and benchmarks that drive a browser."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.worker import wait_for
from trainer.execution.lock import holder_of
from trainer.home import Home

__all__ = ["Up", "answers", "free_port", "running_up"]


@dataclass(frozen=True, kw_only=True)
class Up:
    """A running `fitboard up`: its home, URLs, process and output."""

    home: Home
    dashboard: str
    mlflow: str
    process: "subprocess.Popen[bytes]"
    said: Path

    def wait_until_warm(self, seconds: float = 300) -> None:
        """Wait until the worker and MLflow's UI are ready too."""
        wait_for(lambda: (holder_of(self.home.worker_lock) or {}).get("state") == "ready", "the worker", seconds)
        wait_for(lambda: answers(f"{self.mlflow}/health"), "MLflow's UI", seconds)

    def end(self) -> None:
        """Send Ctrl-C, and wait until the process has ended."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(300)


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Return whether a server responds there with status 200."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def running_up(folder: Path, *, jobs: int = 1, tracking_uri: str | None = None) -> Iterator[Up]:
    """Start `fitboard up`; yields once the dashboard is ready, and ends all processes afterwards."""
    home, said = Home(folder / "home"), folder / "up.log"
    dashboard, mlflow = free_port(), free_port()
    command = [sys.executable, "-m", "dashboard.cli", "up", "--home", str(home.path), "--jobs", str(jobs)]
    command += ["--port", str(dashboard), "--mlflow-port", str(mlflow)]
    # Without the developer's own store; a test names its store itself.
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    if tracking_uri is not None:
        environment["MLFLOW_TRACKING_URI"] = tracking_uri
    with said.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment)
    up = Up(
        home=home,
        dashboard=f"http://127.0.0.1:{dashboard}",
        mlflow=f"http://127.0.0.1:{mlflow}",
        process=process,
        said=said,
    )
    try:
        wait_for(lambda: answers(f"{up.dashboard}/_stcore/health") or process.poll() is not None, "the dashboard")
        assert process.poll() is None, said.read_text()
        yield up
    finally:
        if process.poll() is None:
            up.end()
