"""Ask for how long configs take to train, which a process of its own measures."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence

from trainer.config import Config
from trainer.engine.signature import signature
from trainer.engine.timing import known_times
from trainer.home import Home

__all__ = ["MOST_MEASURED", "await_seconds", "seconds_of", "start_measuring", "to_measure"]

MOST_MEASURED = 4
"""The number of networks of a space that are measured."""
_LOOK_SECONDS = 0.1


def to_measure(configs: Sequence[Config]) -> list[Config]:
    """Return the first configs whose networks differ."""
    return list({signature(config): config for config in reversed(configs)}.values())[::-1][:MOST_MEASURED]


def seconds_of(home: Home, configs: Sequence[Config]) -> list[float] | None:
    """Return the seconds of a training of each config that could be measured; None while one has not been."""
    times = known_times(home, configs)
    if None in times:
        return None
    found = (each.of(config.epochs) for config, each in zip(configs, times, strict=True) if each is not None)
    return [seconds for seconds in found if seconds is not None]


def start_measuring(home: Home, configs: Sequence[Config], *, jobs: int) -> "subprocess.Popen[bytes]":
    """Start a process that measures the configs; it ends by itself.

    Raises:
        ResourceError: the home cannot be written.
    """
    home.make()
    asked = json.dumps({"configs": [config.model_dump(mode="json") for config in configs], "jobs": jobs}).encode()
    with (home.path / "timing.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "trainer.engine.timing", "--home", str(home.path)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    if process.stdin is not None:
        process.stdin.write(asked)
        process.stdin.close()
    return process


def await_seconds(home: Home, configs: Sequence[Config], *, jobs: int, timeout: float) -> list[float] | None:
    """Return the seconds of a training of each config, measured now if need be; None if that fails or takes long."""
    found = seconds_of(home, configs)
    if found is not None:
        return found
    process, until = start_measuring(home, configs, jobs=jobs), time.monotonic() + timeout
    try:
        while process.poll() is None and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
    return seconds_of(home, configs)
