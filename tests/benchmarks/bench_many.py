"""20 runs on `digits`, 5 epochs each: queued at once for a worker with two places, and in KerasTuner's RandomSearch.

python -m tests.benchmarks.bench_many [RUNS]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.worker import running_worker, wait_for
from trainer.config import Config, find_recipe, with_overrides
from trainer.execution import enqueue, queue_name
from trainer.home import Home
from trainer.tracking import RunQuery, Status, Store, open_store

RUNS = 20
_PATIENCE = 600
_LOOK_SECONDS = 0.1
"""Looking more often takes a good part of a core from the runs."""

TUNER = """
import keras, keras_tuner
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8) / 16
x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
def build(choices):
    model = keras.Sequential([
        keras.layers.Input((8, 8)), keras.layers.Flatten(),
        keras.layers.Dense(choices.Int("units", 32, 128, step=8), activation="relu"),
        keras.layers.Dropout(0.2), keras.layers.Dense(10),
    ])
    rate = choices.Float("learning_rate", 1e-4, 1e-2, sampling="log")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model
tuner = keras_tuner.RandomSearch(build, objective="val_accuracy", max_trials={runs}, directory={folder!r}, seed=0)
tuner.search(x, y, epochs=5, validation_split=0.2, verbose=0)
"""


def configs(count: int) -> list[Config]:
    """The quickstart with as many sizes and learning rates."""
    base = find_recipe("quickstart-digits").config
    return [
        with_overrides(base, [f"layers.2.units={32 + 4 * number}", f"optimizer.learning_rate={0.0005 * (number + 1)}"])
        for number in range(count)
    ]


def by_worker(home: Home, store: Store, count: int) -> float:
    """Seconds from the first call that queues until all are FINISHED in the store."""
    begun = time.perf_counter()
    for config in configs(count):
        enqueue(store, config, queue=queue_name(home))
    finished = RunQuery(statuses=(Status.FINISHED,), limit=1)
    before = store.reader.page(finished).total
    wait_for(lambda: store.reader.page(finished).total >= before + count, "all of them", _PATIENCE, every=_LOOK_SECONDS)
    return time.perf_counter() - begun


def by_tuner(folder: Path, count: int) -> float:
    """Seconds of the whole process."""
    begun = time.perf_counter()
    script = TUNER.format(runs=count, folder=str(folder))
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    return time.perf_counter() - begun


def main(count: int) -> None:
    """Measures both and prints the ratio."""
    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name, "home")).make()
        uri = home.tracking_uri(environment={})
        store = open_store(uri, home)
        store.prepare()
        with running_worker(home, uri, jobs=2):
            ours = by_worker(home, store, count)
        theirs = by_tuner(Path(name, "tuner"), count)
    sys.stdout.write(
        f"{count} runs: worker {ours:.1f} s, KerasTuner {theirs:.1f} s, ratio {ours / theirs:.2f} (target 0.35)\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
