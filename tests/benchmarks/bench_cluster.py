"""Two Ray nodes of one core each against this machine alone: a sweep of 20 trials, and the start of a run.

python -m tests.benchmarks.bench_cluster [TRIALS] [ROUNDS]     targets: 1.25 of the sweep, 1.5 of a start

Both workers run all the time and take turns, and the medians of the rounds are compared; how much of the processors
Ray's own processes take while nothing happens is printed too. A start is the time from the call that queues a run to
its first epoch in the store: in the process of the run before, in a process of its own soon after another run, whose
place on the cluster is still held, and after a rest, when a new place has to be found.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.ray_cluster import ray_cluster
from tests.support.worker import running_worker, wait_for, wait_for_end
from trainer.config import find_recipe
from trainer.config.search import SweepFile, load_sweep
from trainer.execution import Limits, enqueue, queue_name
from trainer.execution.control.sweep import start_sweep
from trainer.execution.executors.choice import ExecutorChoice, ExecutorName
from trainer.execution.worker.standby import IDLE_SECONDS
from trainer.home import Home
from trainer.tracking import Status, Store, open_store

TRIALS, ROUNDS = 20, 3
_PATIENCE = 1_800
_IDLE_MEASURED_SECONDS = 10.0
_TARGETS = {"sweep": 1.25, "same process": 1.5, "own process, soon": 1.5, "own process, after a rest": 1.5}
# A run with a memory limit never goes to a process that has trained another.
_OWN_PROCESS = Limits(memory=10**12)


@dataclass(frozen=True)
class _Side:
    """A home with a worker that is ready."""

    home: Home
    store: Store

    def sweep(self, sweep: SweepFile) -> float:
        """Return the seconds from the call that starts a sweep until it is FINISHED."""
        begun = time.perf_counter()
        run = wait_for_end(self.store, start_sweep(self.store, sweep, home=self.home, again=True), _PATIENCE)
        assert run.status is Status.FINISHED, run.tags
        return time.perf_counter() - begun

    def start(self, limits: Limits) -> float:
        """Return the seconds from the call that queues a run to its first epoch in the store."""
        config = find_recipe("quickstart-digits").config
        begun = time.perf_counter()
        run_id = enqueue(self.store, config, queue=queue_name(self.home), limits=limits)
        wait_for(lambda: "loss" in self.store.get(run_id).metrics, "the first epoch")
        took = time.perf_counter() - begun
        wait_for_end(self.store, run_id)
        return took


@contextmanager
def _side(folder: Path, choice: ExecutorChoice) -> Iterator[_Side]:
    home = Home(folder).make()
    uri = home.tracking_uri(environment={})
    store = open_store(uri, home)
    store.prepare()
    options = choice.arguments() if choice.name is ExecutorName.RAY else []
    with running_worker(home, uri, jobs=2, options=options):
        yield _Side(home, store)


def _sweep(trials: int) -> SweepFile:
    return load_sweep(
        f"""
dataset: digits
layers: [Flatten, {{layer: Dense, units: 32, activation: relu}}, {{layer: Dropout, rate: 0.2}},
         {{layer: Dense, units: 10}}]
loss: {{name: SparseCategoricalCrossentropy, from_logits: true}}
metrics: [accuracy]
epochs: 5
search:
  layers.2.units: {{low: 32, high: 128, step: 8}}
  optimizer.learning_rate: {{low: 1e-4, high: 1e-2, log: true}}
sweep: {{trials: {trials}, sampler: random, jobs: 2, confirm: no}}
"""
    )


def _idle_share() -> float:
    """Return how much of one core Ray's processes take while nothing happens."""
    ours = [each for each in psutil.process_iter(["cmdline"]) if _is_rays(each)]

    def spent() -> float:
        return sum(sum(each.cpu_times()[:2]) for each in ours if each.is_running())

    before = spent()
    time.sleep(_IDLE_MEASURED_SECONDS)
    return (spent() - before) / _IDLE_MEASURED_SECONDS


def _is_rays(process: psutil.Process) -> bool:
    words = " ".join(process.info["cmdline"] or ())
    family = [each.pid for each in process.parents()]
    return os.getpid() in family and (
        "raylet" in words or "gcs_server" in words or "ray::" in words or "/ray/" in words
    )


def main(trials: int, rounds: int) -> None:
    """Measure both in turns, print the medians, and exit with 1 if a target is missed."""
    found: dict[str, dict[str, list[float]]] = {kind: {"local": [], "ray": []} for kind in _TARGETS}
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        cluster = opened.enter_context(ray_cluster())
        choice = ExecutorChoice(name=ExecutorName.RAY, address=cluster.address, jobs=2)
        sides = {
            "local": opened.enter_context(_side(folder / "local", ExecutorChoice())),
            "ray": opened.enter_context(_side(folder / "ray", choice)),
        }
        for side in sides.values():
            side.sweep(_sweep(4))
        sys.stdout.write(f"Ray's own processes take {_idle_share():.0%} of a core while nothing happens\n")
        for _ in range(rounds):
            for name, side in sides.items():
                found["sweep"][name].append(side.sweep(_sweep(trials)))
                found["same process"][name].append(side.start(Limits()))
                found["own process, soon"][name].append(side.start(_OWN_PROCESS))
                time.sleep(IDLE_SECONDS + 5)
                found["own process, after a rest"][name].append(side.start(_OWN_PROCESS))
    sys.exit(1 if _report(found) else 0)


def _report(found: dict[str, dict[str, list[float]]]) -> bool:
    """Print the medians and their ratios; return whether a target is missed."""
    missed = False
    for kind, each in found.items():
        here, there = statistics.median(each["local"]), statistics.median(each["ray"])
        missed |= there / here > _TARGETS[kind]
        told = f"local {here:6.2f} s, Ray {there:6.2f} s, ratio {there / here:.2f} (target {_TARGETS[kind]})"
        sys.stdout.write(f"{kind:<28}{told}\n")
    return missed


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [TRIALS, ROUNDS][len(given) :]))
