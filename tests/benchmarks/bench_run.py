"""One small run on `digits`: through the warm worker, without tracking, and as ordinary scripts.

python -m tests.benchmarks.bench_run [ROUNDS]

The contestants take turns; medians are printed. A warm worker has already imported TensorFlow; scripts import it
themselves, and "after imports" leaves that out.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.support.worker import running_worker, wait_for
from trainer.config import Config, find_recipe
from trainer.data import load
from trainer.execution import enqueue, queue_name
from trainer.execution.executors.local import context
from trainer.execution.process.job import Job
from trainer.home import Home
from trainer.tracking import Store, open_store

ROUNDS = 5

SCRIPT = """
import json, time
begun = time.time()
import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
if {autolog}:
    import mlflow, mlflow.tensorflow
    mlflow.set_tracking_uri({uri!r})
    mlflow.tensorflow.autolog()
imported = time.time()
x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8) / 16
x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
model = keras.Sequential([
    keras.layers.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dense(128, activation="relu"),
    keras.layers.Dropout(0.2), keras.layers.Dense(10),
])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
first = []
class First(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        first.append(time.time())
model.fit(x, y, epochs=5, validation_split=0.2, verbose=0, callbacks=[First()])
model.evaluate(x_test, y_test, verbose=0)
print(json.dumps(dict(first=first[0] - begun, after_imports=time.time() - imported)))
"""


def script(folder: Path, *, autolog: bool) -> dict[str, float]:
    """Return the seconds from the script's start to its first epoch, and from its imports to its end."""
    text = SCRIPT.format(autolog=autolog, uri=f"sqlite:///{folder / 'autolog.db'}")
    begun = time.time()
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, cwd=folder)
    # The libraries print lines of their own before the script's.
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found, "all": time.time() - begun}


def through_worker(home: Home, store: Store, config: Config) -> dict[str, float]:
    """Return the seconds from the end of queueing to the first readable epoch and to FINISHED, and of queueing."""
    begun = time.perf_counter()
    run_id = enqueue(store, config, queue=queue_name(home))
    queued = time.perf_counter()
    wait_for(lambda: "loss" in store.get(run_id).metrics, "the first epoch")
    first = time.perf_counter()
    wait_for(lambda: store.get(run_id).status.ended, "the end")
    ended = time.perf_counter()
    return {"first": first - queued, "finished": ended - queued, "queueing": queued - begun}


def one_after_another(home: Home, store: Store, config: Config) -> dict[str, float]:
    """Return the processor seconds of a run in a new process, and of its repeat with another seed in that process."""
    elsewhere = config.model_copy(update={"dataset": config.dataset.replace(split_seed=1)})
    through_worker(home, store, elsewhere)  # so that the idle process has other data than the run that follows
    spent, before = [], 0.0
    for seed in (1, 2):
        run_id = enqueue(store, config.model_copy(update={"seed": seed}), queue=queue_name(home))
        wait_for(lambda run_id=run_id: store.get(run_id).status.ended, "the end")  # type: ignore[misc]
        owner = store.get(run_id).owner
        assert owner is not None
        times = psutil.Process(owner.pid).cpu_times()
        spent.append(times.user + times.system - before)
        before = times.user + times.system
    return {"first": spent[0], "second": spent[1]}


class Silent:
    """A reporter that does nothing."""

    def phase(self, text: str) -> None: ...
    def began(self, facts: Any) -> None: ...
    def progressed(self, progress: Any) -> None: ...
    def epoch_ended(self, epoch: int, values: Any, seconds: float) -> None: ...
    def stop_requested(self) -> bool:
        return False

    def leave_requested(self) -> bool:
        return False


def untracked(home: Path, config: str) -> None:
    """Train a config as a run does, but without a store."""
    from trainer.config import parse_config
    from trainer.engine.train import train

    parsed = parse_config(json.loads(config))
    train(parsed, load(parsed.dataset, home=Home(home)), Silent())


def tracked(job: Job) -> None:
    """Run a job with everything recorded."""
    from trainer.execution.process.run_job import run_job

    sys.exit(run_job(job))


def forked(start: Any, target: Callable[..., None], *arguments: Any) -> float:
    """Return the seconds of a process from its fork to its end."""
    begun = time.perf_counter()
    process = start.Process(target=target, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == 0
    return time.perf_counter() - begun


def both_forked(home: Home, uri: str, store: Store, config: Config) -> Callable[[], dict[str, float]]:
    """Return the function that measures a tracked and an untracked run, after one round that does not count."""
    # Both are forked from the same server, so that only the recording differs.
    start = context()

    def round_() -> dict[str, float]:
        run_id = enqueue(store, config, queue="nobody/here")
        job = Job(run_id=run_id, home=home.path, tracking_uri=uri, config=config.canonical_json())
        return {
            "tracked": forked(start, tracked, job),
            "untracked": forked(start, untracked, home.path, config.canonical_json()),
        }

    round_()
    return round_


def main(rounds: int) -> None:
    """Measure in turns and print medians and ratios."""
    config = find_recipe("quickstart-digits").config
    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name, "home")).make()
        uri = home.tracking_uri(environment={})
        store = open_store(uri, home)
        store.prepare()
        pair = both_forked(home, uri, store, config)
        found: dict[str, list[float]] = {}
        with running_worker(home, uri):
            through_worker(home, store, config)
            for _ in range(rounds):
                plain, auto = script(Path(name), autolog=False), script(Path(name), autolog=True)
                ours, two = through_worker(home, store, config), pair()
                group = one_after_another(home, store, config)
                rows = {"plain": plain, "autolog": auto, "worker": ours, "process": two, "group": group}
                for kind, values in rows.items():
                    for key, value in values.items():
                        found.setdefault(f"{kind} {key}", []).append(value)
    report({key: statistics.median(values) for key, values in found.items()})


def report(medians: dict[str, float]) -> None:
    """Print the medians, then the ratios that have targets."""
    for key, value in medians.items():
        sys.stdout.write(f"{key:28} {value:8.3f} s\n")
    ratios = {
        "processor time, second run of a seed group / first (target 0.35)": ("group second", "group first"),
        "queued to first epoch / quickstart script to first epoch (target 0.1)": ("worker first", "plain first"),
        "tracked / untracked, same process model (target 1.15)": ("process tracked", "process untracked"),
        "queue to FINISHED / autolog script after imports (target 0.15)": ("worker finished", "autolog after_imports"),
    }
    for what, (ours, theirs) in ratios.items():
        sys.stdout.write(f"{what:75} {medians[ours] / medians[theirs]:6.3f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
