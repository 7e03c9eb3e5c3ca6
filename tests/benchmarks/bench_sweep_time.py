"""20 trials on `digits`, two at once, against other programs and a loop; 60 with Hyperband against 60 without.

python -m tests.benchmarks.bench_sweep_time [TRIALS] [PRUNED]

The first part takes the time until all trials are FINISHED: of `fitboard sweep` as a whole command, and of a sweep that
is handed to a worker which runs already, as that of `fitboard up` does. The others are whole processes, Ray Tune's with
a cluster of its own. All search the same space, and the last result is of the same kind: a validation accuracy.

The second part has a network whose epochs take long, and 81 of them, as in the paper on Hyperband. A pruner saves
nothing but epochs: 27 of the first network take less than half of a trial's time, so that no pruner could halve it. And
of 60 trials of 27 epochs, Hyperband trains about half of all epochs even if it hears of each at once; of 81, a quarter.
Processor time includes that of processes which are still alive.
"""

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.bench_many import TUNER, Took, spent
from tests.support.worker import running_worker, wait_for_end
from trainer.config.search import SweepFile, load_sweep
from trainer.execution.control.sweep import start_sweep
from trainer.home import Home
from trainer.sweeps import Summary
from trainer.sweeps.records import trial_runs
from trainer.tracking import Run, Status, Store, Tag, open_store

TRIALS, PRUNED = 20, 60
_PATIENCE = 1_800
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "RAY_USAGE_STATS_ENABLED": "0"}

_NETWORK = """
dataset: digits
layers: [Flatten, {layer: Dense, units: 32, activation: relu}, {layer: Dropout, rate: 0.2}, {layer: Dense, units: 10}]
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
metrics: [accuracy]
search:
  layers.2.units: {low: 32, high: 128, step: 8}
  optimizer.learning_rate: {low: 1e-4, high: 1e-2, log: true}
"""
_LONGER = """
dataset: digits
layers:
  - {layer: Reshape, target_shape: [8, 8, 1]}
  - {layer: Conv2D, filters: 32, kernel_size: 3, padding: same, activation: relu}
  - {layer: Conv2D, filters: 32, kernel_size: 3, padding: same, activation: relu}
  - Flatten
  - {layer: Dense, units: 32, activation: relu}
  - {layer: Dropout, rate: 0.2}
  - {layer: Dense, units: 10}
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
metrics: [accuracy]
epochs: 81
search:
  layers.5.units: {low: 32, high: 128, step: 8}
  optimizer.learning_rate: {low: 1e-4, high: 1e-2, log: true}
"""
_LOOP = """
import random
import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8) / 16
x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
chance = random.Random(0)
for trial in range({runs}):
    keras.utils.clear_session()
    model = keras.Sequential([
        keras.layers.Input((8, 8)), keras.layers.Flatten(),
        keras.layers.Dense(chance.randrange(32, 129, 8), activation="relu"),
        keras.layers.Dropout(0.2), keras.layers.Dense(10),
    ])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(10 ** chance.uniform(-4, -2)), loss, metrics=["accuracy"])
    model.fit(x, y, epochs=5, validation_split=0.2, verbose=0)
    model.evaluate(x_test, y_test, verbose=0)
"""
_TUNE = """
import ray
from ray import tune
def train(settings):
    import keras
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    x, y = load_digits(return_X_y=True)
    x = x.reshape(-1, 8, 8) / 16
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
    model = keras.Sequential([
        keras.layers.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dense(settings["units"], activation="relu"),
        keras.layers.Dropout(0.2), keras.layers.Dense(10),
    ])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(settings["learning_rate"]), loss, metrics=["accuracy"])
    history = model.fit(x, y, epochs=5, validation_split=0.2, verbose=0).history
    model.evaluate(x_test, y_test, verbose=0)
    tune.report({{"val_accuracy": history["val_accuracy"][-1]}})
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
found = tune.Tuner(
    tune.with_resources(train, {{"cpu": 1}}),
    param_space={{"units": tune.qrandint(32, 128, 8), "learning_rate": tune.loguniform(1e-4, 1e-2)}},
    tune_config=tune.TuneConfig(metric="val_accuracy", mode="max", num_samples={runs}, reuse_actors={reuse}),
    run_config=tune.RunConfig(storage_path={folder!r}, verbose=0),
).fit()
assert not found.num_errors and len(found) == {runs}, found
"""


def _sweep(text: str = f"{_NETWORK}epochs: 5\n", **settings: Any) -> SweepFile:
    return load_sweep(text).with_settings({"confirm": "no", "jobs": 2, **settings})


