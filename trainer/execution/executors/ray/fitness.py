"""Whether a node of a cluster can train the runs of a worker: what the node is asked, and what its answers mean.

Ray is not needed for any of it.
"""

import contextlib
import platform
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from trainer.config import FileDataset, FileWeights
from trainer.data.sources.file import find_file
from trainer.errors import ConfigError, DataError
from trainer.home import Home
from trainer.tracking.errors import database_url
from trainer.tracking.read.config import parse_recorded
from trainer.tracking.write.database import sqlite_file

__all__ = ["Answer", "Question", "Wanted", "missing_file", "names_files", "refusal_of", "versions"]

_SAME = ("tensorflow", "keras", "numpy", "mlflow")
_CONNECT_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a node is asked: to read a token from a file in the home, and to connect to the store at `(host, port)`."""

    mark: Path
    token: str
    store: tuple[str, int] | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A node's answer. `unreachable` is why it cannot connect to the store, empty if it can."""

    versions: Mapping[str, str]
    sees_home: bool
    unreachable: str

    @classmethod
    def to(cls, question: Question) -> "Answer":
        """Answer on the node itself."""
        sees_home = False
        with contextlib.suppress(OSError):
            sees_home = question.mark.read_text() == question.token
        return cls(versions=versions(), sees_home=sees_home, unreachable=_why_unreachable(question.store))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the worker needs of a node: its own versions, its home, and a way to its store."""

    home: Path
    host: str
    tracking_uri: str
    versions: Mapping[str, str]

    @property
    def store(self) -> tuple[str, int] | None:
        """Where the store listens; None for a file."""
        url = database_url(self.tracking_uri)
        port = url.port or _PORTS.get(url.get_backend_name())
        return None if not url.host or port is None else (url.host, port)

    def question(self, mark: Path, token: str) -> Question:
        """Return the question for every node; the worker has written the token into the file."""
        return Question(mark=mark, token=token, store=self.store)


def versions() -> dict[str, str]:
    """Return the versions here that a run's numbers depend on, Python's included."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in _SAME:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def refusal_of(name: str, host: str, answer: Answer, wanted: Wanted) -> str:
    """Return why runs cannot be placed on a node, in a sentence; empty if they can. `host` is the node's host name."""
    for package, needed in wanted.versions.items():
        if answer.versions.get(package) != needed:
            has = f"{package} {answer.versions[package]}" if package in answer.versions else f"no {package}"
            return f"Node {name} has {has}, this worker {needed}; install the same version there."
    if not answer.sees_home:
        return (
            f"Node {name} does not see the home {wanted.home}; share that folder, with the same path and user, because "
            "checkpoints and logs are kept there."
        )
    is_file = sqlite_file(wanted.tracking_uri) is not None
    if host != wanted.host and is_file:
        return (
            f"Node {name} cannot reach the store, which is a file of this machine; use PostgreSQL or an MLflow server."
        )
    where = "" if wanted.store is None else f"{wanted.store[0]}:{wanted.store[1]}"
    if host != wanted.host and wanted.store is not None and wanted.store[0] in _LOOPBACK:
        return f"Node {name} cannot reach the store at {where}, an address of this machine alone; use its host name."
    if answer.unreachable:
        return f"Node {name} cannot reach the store at {where} ({answer.unreachable}); check its network and firewall."
    return ""


def names_files(config: str) -> bool:
    """Return whether a config, canonical JSON, names a file that a node may lack."""
    return any(_files(config))


def missing_file(config: str, home: Home) -> str | None:
    """Return the first file that a config names and this machine does not have; None if it has all."""
    # A path that is not valid anywhere is for the run to report.
    with contextlib.suppress(DataError):
        found = (find_file(path, home) for path in _files(config))
        return next((str(file.absolute()) for file in found if not file.exists()), None)
    return None


def _files(config: str) -> Iterator[str]:
    with contextlib.suppress(ConfigError):
        parsed = parse_recorded(config)
        for part in (parsed.dataset, parsed.weights):
            if isinstance(part, FileDataset | FileWeights):
                yield str(part.path)


def _why_unreachable(store: tuple[str, int] | None) -> str:
    if store is None:
        return ""
    try:
        socket.create_connection(store, timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
