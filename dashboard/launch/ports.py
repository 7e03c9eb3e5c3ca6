"""Ports of this machine: the defaults, whether they are free, and which process uses one that is not."""

import contextlib
import socket
from typing import Final

from trainer.errors import ResourceError

__all__ = ["DASHBOARD_PORT", "HOST", "MLFLOW_PORT", "choose_port", "holder_of_port", "is_free"]

HOST: Final = "127.0.0.1"
DASHBOARD_PORT: Final = 8501
MLFLOW_PORT: Final = 5000
_TRIED = 50


def is_free(port: int, host: str = HOST) -> bool:
    """Return whether a server could listen on the port of the host."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: without it, connections that were just closed make a free port look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def holder_of_port(port: int) -> str | None:
    """Return the process that listens on the port, as `name (process 123)`, if this user may see it."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return None


def choose_port(
    wanted: int, what: str, taken: frozenset[int] = frozenset(), *, host: str = HOST
) -> tuple[int, str | None]:
    """Return the wanted port or the next free one, and a message if it is not the wanted one.

    Raises:
        ResourceError: none of the next fifty ports is free, or the number is not a valid port.
    """
    if not 1 <= wanted <= 65535:
        raise ResourceError(f"{wanted} is not a valid port for the {what}; expected a number from 1 to 65535.")
    for port in range(wanted, min(wanted + _TRIED, 65536)):
        if port not in taken and is_free(port, host):
            if port == wanted:
                return port, None
            holder = holder_of_port(wanted) if wanted not in taken else None
            by = f" by {holder}" if holder else ""
            return port, f"Port {wanted} is in use{by}; the {what} uses {port}."
    raise ResourceError(f"Ports {wanted} to {wanted + _TRIED - 1} are all in use; choose another port for the {what}.")
