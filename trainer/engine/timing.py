"""Measure how long configs take to train on this machine, by a few steps each, in a process of its own.

The process reads `{"configs": [{…plain fields…}, …], "jobs": 1}` from its standard input, and adds what it measures
to a file in home, where pages and commands find it. A network is measured once: epochs and seeds change no step.
"""

import argparse
import contextlib
import fcntl
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.config import Config
from trainer.config.layers import downloads_weights
from trainer.data.files import write_whole
from trainer.data.stamp import data_stamp
from trainer.engine.report import Facts
from trainer.engine.signature import signature
from trainer.errors import FitboardError
from trainer.home import Home
from trainer.machine import available_memory
from trainer.tracking.tags import Progress

__all__ = ["TrialTime", "known_times", "main", "measure"]

_SECONDS = 1.0
"""Seconds of training after the first execution, which includes the tracing, that are measured of each config."""
_MOST_KEPT = 500
# What a run takes besides its training: a process, the record and the model. On the digits a whole run took 1.3 s, of
# which 0.7 s were the training's.
_BESIDES = 0.6
# The forward pass, of the three that a training step takes.
_EVALUATION = 1 / 3


@dataclass(frozen=True, kw_only=True)
class TrialTime:
    """Seconds until the first execution has ended, and of an epoch with its validation; both None if it failed."""

    start: float | None
    epoch: float | None

    def of(self, epochs: int) -> float | None:
        """Return the seconds of a run of this many epochs."""
        return None if self.start is None or self.epoch is None else self.start + epochs * self.epoch + _BESIDES


def known_times(home: Home, configs: Sequence[Config]) -> list[TrialTime | None]:
    """Return what has been measured of each config, None of those that have not been."""
    kept = _kept(home)
    return [_read(kept.get(_key(config, home))) for config in configs]


class _Stopwatch:
    """A reporter that measures a training, and ends it as soon as it knows enough."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._first: tuple[float, int] | None = None
        self._facts: Facts | None = None
        self._steps = 0
        self._epochs: list[float] = []
        self.start: float | None = None
        self.epoch: float | None = None

    def phase(self, text: str) -> None:
        """Ignore it."""

    def began(self, facts: Facts) -> None:
        """Keep the number of steps and samples."""
        self._facts = facts

    def progressed(self, progress: Progress) -> None:
        """Measure an execution."""
        now, steps = time.perf_counter(), progress.epoch * progress.steps + progress.step
        if self._first is None:
            self.start, self._first = now - self._began, (now, steps)
        elif not self._epochs:
            began, before = self._first
            self.epoch = (now - began) / max(1, steps - before) * progress.steps * self._share()

    def epoch_ended(self, epoch: int, values: Mapping[str, float], seconds: float) -> None:
        """Measure an epoch; the first one includes the tracing."""
        self._epochs.append(seconds)
        if len(self._epochs) > 1:
            self.epoch = min(self._epochs[1:])
        elif self.epoch is None:
            self.epoch = seconds

    def stop_requested(self) -> bool:
        """Return False, since a stopped training would be evaluated."""
        return False

    def leave_requested(self) -> bool:
        """Return whether enough has been measured."""
        return self._first is not None and (len(self._epochs) > 2 or time.perf_counter() - self._first[0] > _SECONDS)

    def _share(self) -> float:
        """Return how much longer an epoch takes with its validation."""
        samples = self._facts.samples if self._facts is not None else {}
        return 1 + _EVALUATION * samples.get("validation", 0) / max(1, samples.get("train", 1))


def measure(config: Config, home: Home, *, jobs: int = 1) -> TrialTime | None:
    """Train a config for about a second; None if that would download something, or takes more memory than is free."""
    from trainer.data import is_available, load
    from trainer.engine.inspect import inspect
    from trainer.engine.setup import prepare
    from trainer.engine.train import train

    if downloads_weights(config.layers) or not is_available(config.dataset, home=home):
        return None
    # First, since the check may have TensorFlow compute, and then the threads are fixed.
    prepare(config, runs_at_once=jobs)
    if inspect(config, home=home, memory_limit=available_memory()).refusal is not None:
        return None
    watch = _Stopwatch()
    # Ended by the stopwatch, which raises PutBackError; a failure of the training tells no time either.
    with contextlib.suppress(FitboardError):
        longer = config.model_copy(update={"epochs": max(3, config.epochs), "callbacks": (), "weights": None})
        train(longer, load(config.dataset, home=home), watch, runs_at_once=jobs)
    return TrialTime(start=watch.start, epoch=watch.epoch)


def _measure_all(home: Home, configs: Sequence[Config], jobs: int) -> None:
    for config in configs:
        if known_times(home, [config])[0] is None and (found := measure(config, home, jobs=jobs)) is not None:
            _keep(home, config, found)


def _key(config: Config, home: Home) -> str:
    return f"{signature(config)[:32]} {' '.join(map(str, data_stamp(config.dataset, home=home)))}".strip()


def _kept(home: Home) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(home.timings.read_bytes())
        return found if isinstance(found, dict) else {}
    return {}


def _read(found: Any) -> TrialTime | None:
    with contextlib.suppress(TypeError, ValueError):
        start, epoch = (None if each is None else float(each) for each in found)
        return TrialTime(start=start, epoch=epoch)
    return None


def _keep(home: Home, config: Config, found: TrialTime) -> None:
    kept = {**_kept(home), _key(config, home): [found.start, found.epoch]}
    text = json.dumps(dict(list(kept.items())[-_MOST_KEPT:]))
    write_whole(home.timings, lambda stream: stream.write(text.encode()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the configs on standard input, one process of a home after the other: two would slow each other down."""
    parser = argparse.ArgumentParser(prog="python -m trainer.engine.timing")
    parser.add_argument("--home", type=Path, required=True)
    home = Home.resolve(parser.parse_args(arguments).home).make()
    with home.timing_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        asked = json.loads(sys.stdin.read())
        _measure_all(home, [Config.model_validate(each) for each in asked["configs"]], int(asked["jobs"]))


if __name__ == "__main__":
    main()
