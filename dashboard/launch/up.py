"""`fitboard up`: MLflow's UI, the worker and the dashboard together."""

import contextlib
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from dashboard.environment import MLFLOW_LINK, MLFLOW_UI, SIGN_IN
from dashboard.launch.mlflow_ui import MlflowUi
from dashboard.launch.ports import choose_port
from dashboard.launch.site import Site
from dashboard.launch.supervisor import Service, Supervisor
from trainer.errors import StoreUnreachableError
from trainer.execution import queue_name
from trainer.execution.executors.choice import ExecutorChoice
from trainer.execution.lock import FileLock, holder_of
from trainer.format import duration
from trainer.home import Home
from trainer.tracking.address import without_login
from trainer.tracking.write.database import probe

__all__ = ["up"]

_TICK_SECONDS = 0.1
_SERVERS = ("http://", "https://")
# How long the worker waits at most for the dashboard, whose start its imports would slow down.
_DASHBOARD_FIRST_SECONDS = 4.0


def up(
    home: Home,
    tracking_uri: str,
    *,
    site: Site,
    mlflow: MlflowUi,
    choice: ExecutorChoice,
    say: Callable[[str], None],
) -> int:
    """Run all three until Ctrl-C or SIGTERM, and return the exit status.

    Args:
        home: the local folder; only one `up` can run per home.
        tracking_uri: the store; if it is an HTTP server, its own UI is used and none is started here.
        site: where the dashboard listens; if its port is in use, the next free one is taken.
        mlflow: where MLflow's UI listens, likewise.
        choice: what trains the runs.
        say: prints a line.

    Raises:
        ResourceError: the home is not writable, `up` already runs for it, or no port is free.
        StoreError: the store is not one of the installed MLflow.
    """
    home.make()
    # MLflow's server would upgrade the tables of an older store without being asked.
    if not tracking_uri.startswith(_SERVERS):
        with contextlib.suppress(StoreUnreachableError):
            probe(tracking_uri)
    ending: list[int] = []
    # Handlers only note the signal, so that no service is interrupted while it is being started.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: ending.append(caught))
    lock = FileLock(home.up_lock)
    with lock.held({"pid": os.getpid()}, _already_up(home)):
        plan = _Plan(home, tracking_uri, site=site, mlflow=mlflow, choice=choice)
        lock.say({"pid": os.getpid(), "dashboard": plan.dashboard_url, "mlflow": plan.mlflow_url})
        _greet(plan, say)
        return _supervise(plan, ending, say)


def _supervise(plan: "_Plan", ending: Sequence[int], say: Callable[[str], None]) -> int:
    supervisor = Supervisor(plan.services(), say)
    status = None
    announced = _Announcements(plan, say)
    while status is None and not ending:
        status = supervisor.turn()
        announced.turn()
        time.sleep(_TICK_SECONDS)
    if ending:
        say("Stopping Fitboard; running runs return to the queue.")
    supervisor.end()
    return status or 0


def _already_up(home: Home) -> str:
    held = holder_of(home.up_lock) or {}
    where = held.get("dashboard", "unknown address")
    return (
        f"Fitboard is already running with the home {home.path}: {where} (process {held.get('pid', 'unknown')}). "
        "Open it there, or give another home with --home."
    )