def _spent(pid: int) -> float:
    """Return the processor seconds of a worker and all that it has started, whether they have ended or not."""
    found = 0.0
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            found += times.user + times.system + times.children_user + times.children_system
    return found


def _handed_over(store: Store, home: Home, sweep: SweepFile, pid: int) -> tuple[Took, Run]:
    """Measure from the call that starts a sweep until it is FINISHED."""
    begun, before = time.perf_counter(), _spent(pid)
    run = wait_for_end(store, start_sweep(store, sweep, home=home, again=True), _PATIENCE)
    took = Took(time.perf_counter() - begun, _spent(pid) - before)
    assert run.status is Status.FINISHED, run.tags
    return took, run


def _whole(command: list[str]) -> Took:
    """Measure a whole process with all of its children."""
    begun, before = time.perf_counter(), spent()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **_QUIET})
    return Took(time.perf_counter() - begun, spent() - before)


def _say(name: str, took: Took, told: str = "") -> None:
    sys.stdout.write(f"{name:<44}{took.wall:7.1f} s wall {took.processor:7.1f} s of processors {told}\n")
    sys.stdout.flush()


def _trials(folder: Path, store: Store, home: Home, pid: int, count: int) -> None:
    sweep = _sweep(trials=count, sampler="random")
    warm, _ = _handed_over(store, home, sweep, pid)
    _say(f"{count} trials, a worker that runs", warm)
    loop = _whole([sys.executable, "-c", _LOOP.format(runs=count)])
    file = folder / "sweep.yaml"
    file.write_text(sweep.dump())
    command = _whole([sys.executable, "-m", "trainer", "sweep", str(file), "--home", str(folder / "other")])
    _say("fitboard sweep, the whole command", command, f"{command.wall / loop.wall:.2f} of the loop")
    _say("a plain loop", loop, f"ratio {warm.wall / loop.wall:.2f} (target below 1)")
    tuner = TUNER.format(runs=count, folder=str(folder / "tuner"))
    _against("KerasTuner, RandomSearch", ("keras_tuner",), tuner, warm, command, "target 0.35")
    for reuse in (False, True):
        tune = _TUNE.format(runs=count, folder=str(folder / f"tune {reuse}"), reuse=reuse)
        name = "Ray Tune, processes used again" if reuse else "Ray Tune"
        _against(name, ("ray", "tensorboardX", "fsspec"), tune, warm, command, "no target")


def _against(name: str, packages: Sequence[str], script: str, warm: Took, command: Took, target: str) -> None:
    """Measure another program and print the ratios of the sweep to it."""
    if not all(importlib.util.find_spec(package) for package in packages):
        sys.stdout.write(f"{name} is not installed; `pip install '.[bench,ray]'` to compare with it.\n")
        return
    took = _whole([sys.executable, "-c", script])
    ratio = f"ratio {warm.wall / took.wall:.2f} ({target}), {command.wall / took.wall:.2f} of the whole command"
    _say(name, took, ratio)


def _epochs(store: Store, sweep: Run) -> int:
    """Return how many epochs the trials of a sweep trained."""
    histories = store.reader.histories([run.run_id for run in trial_runs(store.reader, sweep.run_id)], ["val_accuracy"])
    return sum(len(each["val_accuracy"].steps) for each in histories.values())


def _pruned(store: Store, home: Home, pid: int, count: int) -> None:
    found = {}
    for pruner in ("none", "hyperband"):
        sweep = _sweep(_LONGER, trials=count, pruner=pruner)
        took, run = _handed_over(store, home, sweep, pid)
        found[pruner] = took
        summary = Summary.loads(run.tags[Tag.SWEEP_SUMMARY])
        best = ", ".join(f"{value:.4f}" for value in summary.results)
        told = f"best {best}, {summary.pruned} pruned, {_epochs(store, run):,} epochs"
        _say(f"{count} trials of {sweep.config.epochs} epochs, pruner {pruner}", took, told)
    ratio, processors = (found["hyperband"][place] / found["none"][place] for place in range(2))
    sys.stdout.write(f"Hyperband: ratio {ratio:.2f} (target 0.5), {processors:.2f} of processors\n")


def main(trials: int, pruned: int) -> None:
    """Measure all of them in turns and print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = Home(folder / "home").make()
        uri = home.tracking_uri(environment={})
        store = open_store(uri, home)
        store.prepare()
        with running_worker(home, uri, jobs=2) as worker:
            if trials:
                _trials(folder, store, home, worker.pid, trials)
            if pruned:
                _pruned(store, home, worker.pid, pruned)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [TRIALS, PRUNED][len(given) :]))
