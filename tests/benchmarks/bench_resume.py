"""From the kill -9 of a training process to the next epoch, against the start of a queued run in the same worker.

python -m tests.benchmarks.bench_resume [ROUNDS]

Epochs are read from the run's journal on disk, to which each epoch is written when it ends.
"""

import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.worker import running_worker, wait_for
from trainer.config import find_recipe, with_overrides
from trainer.execution import enqueue, queue_name, request_stop
from trainer.home import Home
from trainer.tracking import Store, open_store
from trainer.tracking.record.journal import read_journal

ROUNDS = 5
_EPOCHS = 5_000


def last_epoch(home: Home, run_id: str) -> int:
    """Return the last epoch in the run's journal; 0 before the first."""
    return max((point.step for point in read_journal(home.run(run_id)) if point.key == "loss"), default=0)


def round_(home: Home, store: Store) -> tuple[float, float]:
    """Return the seconds from queueing to the first epoch, and from the kill to the next one."""
    config = with_overrides(find_recipe("quickstart-digits").config, [f"epochs={_EPOCHS}"])
    begun = time.perf_counter()
    run_id = enqueue(store, config, queue=queue_name(home))
    wait_for(lambda: last_epoch(home, run_id) > 0, "the first epoch")
    started = time.perf_counter() - begun
    wait_for(lambda: last_epoch(home, run_id) > 20, "some epochs")
    owner = store.get(run_id).owner
    assert owner is not None
    killed = time.perf_counter()
    os.kill(owner.pid, signal.SIGKILL)
    known = last_epoch(home, run_id)
    wait_for(lambda: last_epoch(home, run_id) > known, "the next epoch")
    resumed = time.perf_counter() - killed
    request_stop(store, store.get(run_id), home=home)
    wait_for(lambda: store.get(run_id).status.ended, "the end")
    return started, resumed


def main(rounds: int) -> None:
    """Print the medians of some rounds, after one that does not count."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder)).make()
        uri = home.tracking_uri(environment={})
        store = open_store(uri, home)
        store.prepare()
        with running_worker(home, uri):
            round_(home, store)
            measured = [round_(home, store) for _ in range(rounds)]
    started, resumed = (statistics.median(each) for each in zip(*measured, strict=True))
    sys.stdout.write(f"queued to the first epoch trained      {started:6.2f} s\n")
    sys.stdout.write(
        f"kill -9 to the next epoch trained      {resumed:6.2f} s (target 3), {resumed / started:.2f} of it\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
