"""The check of a network of 20 layers by the inspector's process, Keras warm. Target: at most 100 ms.

python -m tests.benchmarks.bench_check [ROUNDS]

Every round changes one layer, as an edit in Build does, and some layers are of other kinds than a Dense. The seconds of
the processor are printed too, since a shared machine may give the process less than all of it.
"""

import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from trainer.config import Config, parse_config
from trainer.engine.inspect import inspect
from trainer.home import Home
from trainer.machine import total_memory

_TARGET = 0.1


def network(units: int) -> Config:
    """Return 20 layers on images, one of them with a number of units that varies."""
    block: list[Any] = [
        {"layer": "Conv2D", "filters": 16, "kernel_size": 3, "padding": "same"},
        "BatchNormalization",
        {"layer": "Activation", "activation": "relu"},
        {"layer": "Dropout", "rate": 0.1},
    ]
    shape = {"layer": "Reshape", "target_shape": [8, 8, 1]}
    layers = [shape, *block, *block, "MaxPooling2D", *block, *block[:3], "Flatten"]
    layers += [{"layer": "Dense", "units": units, "activation": "relu"}, {"layer": "Dense", "units": 10}]
    loss = {"name": "SparseCategoricalCrossentropy", "from_logits": True}
    return parse_config({"dataset": "digits", "layers": layers, "loss": loss, "optimizer": "adam"})


def main(rounds: int) -> None:
    """Check one network after another."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))

        def once(units: int) -> tuple[float, float]:
            config = network(units)
            began, used = time.perf_counter(), time.process_time()
            report = inspect(config, home=home, memory_limit=total_memory())
            taken = time.perf_counter() - began, time.process_time() - used
            assert report.ok, report.problems
            assert len(report.layers) == 20
            return taken

        once(8)
        # As the inspector does after its imports.
        gc.collect()
        gc.freeze()
        times = [once(units) for units in range(16, 16 + rounds)]
    walls, processors = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{walls * 1000:.0f} ms, {processors * 1000:.0f} ms of the processor (target {_TARGET * 1000:.0f} ms)")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
