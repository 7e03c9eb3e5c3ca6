"""Seconds per epoch of the quickstart's network on 60,000 × 28 × 28 bytes: plain Keras, Fitboard, and the bound.

python tests/benchmarks/bench_epoch.py [--rounds 3] [--epochs 4]

Each contestant runs in a process of its own, in turns, without validation. The first epoch of each process, in which
Keras traces, is left out. `cpu` is the processor time of an epoch, which tells more where the machine is shared.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

SAMPLES, SIDE, UNITS, CLASSES, BATCH = 60_000, 28, 128, 10, 32


def make_data(path: Path) -> None:
    """Digits that can be learned: a bright spot for each class on noise."""
    random = np.random.default_rng(0)
    x = random.integers(0, 100, (SAMPLES, SIDE, SIDE), dtype=np.uint8)
    y = random.integers(0, CLASSES, SAMPLES)
    x[np.arange(SAMPLES), 2 * y + 4, 2 * y + 4] = 255
    np.savez(path, x_train=x, y_train=y, x_test=x[:100], y_test=y[:100])


class Stopwatch:
    """Wall and processor seconds of each epoch."""

    def __init__(self) -> None:
        self.epochs: list[tuple[float, float]] = []
        self.start()

    def start(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def lap(self) -> None:
        now = time.perf_counter(), time.process_time()
        self.epochs.append((now[0] - self._began[0], now[1] - self._began[1]))
        self.start()


def plain(path: Path, epochs: int, watch: Stopwatch) -> None:
    """The TensorFlow quickstart as people write it."""
    import keras

    with np.load(path) as data:
        x, y = data["x_train"] / np.float32(255), data["y_train"]
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE)),
            keras.layers.Flatten(),
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(CLASSES),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    laps = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: watch.start(), on_epoch_end=lambda epoch, logs: watch.lap()
    )
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[laps])


def fitboard(path: Path, epochs: int, watch: Stopwatch) -> None:
    """The same by `train`, with a reporter that writes everything it hears as JSON."""
    from trainer.config import parse_config
    from trainer.data import load
    from trainer.engine.report import Facts
    from trainer.engine.train import train
    from trainer.home import Home
    from trainer.tracking.tags import Progress

    class Writer:
        def __init__(self) -> None:
            self._file = (path.parent / "events.jsonl").open("w")

        def phase(self, text: str) -> None:
            self._write(phase=text)

        def began(self, facts: Facts) -> None:
            self._write(steps_per_execution=facts.steps_per_execution)

        def progressed(self, progress: Progress) -> None:
            self._file.write(progress.dumps() + "\n")

        def epoch_ended(self, epoch: int, values: Mapping[str, float], seconds: float) -> None:
            self._write(epoch=epoch, **values)
            watch.lap()

        def stop_requested(self) -> bool:
            return False

        def leave_requested(self) -> bool:
            return False

        def _write(self, **fields: Any) -> None:
            self._file.write(json.dumps(fields) + "\n")
            self._file.flush()

    layers = ["Flatten", {"layer": "Dense", "units": UNITS, "activation": "relu"}]
    config = parse_config(
        {
            "dataset": {"name": "npz", "path": str(path), "validation_fraction": 0.0},
            "layers": [*layers, {"layer": "Dropout", "rate": 0.2}, {"layer": "Dense", "units": CLASSES}],
            "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
            "optimizer": "adam",
            "metrics": ["accuracy"],
            "epochs": epochs,
            "batch_size": BATCH,
        }
    )
    train(config, load(config.dataset, home=Home(path.parent)), Writer())


def bound(path: Path, epochs: int, watch: Stopwatch) -> None:
    """The same arithmetic by hand: NumPy on one thread, everything in place."""
    with np.load(path) as data:
        x, y = (data["x_train"] / np.float32(255)).reshape(SAMPLES, -1), data["y_train"]
    random = np.random.default_rng(0)
    sizes = [(SIDE * SIDE, UNITS), (UNITS,), (UNITS, CLASSES), (CLASSES,)]
    weights = [random.normal(0, 0.05, size).astype(np.float32) for size in sizes]
    states = [(np.zeros_like(w), np.zeros_like(w), np.empty_like(w), np.empty_like(w)) for w in weights]
    step = 0
    for _ in range(epochs):
        watch.start()
        order = random.permutation(SAMPLES)
        for begin in range(0, SAMPLES, BATCH):
            indices = order[begin : begin + BATCH]
            gradients = _gradients(weights, x[indices], y[indices], random)
            step += 1
            for weight, gradient, state in zip(weights, gradients, states, strict=True):
                _adam(weight, gradient, state, step)
        watch.lap()


def _gradients(weights: list[Any], x: Any, y: Any, random: np.random.Generator) -> list[Any]:
    kernel_1, bias_1, kernel_2, bias_2 = weights
    hidden = x @ kernel_1
    hidden += bias_1
    mask = (hidden > 0) * (random.random(hidden.shape, dtype=np.float32) >= 0.2) * np.float32(1.25)
    hidden *= mask
    scores = hidden @ kernel_2 + bias_2
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    scores[np.arange(len(y)), y] -= 1
    scores /= len(y)
    back = (scores @ kernel_2.T) * mask
    return [x.T @ back, back.sum(axis=0), hidden.T @ scores, scores.sum(axis=0)]


def _adam(weight: Any, gradient: Any, state: tuple[Any, ...], step: int) -> None:
    mean, square, spare, other = state
    rate = np.float32(0.001 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step))
    np.subtract(gradient, mean, out=spare)
    spare *= np.float32(0.1)
    mean += spare
    np.multiply(gradient, gradient, out=spare)
    spare -= square
    spare *= np.float32(0.001)
    square += spare
    np.sqrt(square, out=spare)
    spare += np.float32(1e-7)
    np.multiply(mean, rate, out=other)
    other /= spare
    weight -= other


CONTESTANTS: Mapping[str, Callable[[Path, int, Stopwatch], None]] = {
    "plain": plain,
    "fitboard": fitboard,
    "bound": bound,
}


def measure(name: str, path: Path, epochs: int) -> list[tuple[float, float]]:
    """One contestant in a fresh process; its epochs but the first."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(Path(__file__).parents[2])}
    if name == "bound":
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    program = [sys.executable, __file__, "--only", name, "--data", str(path), "--epochs", str(epochs)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])[1:]


def main() -> None:
    """Prints the medians and their ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--only", choices=CONTESTANTS)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.only:
        watch = Stopwatch()
        CONTESTANTS[given.only](given.data, given.epochs, watch)
        print(json.dumps(watch.epochs))  # noqa: T201
        return
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTESTANTS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        make_data(path)
        for _ in range(given.rounds):
            for name, epochs in found.items():
                epochs += measure(name, path, given.epochs)
    medians = {name: [statistics.median(column) for column in zip(*laps, strict=True)] for name, laps in found.items()}
    for name, (wall, cpu) in medians.items():
        ratio = f"{wall / medians['plain'][0]:.2f} of plain (cpu {cpu / medians['plain'][1]:.2f})"
        print(f"{name:9} {wall:6.2f} s an epoch, cpu {cpu:6.2f} s, {ratio}")  # noqa: T201
    print(f"fitboard / plain: {medians['fitboard'][0] / medians['plain'][0]:.2f} (target 0.40, stretch 0.30)")  # noqa: T201
    print(f"fitboard / bound: {medians['fitboard'][0] / medians['bound'][0]:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
