"""Seconds to a drawn page of a sweep in Chromium, against Optuna Dashboard's page of the same study, in turn.

python -m tests.benchmarks.bench_sweep_page [ROUNDS] [TRIALS]

Optuna Dashboard comes with `.[bench]`. Its study has the same trials, in a file of its own. Cold means a new browser
context, in which nothing is cached; ours is a live sweep, which goes on reading the store.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.browsing import CHARTS, Contestant, opened_bench
from tests.support.sweep_store import SWEEP_ID, SweepStore, add_sweep
from tests.support.sweeps import sweep_of
from tests.support.up import answers, free_port
from tests.support.worker import wait_for
from trainer.home import Home
from trainer.sweeps import Proposer
from trainer.sweeps.following import Follower
from trainer.tracking import Status, open_reader

ROUNDS, TRIALS = 7, 500
# Ours: the course, the parallel coordinates and the first page of trials. Theirs: the history of its first page.
_OURS = f"{CHARTS} >= 2 && document.querySelectorAll('table tbody tr').length >= 50"
_THEIRS = "document.querySelectorAll('.main-svg .trace, .main-svg .points path').length >= 1"


def main(rounds: int, trials: int) -> None:
    """Fill both stores and measure both pages."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        home = Home(Path(folder)).make()
        store = SweepStore(
            sweep=sweep_of(trials=trials + 100, pruner="median"), trials=trials, running=2, status=Status.RUNNING
        )
        add_sweep(home, store)
        other = opened.enter_context(_optuna_dashboard(home))
        path = {"sweep": f"sweep?id={SWEEP_ID}"}
        bench = replace(opened.enter_context(opened_bench(home.path, path, {"sweep": _OURS})), others=[other])
        bench.first("sweep")
        bench.traffic("sweep")
        bench.in_turn("sweep", rounds, "(target ratio 0.70)")


@contextmanager
def _optuna_dashboard(home: Home) -> Iterator[Contestant]:
    """Copy the sweep into a study of Optuna's own storage, and serve it."""
    import optuna

    seen = Follower(open_reader(home.tracking_uri(environment={})), SWEEP_ID).look()
    assert seen is not None
    source = Proposer(seen.sweep).study(seen.trials)
    storage = f"sqlite:///{home.path / 'optuna.db'}"
    study = optuna.create_study(storage=storage, study_name="sweep", direction="maximize")
    study.add_trials(source.get_trials())
    port = free_port()
    program = shutil.which("optuna-dashboard") or "optuna-dashboard"
    command = [program, storage, "--host", "127.0.0.1", "--port", str(port)]
    with (home.path / "optuna.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{address}/dashboard") or process.poll() is not None, "Optuna Dashboard")
        assert process.poll() is None, (home.path / "optuna.log").read_text()
        pages = {"sweep": f"{address}/dashboard/studies/{study._study_id}"}
        yield Contestant("Optuna Dashboard", pages, {"sweep": _THEIRS})
    finally:
        process.terminate()
        process.wait(60)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(ROUNDS, TRIALS)[len(given) :])
