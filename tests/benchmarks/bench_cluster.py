"""Two Ray nodes of one core each against this machine alone: a sweep of 20 trials, and the start of a run.

python -m tests.benchmarks.bench_cluster [TRIALS] [ROUNDS]     targets: 1.25 of the sweep, 1.5 of a start

Both workers run all the time and take turns, and the medians of the rounds are compared; of the sweep in processor time
too, which a busy machine affects less: that of the worker's processes here, of the worker's and the cluster's there.
What Ray's own processes take while nothing happens is printed as well. A start is the time from the call that queues a
run to its first epoch in the store: in the process of the run before, in a process of its own soon after another run,
whose place on the cluster is still held, and after a rest, when a new place has to be found.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
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
_IDLE_SECONDS = 10.0
_STARTS = 3
_PROCESSORS = "sweep, of processors"
_TARGETS = {"sweep": 1.25, "same process": 1.5, "own process, soon": 1.5, "own process, after a rest": 1.5}
# A run with a memory limit never goes to a process that has trained another.
_OWN_PROCESS = Limits(memory=10**12)


@dataclass(frozen=True)
class _Side:
    """A home with a worker that is ready. `family` returns the processes that train its runs, without descendants."""

    home: Home
    store: Store
    family: Callable[[], list[psutil.Process]]

    def sweep(self, sweep: SweepFile) -> tuple[float, float]:
        """Return the seconds from the call that starts a sweep until it is FINISHED, and those of processors."""
        begun, before = time.perf_counter(), _spent(self.family())
        run = wait_for_end(self.store, start_sweep(self.store, sweep, home=self.home, again=True), _PATIENCE)
        took = time.perf_counter() - begun
        assert run.status is Status.FINISHED, run.tags
        return took, _spent(self.family()) - before

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
    with running_worker(home, uri, jobs=2, options=options) as worker:
        yield _Side(home, store, partial(_family, worker.pid, with_ray=choice.name is ExecutorName.RAY))


def _family(worker: int, *, with_ray: bool) -> list[psutil.Process]:
    """Return a worker and, if it uses them, Ray's processes, which this one started as it did both workers."""
    if not with_ray:
        return [psutil.Process(worker)]
    workers = [each for each in psutil.Process().children() if "trainer.execution.worker" in each.cmdline()]
    others = {each.pid for each in workers} - {worker}
    return [each for each in psutil.Process().children() if each.pid not in others]


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


def _spent(roots: Iterable[psutil.Process]) -> float:
    """Return the processor seconds of processes and their descendants, those that have ended included."""
    family = {each for root in roots for each in (root, *root.children(recursive=True))}
    times = [each.cpu_times() for each in family if each.is_running()]
    return float(sum(each.user + each.system + each.children_user + each.children_system for each in times))


def _report_idle(sides: Mapping[str, _Side]) -> None:
    theirs = sides["ray"].family
    before = _spent(theirs())
    time.sleep(_IDLE_SECONDS)
    share = (_spent(theirs()) - before) / _IDLE_SECONDS
    sys.stdout.write(f"Ray and its worker take {share:.0%} of a core while nothing happens\n")


def main(trials: int, rounds: int) -> None:
    """Measure both in turns, print the medians, and exit with 1 if a target is missed."""
    found: dict[str, dict[str, list[float]]] = {kind: {"local": [], "ray": []} for kind in (*_TARGETS, _PROCESSORS)}
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        cluster = opened.enter_context(ray_cluster())
        choice = ExecutorChoice(name=ExecutorName.RAY, address=cluster.address)
        here = opened.enter_context(_side(folder / "local", ExecutorChoice()))
        there = opened.enter_context(_side(folder / "ray", choice))
        sides = {"local": here, "ray": there}
        for side in sides.values():
            side.sweep(_sweep(4))
        _report_idle(sides)
        for _ in range(rounds):
            for name, side in sides.items():
                wall, processors = side.sweep(_sweep(trials))
                found["sweep"][name].append(wall)
                found[_PROCESSORS][name].append(processors)
                for _ in range(_STARTS):
                    found["same process"][name].append(side.start(Limits()))
                    found["own process, soon"][name].append(side.start(_OWN_PROCESS))
                time.sleep(IDLE_SECONDS + 5)
                found["own process, after a rest"][name].append(side.start(_OWN_PROCESS))
    sys.exit(1 if _report(found) else 0)


def _report(found: Mapping[str, Mapping[str, list[float]]]) -> bool:
    """Print the medians and their ratios; return whether a target is missed."""
    missed = False
    for kind, each in found.items():
        here, there = statistics.median(each["local"]), statistics.median(each["ray"])
        target = _TARGETS.get(kind)
        missed |= target is not None and there / here > target
        told = f"local {here:6.2f} s, Ray {there:6.2f} s, ratio {there / here:.2f}"
        sys.stdout.write(f"{kind:<28}{told}{f' (target {target})' if target else ''}\n")
    return missed


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [TRIALS, ROUNDS][len(given) :]))
