"""Seconds an epoch of networks of four families, each by plain `fit` with default threads and by Fitboard, in turns.

python tests/benchmarks/bench_epoch.py [--rounds 3] [--epochs 4] [--networks quickstart,cnn | --sizes conv,recurrent]

`--sizes` takes the three sizes of each family (dense, conv, recurrent, tabular), and `all` takes every family.

Every contestant runs in a process of its own, without validation. The first epoch of a process, in which Keras traces,
is left out. `cpu` is the processor time of an epoch, which says more where the machine is shared. `bound`, for the
quickstart's network alone, is the same arithmetic by hand: NumPy on one thread, everything in place.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

BATCH, CLASSES = 32, 10


class Network(NamedTuple):
    """A network with its data, and the most that Fitboard's epoch may take of plain Keras's."""

    samples: int
    shape: tuple[int, ...]
    layers: Sequence[Any]
    target: float


def _dense(units: int, activation: str | None = "relu") -> dict[str, Any]:
    return {"layer": "Dense", "units": units, "activation": activation}


def _conv(filters: int) -> dict[str, Any]:
    return {"layer": "Conv2D", "filters": filters, "kernel_size": 3, "activation": "relu"}


_LAST = _dense(CLASSES, None)
_POOL = "MaxPooling2D"

NETWORKS: Mapping[str, Network] = {
    "quickstart": Network(
        60_000, (28, 28), ["Flatten", _dense(128), {"layer": "Dropout", "rate": 0.2}, _LAST], target=0.28
    ),
    "cnn": Network(6_000, (28, 28, 1), [_conv(32), _POOL, _conv(64), _POOL, "Flatten", _LAST], target=0.85),
    "lstm": Network(6_000, (28, 28), [{"layer": "LSTM", "units": 64}, _LAST], target=0.9),
    "mlp": Network(6_000, (784,), [_dense(1024), _dense(1024), _dense(1024), _LAST], target=0.95),
    "tabular": Network(60_000, (12,), [_dense(64), _dense(64), _LAST], target=0.25),
    "small-cnn": Network(20_000, (8, 8, 1), [_conv(8), "Flatten", _LAST], target=1.0),
    "large-cnn": Network(640, (32, 32, 3), [_conv(64), _conv(64), _POOL, _conv(128), "Flatten", _LAST], target=1.0),
    "small-lstm": Network(6_000, (28, 28), [{"layer": "LSTM", "units": 16}, _LAST], target=1.0),
    "large-lstm": Network(1_280, (28, 28), [{"layer": "LSTM", "units": 256}, _LAST], target=1.0),
    "middle-mlp": Network(20_000, (784,), [_dense(512), _dense(512), _LAST], target=1.0),
    "small-tabular": Network(20_000, (10,), [_dense(16), _LAST], target=1.0),
    "large-tabular": Network(60_000, (30,), [_dense(256), _dense(256), _LAST], target=1.0),
}

FAMILIES: Mapping[str, Sequence[str]] = {
    "dense": ("quickstart", "middle-mlp", "mlp"),
    "conv": ("small-cnn", "cnn", "large-cnn"),
    "recurrent": ("small-lstm", "lstm", "large-lstm"),
    "tabular": ("small-tabular", "tabular", "large-tabular"),
}
"""Three sizes of each, from small to large."""


def make_data(path: Path, network: Network) -> None:
    """Random numbers, with a feature for each class that tells it."""
    random = np.random.default_rng(0)
    x = random.random((network.samples, int(np.prod(network.shape))), dtype=np.float32)
    y = random.integers(0, CLASSES, network.samples)
    x[np.arange(network.samples), y] += 1
    x = x.reshape(network.samples, *network.shape)
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


def _config(path: Path, epochs: int, network: Network) -> Any:
    from trainer.config import parse_config

    return parse_config(
        {
            "dataset": {"name": "npz", "path": str(path), "validation_fraction": 0.0, "scale": "none"},
            "layers": network.layers,
            "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
            "optimizer": "adam",
            "metrics": ["accuracy"],
            "epochs": epochs,
            "batch_size": BATCH,
        }
    )


def plain(path: Path, epochs: int, watch: Stopwatch, network: Network) -> None:
    """Train the same layers with `fit` on the arrays, and nothing else."""
    import keras

    from trainer.engine.build import Names, build_layer

    with np.load(path) as data:
        x, y = data["x_train"], data["y_train"]
    keras.utils.set_random_seed(0)
    names, layers = Names(), _config(path, epochs, network).layers
    model = keras.Sequential([keras.Input(network.shape), *(build_layer(layer, names) for layer in layers)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    laps = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: watch.start(), on_epoch_end=lambda epoch, logs: watch.lap()
    )
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[laps])


def fitboard(path: Path, epochs: int, watch: Stopwatch, network: Network) -> None:
    """Train them with `train` and a reporter that writes everything as JSON."""
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

    config = _config(path, epochs, network)
    train(config, load(config.dataset, home=Home(path.parent)), Writer())


def bound(path: Path, epochs: int, watch: Stopwatch, network: Network) -> None:
    """The quickstart's network by hand."""
    with np.load(path) as data:
        x, y = data["x_train"].reshape(network.samples, -1), data["y_train"]
    random = np.random.default_rng(0)
    sizes = [(x.shape[1], 128), (128,), (128, CLASSES), (CLASSES,)]
    weights = [random.normal(0, 0.05, size).astype(np.float32) for size in sizes]
    states = [(np.zeros_like(w), np.zeros_like(w), np.empty_like(w), np.empty_like(w)) for w in weights]
    step = 0
    for _ in range(epochs):
        watch.start()
        order = random.permutation(network.samples)
        for begin in range(0, network.samples, BATCH):
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


