"""A store of runs that differ in several settings, of which some matter."""

import math
import random
import time
from pathlib import Path

from tests.support.store import SeedRun, add_runs, config_of, empty_store, fitboard_run, run_id_of
from trainer.home import Home
from trainer.tracking import Status

__all__ = ["SWEPT", "swept_home"]

SWEPT = 30
"""The number of runs."""


def swept_home(folder: Path, runs: int = SWEPT) -> tuple[Path, list[str]]:
    """Return a home whose store has this many finished runs, and their ids.

    The learning rate matters most for `val_accuracy`, units a little, and the seed not at all.
    """
    home = Home(folder).make()
    uri = home.tracking_uri(environment={})
    empty_store(uri, home.path / "artifacts")
    now = int(time.time() * 1000)
    add_runs(uri, home.path / "artifacts", [_run(place, now) for place in range(runs)])
    return home.path, [run_id_of(f"swept-{place}") for place in range(runs)]


def _run(place: int, now: int) -> SeedRun:
    chance = random.Random(place)
    rate, units = chance.choice([0.0001, 0.001, 0.01, 0.1]), chance.choice([16, 64, 128])
    end = 0.95 - 0.05 * (math.log10(rate) + 3) ** 2 + 0.0003 * units + chance.gauss(0, 0.005)
    curves = {
        "val_accuracy": [end - 0.5 / (epoch + 1) for epoch in range(5)],
        "val_loss": [2 - 1.8 * end + 1 / (epoch + 1) for epoch in range(5)],
    }
    config = config_of(name=None, units=units, rate=rate, seed=place % 5)
    return fitboard_run(
        f"swept-{place}", config, Status.FINISHED, start_time=now + place, end_time=now + place + 9_000,
        curves=curves, artifacts=None, name=f"trial {place}",
    )  # fmt: skip
