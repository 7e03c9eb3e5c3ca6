"""20 runs of 5 epochs on `digits`: queued at once for a worker with two jobs, and with KerasTuner's RandomSearch.

python -m tests.benchmarks.bench_many [RUNS]

Wall time, and the processor time of the worker's or the tuner's processes, which a busy machine affects less.
"""

import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.support.worker import running_worker, wait_for
from trainer.config import Config, find_recipe, with_overrides
from trainer.execution import enqueue, queue_name
from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.tracking import RunQuery, Status, Store, open_store

RUNS = 20
_PATIENCE = 600
# Looking more often would take a good part of a core from the runs.
_LOOK_SECONDS = 0.1

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
    """Return `count` variants of the quickstart, each with its own size and learning rate."""
    base = find_recipe("quickstart-digits").config
    return [
        with_overrides(base, [f"layers.2.units={32 + 4 * number}", f"optimizer.learning_rate={0.0005 * (number + 1)}"])
        for number in range(count)
    ]


class Took(NamedTuple):
    """Wall time and processor time in seconds."""

    wall: float
    processor: float


def spent() -> float:
    """Return the processor seconds of all ended children of this process, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def spent_by_worker(pid: int) -> float:
    """Return the processor seconds of a worker and its forkserver, including ended processes that they waited for."""
    family = [psutil.Process(pid), *psutil.Process(pid).children()]
    times = [process.cpu_times() for process in family]
    return float(sum(each.user + each.system + each.children_user + each.children_system for each in times))


def by_worker(home: Home, store: Store, count: int, pid: int) -> Took:
    """Measure from the first call that queues until all runs are FINISHED in the store."""
    begun, before = time.perf_counter(), spent_by_worker(pid)
    for config in configs(count):
        enqueue(store, config, queue=queue_name(home))
    finished = RunQuery(statuses=(Status.FINISHED,), limit=1)
    wait_for(lambda: store.reader.page(finished).total >= count, "all of them", _PATIENCE, every=_LOOK_SECONDS)
    wall = time.perf_counter() - begun
    # The time of a process is counted when it ends, so the idle one has to end first.
    wait_for(lambda: not (holder_of(home.worker_lock) or {}).get("standby"), "the idle process to end", _PATIENCE)
    return Took(wall, spent_by_worker(pid) - before)


def by_tuner(folder: Path, count: int) -> Took:
    """Measure the whole process of the tuner."""
    begun, before = time.perf_counter(), spent()
    script = TUNER.format(runs=count, folder=str(folder))
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, env=os.environ)
    return Took(time.perf_counter() - begun, spent() - before)


def main(count: int) -> None:
    """Measure both and print the ratio."""
    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name, "home")).make()
        uri = home.tracking_uri(environment={})
        store = open_store(uri, home)
        store.prepare()
        with running_worker(home, uri, jobs=2) as worker:
            ours = by_worker(home, store, count, worker.pid)
        sys.stdout.write(f"{count} runs: worker {ours.wall:.1f} s, {ours.processor:.1f} s of processors\n")
        if importlib.util.find_spec("keras_tuner") is None:
            sys.stdout.write("KerasTuner is not installed; `pip install keras-tuner tensorboard` to compare with it.\n")
            return
        theirs = by_tuner(Path(name, "tuner"), count)
    sys.stdout.write(
        f"KerasTuner {theirs.wall:.1f} s, {theirs.processor:.1f} s of processors; "
        f"ratio {ours.wall / theirs.wall:.2f} (target 0.35), {ours.processor / theirs.processor:.2f} of processors\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
