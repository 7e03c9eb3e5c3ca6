"""Ask the inspector, the process that has imported Keras, to check a config or to augment a sample."""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from trainer.config.check import AugmentedSample, CheckReport
from trainer.home import Home

__all__ = ["augment", "check", "ensure_inspector"]

_CHUNK = 65_536


def check(config_fields: Mapping[str, Any], home: Home, timeout: float) -> CheckReport | None:
    """Return the report on a config's plain fields, or None if there is no response within `timeout` seconds."""
    answer = _asked({"config": config_fields}, home, timeout)
    return CheckReport.model_validate_json(answer) if answer else None


def augment(
    config_fields: Mapping[str, Any], home: Home, timeout: float, *, sample: int, count: int
) -> AugmentedSample | None:
    """Return a sample of a config's dataset with augmented variants, or None if there is no response in time.

    `sample` is which of the `count` samples that a preview shows, from 0.
    """
    question = {"config": config_fields, "augment": {"sample": sample, "count": count}}
    answer = _asked(question, home, timeout)
    return AugmentedSample.model_validate_json(answer) if answer else None


def _asked(question: Mapping[str, Any], home: Home, timeout: float) -> bytes:
    """Return the line that answers a question; empty if there is none within `timeout` seconds."""
    until = time.monotonic() + timeout
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(home.inspector_socket))
        connection.sendall(json.dumps(question).encode() + b"\n")
        return _read_line(connection, until)
    return b""


def ensure_inspector(home: Home) -> "subprocess.Popen[bytes] | None":
    """Start an inspector that ends with this process, unless this home has one or is starting one.

    It inherits the home's lock, so that two pages that ask at once start one. Returns the started process, or None.

    Raises:
        ResourceError: the home cannot be written.
    """
    home.make()
    # The descriptor is inherited by the inspector, so the lock is held until that process ends, however it ends.
    lock = os.open(home.inspector_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _start(home, lock)
    except BlockingIOError:
        return None
    finally:
        os.close(lock)


def _start(home: Home, lock: int) -> "subprocess.Popen[bytes]":
    program = [sys.executable, "-m", "trainer.engine.inspector", "--home", str(home.path)]
    with (home.path / "inspector.log").open("ab") as log:
        return subprocess.Popen(
            [*program, "--parent", str(os.getpid()), "--lock", str(lock)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
        )


def _read_line(connection: socket.socket, until: float) -> bytes:
    """Read up to the end of the line; empty if it does not arrive in time."""
    parts: list[bytes] = []
    while not (parts and parts[-1].endswith(b"\n")):
        connection.settimeout(max(0.001, until - time.monotonic()))
        part = connection.recv(_CHUNK)
        if not part:
            return b""
        parts.append(part)
    return b"".join(parts)
