"""Seconds an epoch over a table, by Keras's `fit` on a `FeatureSpace` in `tf.data` and by Fitboard, in turns.

python tests/benchmarks/bench_table_epoch.py [--rows 1000000] [--rounds 2] [--epochs 3] [--held 0]

The table has 12 numeric columns, 6 categories and 2 dates; the network is an MLP 64-64, its batches have 256 rows.
Keras does it as its guide "Structured data classification with FeatureSpace": the preprocessing is mapped over the
batches, which are prefetched. Each contestant runs in a process of its own, without validation. The first epoch, in
which Keras traces, is left out. `--held 0` has Fitboard stream the table as if it were larger than memory.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

NUMBERS, CATEGORIES, DATES, BATCH = 12, 6, 2, 256


def make_table(path: Path, rows: int) -> None:
    """Write a CSV file whose target depends on two columns."""
    import pandas as pd

    random = np.random.default_rng(0)
    columns: dict[str, Any] = {f"n{place}": random.normal(place, 2, rows).round(3) for place in range(NUMBERS)}
    for place in range(CATEGORIES):
        columns[f"c{place}"] = np.array([f"value {code}" for code in range(5 + place)])[
            random.integers(0, 5 + place, rows)
        ]
    for place in range(DATES):
        days = np.datetime64("2015-01-01") + random.integers(0, 3000, rows)
        columns[f"d{place}"] = np.datetime_as_string(days)
    score = columns["n0"] + (columns["c0"] == "value 1") * 3 + random.normal(0, 1, rows)
    columns["y"] = np.where(score > 1, "yes", "no")
    pd.DataFrame(columns).to_csv(path, index=False)


class Stopwatch:
    """Seconds of each epoch."""

    def __init__(self) -> None:
        self.epochs: list[float] = []
        self._began = time.perf_counter()

    def lap(self) -> None:
        now = time.perf_counter()
        self.epochs.append(now - self._began)
        self._began = now


def keras_guide(path: Path, epochs: int, watch: Stopwatch, held: int | None) -> None:
    """Train as the guide does; dates are read by pandas into days, since FeatureSpace has no type for them."""
    import keras
    import pandas as pd
    import tensorflow as tf
    from keras.utils import FeatureSpace

    frame = pd.read_csv(path, parse_dates=[f"d{place}" for place in range(DATES)])
    labels = (frame.pop("y") == "yes").astype("float32").to_numpy()
    for place in range(DATES):
        frame[f"d{place}"] = (frame[f"d{place}"] - pd.Timestamp("1970-01-01")) / pd.Timedelta("1D")
    data = tf.data.Dataset.from_tensor_slices(({name: frame[name].to_numpy() for name in frame}, labels))
    data = data.shuffle(buffer_size=len(labels)).batch(BATCH)
    features: dict[str, Any] = {f"n{place}": FeatureSpace.float_normalized() for place in range(NUMBERS)}
    features |= {f"d{place}": FeatureSpace.float_normalized() for place in range(DATES)}
    names = [f"c{place}" for place in range(CATEGORIES)]
    features |= {name: FeatureSpace.string_categorical(output_mode="one_hot") for name in names}
    space = FeatureSpace(features=features, output_mode="concat")
    # Fewer batches than the guide takes, since its own loop over a million rows takes minutes and is not measured.
    space.adapt(data.take(200).map(lambda x, _: x))
    prepared = data.map(lambda x, y: (space(x), y), num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    encoded = space.get_encoded_features()
    hidden = keras.layers.Dense(64, activation="relu")(encoded)
    hidden = keras.layers.Dense(64, activation="relu")(hidden)
    model = keras.Model(encoded, keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    laps = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: watch.lap())
    model.fit(prepared, epochs=epochs, verbose=0, callbacks=[laps])


def fitboard(path: Path, epochs: int, watch: Stopwatch, held: int | None) -> None:
    """Train on the same columns with `train`."""
    from tests.support.engine import Memory
    from trainer.config import parse_config
    from trainer.data import load
    from trainer.engine.train import train
    from trainer.home import Home

    class Laps(Memory):
        def epoch_ended(self, epoch: int, values: Mapping[str, float], seconds: float) -> None:
            watch.lap()

    hidden = {"layer": "Dense", "units": 64, "activation": "relu"}
    config = parse_config(
        {
            "dataset": {
                "name": "csv",
                "path": str(path),
                "target": "y",
                "validation_fraction": 0.0,
                "test_fraction": 0.0,
            },
            "layers": [hidden, hidden, {"layer": "Dense", "units": 1, "activation": "sigmoid"}],
            "loss": "BinaryCrossentropy",
            "optimizer": "adam",
            "metrics": ["accuracy"],
            "epochs": epochs,
            "batch_size": BATCH,
        }
    )
    train(config, load(config.dataset, home=Home(path.parent), held=held), Laps())


CONTESTANTS: Mapping[str, Callable[[Path, int, Stopwatch, int | None], None]] = {
    "keras": keras_guide,
    "fitboard": fitboard,
}


def measure(contestant: str, path: Path, epochs: int, held: int | None) -> tuple[list[float], float]:
    """Run one contestant in a new process; return its epochs except the first, and its peak memory in GB."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(Path(__file__).parents[2])}
    given = ["--only", contestant, "--data", str(path), "--epochs", str(epochs)]
    given += [] if held is None else ["--held", str(held)]
    done = subprocess.run(
        [sys.executable, __file__, *given], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    laps, peak = json.loads(done.stdout.splitlines()[-1])
    return laps[1:], peak


def main() -> None:
    """Compare both in turn, or run one contestant for `measure`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--held", type=int)
    parser.add_argument("--only", choices=CONTESTANTS)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.only:
        watch = Stopwatch()
        CONTESTANTS[given.only](given.data, given.epochs, watch, given.held)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(json.dumps([watch.epochs, peak]))  # noqa: T201
        return
    found: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    peaks = dict.fromkeys(CONTESTANTS, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        make_table(path, given.rows)
        for _ in range(given.rounds):
            for name, laps in found.items():
                more, peak = measure(name, path, given.epochs, given.held)
                laps += more
                peaks[name] = max(peaks[name], peak)
    medians = {name: statistics.median(laps) for name, laps in found.items()}
    for name, seconds in medians.items():
        print(f"{name:9} {seconds:7.2f} s an epoch, peak memory {peaks[name]:.2f} GB")  # noqa: T201
    ratio = medians["fitboard"] / medians["keras"]
    print(f"fitboard / keras: {ratio:.2f} (target 0.4)", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