CONTESTANTS: Mapping[str, Callable[[Path, int, Stopwatch, Network], None]] = {
    "plain": plain,
    "fitboard": fitboard,
    "bound": bound,
}


def measure(contestant: str, network: str, path: Path, epochs: int) -> list[tuple[float, float]]:
    """Run one contestant in a new process; return its epochs except the first."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(Path(__file__).parents[2])}
    if contestant == "bound":
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    given = ["--only", contestant, "--networks", network, "--data", str(path), "--epochs", str(epochs)]
    done = subprocess.run(
        [sys.executable, __file__, *given], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    laps: list[tuple[float, float]] = json.loads(done.stdout.splitlines()[-1])
    return laps[1:]


def compare(name: str, *, rounds: int, epochs: int) -> None:
    """Print one network's medians and their ratios."""
    contestants = [each for each in CONTESTANTS if each != "bound" or name == "quickstart"]
    found: dict[str, list[tuple[float, float]]] = {each: [] for each in contestants}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        make_data(path, NETWORKS[name])
        for _ in range(rounds):
            for each, laps in found.items():
                laps += measure(each, name, path, epochs)
    medians = {each: [statistics.median(column) for column in zip(*laps, strict=True)] for each, laps in found.items()}
    wall, cpu = medians["plain"]
    for each, (own_wall, own_cpu) in medians.items():
        ratio = f"{own_wall / wall:.2f} of plain (cpu {own_cpu / cpu:.2f})"
        print(f"{name:13} {each:9} {own_wall:6.2f} s an epoch, cpu {own_cpu:6.2f} s, {ratio}")  # noqa: T201
    ratio = medians["fitboard"][0] / wall
    print(f"{name:13} fitboard / plain: {ratio:.2f} (target {NETWORKS[name].target})", flush=True)  # noqa: T201


def _of_families(names: str) -> list[str]:
    families = list(FAMILIES) if names == "all" else names.split(",")
    if unknown := [name for name in families if name not in FAMILIES]:
        sys.exit(f"--sizes: unknown family {unknown[0]!r}; expected {', '.join(FAMILIES)}, or all.")
    return [network for family in families for network in FAMILIES[family]]


def main() -> None:
    """Compare the networks in turn, or run one contestant for `measure`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--networks", default=",".join(NETWORKS))
    chosen.add_argument("--sizes", metavar="FAMILIES", help=f"{', '.join(FAMILIES)}, or all")
    parser.add_argument("--only", choices=CONTESTANTS)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.only:
        watch = Stopwatch()
        CONTESTANTS[given.only](given.data, given.epochs, watch, NETWORKS[given.networks])
        print(json.dumps(watch.epochs))  # noqa: T201
        return
    for name in _of_families(given.sizes) if given.sizes else given.networks.split(","):
        compare(name, rounds=given.rounds, epochs=given.epochs)


if __name__ == "__main__":
    main()
