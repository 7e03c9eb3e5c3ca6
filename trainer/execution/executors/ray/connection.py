"""Connect to a Ray cluster, or start one of this machine alone."""

import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trainer.errors import ResourceError
from trainer.execution.executors.choice import ExecutorChoice
from trainer.home import Home

__all__ = ["Pulse", "connect", "namespace_of"]

_log = logging.getLogger("fitboard.worker")

# Ray prepares a third of the machine's memory for objects by default; the runs share none.
_OBJECT_BYTES = 100_000_000
# Ray ends a process whose cluster is gone after 60 s, and its own calls hang until then.
_GONE_SECONDS = 40.0
_ANSWER_SECONDS = 1.0
_AUTH_ADVICE = (
    "If its head was started with RAY_AUTH_MODE=token, set that variable and the same RAY_AUTH_TOKEN for the worker."
)
_RETRY_SECONDS = 1.0


def namespace_of(home: Home) -> str:
    """Return the namespace of a home's actors, so that several homes can use one cluster."""
    return f"fitboard-{socket.gethostname()}-{home.id}"


def connect(choice: ExecutorChoice, namespace: str) -> None:
    """Connect this process to the cluster that is chosen. Ray then handles SIGTERM, so handle it again afterwards.

    Raises:
        ResourceError: there is no such cluster, or its Ray or Python is another.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if choice.stays_here:
        # Ray then takes 127.0.0.1 for this machine's address and listens there alone; read when it is imported
        # (Ray 2.60).
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    if not choice.address and "ray" in sys.modules:
        raise AssertionError("Ray was imported too early to stay on the loopback interface.")
    import ray

    how = (
        {"address": choice.address}
        if choice.address
        # Never without an address: Ray would attach to what is left of another cluster.
        else {"address": "local", "include_dashboard": False, "object_store_memory": _OBJECT_BYTES}
    )
    with _private_files():
        try:
            ray.init(**how, namespace=namespace, log_to_driver=False, logging_level=logging.ERROR)
        # Ray raises RuntimeError for a cluster of another version, ConnectionError for one that is not there.
        except (RuntimeError, ConnectionError, ValueError) as error:
            where = f"at {choice.address}" if choice.address else "of this machine"
            # Ray says in its log only that a token is missing or wrong.
            advice = f" {_AUTH_ADVICE}" if choice.address else ""
            raise ResourceError(f"The Ray cluster {where} cannot be used: {_sentence(error)}{advice}") from error


def _sentence(error: Exception) -> str:
    told = str(error).strip()
    return told if told.endswith((".", "!", "?")) else f"{told}."


@contextmanager
def _private_files() -> Iterator[None]:
    """Let only this user read the files that Ray writes, its token among them."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


class Pulse:
    """Notices that the head of the cluster is gone, by an open connection that ends with it.

    Args:
        address: `host:port` of the head.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, address: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._address, self._clock = address, clock
        self._line: socket.socket | None = None
        self._gone_since: float | None = None
        self._tried = float("-inf")

    def beats(self) -> bool:
        """Return whether the head responds; takes microseconds while it does.

        Raises:
            ResourceError: it has been gone for so long that the worker must connect anew.
        """
        if self._line is not None and _is_open(self._line):
            return True
        now = self._clock()
        if now - self._tried >= _RETRY_SECONDS:
            self._tried = now
            if self._connects():
                self._say_back()
                return True
        if self._gone_since is None:
            self._gone_since = now
            _log.warning("The Ray cluster at %s does not respond; no runs start until it does.", self._address)
        if now - self._gone_since > _GONE_SECONDS:
            raise ResourceError(
                f"The Ray cluster at {self._address} has not responded for {_GONE_SECONDS:.0f} seconds. Its runs "
                "resume from their checkpoints once a worker is connected to a cluster again."
            )
        return False

    def close(self) -> None:
        """Close the connection; the next look opens it again."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _connects(self) -> bool:
        self.close()
        host, _, port = self._address.rpartition(":")
        try:
            self._line = socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS)
        except OSError:
            return False
        self._line.setblocking(False)
        return True

    def _say_back(self) -> None:
        if self._gone_since is not None:
            _log.info("The Ray cluster at %s responds again.", self._address)
        self._gone_since = None


def _is_open(line: socket.socket) -> bool:
    try:
        # What it says is of no interest.
        while line.recv(4096):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
