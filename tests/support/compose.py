"""`compose.yaml` without containers: its services as processes of this machine, with the values of its variables."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.server import free_port

__all__ = ["COMPOSE", "Team", "services"]

COMPOSE = Path(__file__).resolve().parents[2] / "compose.yaml"
_VARIABLE = re.compile(r"\$\{(\w+):\?[^}]*\}")
_PROGRAMS = {"fitboard": "dashboard.cli", "mlflow": "mlflow"}


def services() -> dict[str, dict[str, Any]]:
    """Return the services by name, with YAML's merge keys resolved."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


@dataclass
class Team:
    """The services of the file that run Fitboard's image.

    Args:
        folder: stands for the volume of homes and for the containers' output.
        places: text in the file → what stands for it here, such as the address of PostgreSQL.
        variables: the values of `.env`.
    """

    folder: Path
    places: Mapping[str, str]
    variables: Mapping[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables of a service."""
        return {key: self._here(str(value)) for key, value in services()[name]["environment"].items()}

    def command(self, name: str) -> list[str]:
        """Return the command of a service, on the loopback address and a free port."""
        program, *words = (self._here(word) for word in services()[name]["command"])
        if "--port" in words:
            self.ports[name] = free_port()
            words[words.index("--port") + 1] = str(self.ports[name])
        if "--host" in words:
            words[words.index("--host") + 1] = "127.0.0.1"
        return [sys.executable, "-m", _PROGRAMS[program], *words]

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        """Start a service; `stop` ends it with all of its processes."""
        environment = {**os.environ, **self.environment(name)}
        with self.output(name).open("ab") as output:
            self.running[name] = subprocess.Popen(
                self.command(name), stdout=output, stderr=output, env=environment, start_new_session=True
            )
        return self.running[name]

    def output(self, name: str) -> Path:
        """Return the file with everything that the service has printed."""
        return self.folder / f"{name}.log"

    def url(self, name: str, path: str) -> str:
        """Return an address of a service that listens on a port."""
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def stop(self) -> None:
        """End all services, and what they have left."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _here(self, text: str) -> str:
        text = _VARIABLE.sub(lambda found: self.variables[found[1]], text)
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text
