"""Connect to a Ray cluster, or start one of this machine alone."""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from trainer.errors import ResourceError
from trainer.execution.executors.choice import ExecutorChoice
from trainer.home import Home

__all__ = ["connect", "namespace_of"]

# Ray prepares a third of the machine's memory for objects by default; the runs share none.
_OBJECT_BYTES = 100_000_000


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
            raise ResourceError(f"The Ray cluster {where} cannot be used: {error}") from error


@contextmanager
def _private_files() -> Iterator[None]:
    """Let only this user read the files that Ray writes, its token among them."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
