"""Processor time of a whole tracked run on `digits`, 5 epochs, by this version and by an earlier one, in turn.

python -m tests.benchmarks.bench_earlier CHECKOUT [PAIRS]

CHECKOUT is a folder with the earlier version, such as a git worktree; both use this Python. Each worker trains one run
to warm up, then, once its idle processes have ended, the first and the second run of a group. What counts is the
processor time of the worker, its forkserver and every process below it, from queueing until they have been quiet for
a second; so what is prepared ahead for the next run counts too.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PAIRS = 3
TARGETS = {"first": 0.6, "second": 0.35}

_SCRIPT = """
import json, tempfile, time
from pathlib import Path
import psutil
from tests.support.worker import running_worker
from trainer.config import find_recipe
from trainer.execution import enqueue, queue_name
from trainer.home import Home
from trainer.tracking import open_store

def spent():
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.Error:
            pass
    return total

def quiet(seconds):
    # Processes that exit are counted by their parents from then on.
    since, last = time.monotonic(), spent()
    while time.monotonic() - since < seconds:
        time.sleep(0.1)
        if spent() > last + 0.05:
            since, last = time.monotonic(), spent()
    return spent()

with tempfile.TemporaryDirectory() as folder:
    home = Home(Path(folder) / "home").make()
    uri = home.tracking_uri(environment={})
    store = open_store(uri, home)
    store.prepare()
    config = find_recipe("quickstart-digits").config
    found = []
    with running_worker(home, uri):
        for seed in (0, 1, 2):
            begun = quiet(1)
            run_id = enqueue(store, config.model_copy(update={"seed": seed}), queue=queue_name(home))
            while not store.get(run_id).status.ended:
                time.sleep(0.05)
            found.append(quiet(1) - begun)
            if not seed:
                time.sleep(25)
    print(json.dumps(found))
"""


def measure(checkout: Path) -> dict[str, float]:
    """Return the processor seconds of the first and the second run of a group."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(checkout)}
    given = [sys.executable, "-c", _SCRIPT]
    done = subprocess.run(given, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    _, first, second = json.loads(done.stdout.splitlines()[-1])
    return {"first": first, "second": second}


def main() -> None:
    """Measure pairs in turn and print medians and ratios to the earlier version's first run."""
    if not sys.argv[1:] or not Path(sys.argv[1], "trainer").is_dir():
        # The folder of an earlier version is not on every machine: `make bench` goes on without it.
        print("give the folder of an earlier version: python -m tests.benchmarks.bench_earlier CHECKOUT")  # noqa: T201
        return
    earlier, here = Path(sys.argv[1]).resolve(), Path(__file__).resolve().parents[2]
    pairs = int(sys.argv[2]) if sys.argv[2:] else PAIRS
    found = [(measure(earlier), measure(here)) for _ in range(pairs)]
    for name, target in TARGETS.items():
        before = statistics.median(old["first"] for old, _ in found)
        now = statistics.median(new[name] for _, new in found)
        ratio = statistics.median(new[name] / old["first"] for old, new in found)
        print(f"{name:7} {now:.2f} s of {before:.2f} s: {ratio:.2f} (target {target})", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