class _Plan:
    """The processes to run, and their ports."""

    def __init__(
        self,
        home: Home,
        tracking_uri: str,
        *,
        site: Site,
        mlflow: MlflowUi,
        choice: ExecutorChoice,
    ) -> None:
        self.home, self.tracking_uri, self.choice = home, tracking_uri, choice
        port, told = choose_port(site.port, "dashboard", host=site.host)
        self.site = replace(site, port=port)
        self.remarks = [each for each in (home.exposed, told) if each]
        self.dashboard_url = self.site.url
        self.serves_mlflow = not tracking_uri.startswith(_SERVERS)
        self.mlflow = mlflow
        self.mlflow_url = self.mlflow_link = without_login(tracking_uri).rstrip("/")
        if self.serves_mlflow:
            port, told = choose_port(mlflow.site.port, "MLflow UI", frozenset({port}), host=mlflow.site.host)
            self.mlflow = mlflow.on_port(port)
            self.remarks += [told] if told else []
            self.mlflow_url, self.mlflow_link = self.mlflow.site.local_url, self.mlflow.link
        self._begun = time.monotonic()
        home.logs.mkdir(exist_ok=True, mode=0o700)

    def services(self) -> list[Service]:
        """Return the dashboard, the worker, which waits for it, and MLflow's UI, which waits for the worker's store."""
        kept = [self._dashboard(), self._worker()]
        return [*kept, self._mlflow()] if self.serves_mlflow else kept

    def _environment(self) -> dict[str, str]:
        return {
            "FITBOARD_HOME": str(self.home.path),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            MLFLOW_UI: self.mlflow_url,
            MLFLOW_LINK: self.mlflow_link,
            SIGN_IN: os.environ.get(SIGN_IN, ""),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PYTHONUNBUFFERED": "1",
        }

    def _log(self, name: str) -> Path:
        return self.home.logs / f"{name}.log"

    def _dashboard(self) -> Service:
        command = [sys.executable, "-m", "dashboard.launch.server", *self.site.arguments]
        return Service(name="dashboard", command=command, log=self._log("dashboard"), environment=self._environment())

    def _worker(self) -> Service:
        command = [sys.executable, "-m", "trainer.execution.worker", *self.choice.arguments()]
        return Service(
            name="worker",
            command=command,
            log=self._log("worker"),
            environment=self._environment(),
            may_start=lambda: _answers(self.health_url) or self._waited_enough(),
        )

    @property
    def health_url(self) -> str:
        """The URL that responds once the dashboard is ready."""
        return f"{self.site.local_url}/_stcore/health"

    def _waited_enough(self) -> bool:
        return time.monotonic() - self._begun > _DASHBOARD_FIRST_SECONDS

    def _mlflow(self) -> Service:
        """Return MLflow's server in one process, without job runners: 5 s and 190 MB instead of 16 s and 1.9 GB."""
        command = [sys.executable, "-m", "uvicorn", "mlflow.server.fastapi_app:app", *self.mlflow.arguments]
        return Service(
            name="MLflow UI",
            command=command,
            log=self._log("mlflow"),
            environment=self._environment() | self.mlflow.environment(self.tracking_uri, self.home),
            folder=self.home.path,
            may_start=lambda: (holder_of(self.home.worker_lock) or {}).get("state") in {"warming", "ready"},
        )


class _Announcements:
    """Reports once when each part is ready."""

    def __init__(self, plan: _Plan, say: Callable[[str], None]) -> None:
        self._say = say
        self._begun = time.monotonic()
        self._waiting: dict[str, Callable[[], bool]] = {
            "The dashboard": lambda: _answers(plan.health_url),
            "The worker": lambda: (holder_of(plan.home.worker_lock) or {}).get("state") == "ready",
        }
        if plan.serves_mlflow:
            self._waiting["MLflow's UI"] = lambda: _answers(plan.mlflow_url + "/health")

    def turn(self) -> None:
        for name, is_ready in list(self._waiting.items()):
            if is_ready():
                del self._waiting[name]
                self._say(f"{name} is ready ({duration(time.monotonic() - self._begun)}).")


def _answers(url: str) -> bool:
    """Return whether an HTTP server responds there with status 200."""
    try:
        with urllib.request.urlopen(url, timeout=0.5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _greet(plan: _Plan, say: Callable[[str], None]) -> None:
    for sentence in plan.remarks:
        say(sentence)
    say(f"Dashboard  {plan.dashboard_url}")
    say(f"MLflow UI  {plan.mlflow.site.url}  (starting)" if plan.serves_mlflow else f"MLflow UI  {plan.mlflow_url}")
    for sentence in plan.site.remarks + (plan.mlflow.remarks if plan.serves_mlflow else ()):
        say(sentence)
    say(f"Worker     queue {queue_name(plan.home)}, {plan.choice.words}  (Keras is loading, about 10 s)")
    say(f"Home {plan.home.path}. Ctrl-C stops Fitboard.")
