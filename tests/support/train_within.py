"""A program of a test: train on a file within the memory that the check estimates, and print the results as JSON.

`python -m tests.support.train_within FILE HOME [ESTIMATE]`: the process may allocate as much beyond what it has
after a first small training, which loads TensorFlow's libraries.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.engine import Memory, config_on
from trainer.config import Config
from trainer.data import load
from trainer.data.npz_file import held_limit
from trainer.data.prepared import Stream
from trainer.engine.inspect import inspect
from trainer.engine.train import train
from trainer.home import Home


def _config(path: Path) -> Config:
    if path.suffix == ".csv":
        layers: list[Any] = [{"layer": "Dense", "units": 2}]
        return config_on({"name": "csv", "path": str(path), "target": "y"}, layers=layers, epochs=1, batch_size=256)
    layers = [{"layer": "MaxPooling2D", "pool_size": 8}, "Flatten", {"layer": "Dense", "units": 10}]
    return config_on({"name": "npz", "path": str(path)}, layers=layers, epochs=1)


def _allocated() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmData")).split()[1])


def main(path: Path, home: Home, estimate: int | None = None) -> None:
    """Train once on small data without a limit, then on the file with it; `estimate` is what the check found before."""
    small = home.path / f"small{path.suffix}"
    if path.suffix == ".csv":
        small.write_text("x,y\n" + "1.5,a\n2.5,b\n" * 32)
    else:
        np.savez(small, x=np.zeros((64, 64, 64, 3), np.uint8), y=np.arange(64) % 10)
    first = _config(small)
    train(first, load(first.dataset, home=home), Memory())
    config = _config(path)
    if estimate is None:
        # Under the limit of the training, so that the same share of it is held in memory.
        room = 250_000_000 if path.suffix == ".csv" else 150_000_000
        resource.setrlimit(resource.RLIMIT_DATA, (_allocated() + room, resource.RLIM_INFINITY))
        estimate = inspect(config, home=home, memory_limit=2**60).memory_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (_allocated() + estimate, resource.RLIM_INFINITY))
    splits = load(config.dataset, home=home, held=held_limit(estimate))
    memory = Memory()
    outcome, _ = train(config, splits, memory)
    found = {
        "streamed": isinstance(splits.train.x, Stream),
        "weights": outcome.weights_sha256,
        "epochs": memory.epochs,
        "metrics": dict(outcome.evaluation.metrics),
        "estimate": estimate,
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Home(Path(sys.argv[2])), *map(int, sys.argv[3:]))
