"""A team on PostgreSQL against one person on SQLite: points that arrive, and milliseconds a page, while runs log.

python -m tests.benchmarks.bench_team [RUNS] [PEOPLE] [SECONDS] [KEPT]

Each of RUNS processes logs a run as a training process does: once a second a batch of 40 points and the progress. Each
of PEOPLE has a websocket of its own and requests Runs, a live run and a comparison in turn, 2 s after the last answer,
as an open page does. Both stores hold KEPT finished runs, and PostgreSQL writes durably. Without a browser, so this is
the server's part of a page; the same is then done with one run and one person on SQLite.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.support.bulk_store import bulk_runs, fill_store
from tests.support.dashboard_server import running_dashboard
from tests.support.postgres import PostgresServer, copy_rows
from tests.support.streamlit_client import StreamlitClient
from trainer.home import Home
from trainer.tracking import Progress, Status, Tag, open_reader, open_store
from trainer.tracking.run import Point

RUNS, PEOPLE, SECONDS, KEPT = 10, 10, 60, 1_000
_POINTS, _PAUSE_SECONDS, _TARGET_MS = 40, 2.0, 1_500


def main(runs: int, people: int, seconds: int, kept: int) -> None:
    """Measure both stores, and print what they have in common."""
    with tempfile.TemporaryDirectory() as folder, PostgresServer(durable=True) as postgres:
        one, many = Home(Path(folder, "one")).make(), Home(Path(folder, "many")).make()
        alone = one.tracking_uri(environment={})
        fill_store(Path(alone.removeprefix("sqlite:///")), kept)
        shared = postgres.create("team")
        open_store(shared, many).prepare()
        copy_rows(alone, shared)
        several = bulk_runs(5)
        of_team = _measure("PostgreSQL", many, shared, runs, people, seconds, several)
        of_one = _measure("SQLite", one, alone, 1, 1, seconds, several)
        sys.stdout.write(f"p95 of a page: {of_team / of_one:.1f} times that of one person (target {_TARGET_MS} ms)\n")


def _measure(name: str, home: Home, uri: str, runs: int, people: int, seconds: int, several: Sequence[str]) -> float:
    """Log and look for so many seconds; print what was lost and how long pages took, and return their p95 in ms."""
    store = open_store(uri, home)
    made = [_live_run(store, number) for number in range(runs)]
    loggers = [_start_logger(uri, home, run_id, seconds) for run_id in made]
    for each in loggers:
        assert each.stdout is not None
        each.stdout.readline()
    with running_dashboard(home.path, "--tracking-uri", uri) as dashboard:
        for each in loggers:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        until = time.monotonic() + seconds
        taken: list[float] = []
        urls = [[f"{dashboard}/runs", f"{dashboard}/run?id={run_id}", _compare(dashboard, several)] for run_id in made]
        visitors = [
            threading.Thread(target=_look, args=(urls[place % runs], place, until, taken)) for place in range(people)
        ]
        for thread in visitors:
            thread.start()
        for thread in visitors:
            thread.join()
    written = [json.loads(each.communicate()[0].strip().splitlines()[-1]) for each in loggers]
    return _report(name, uri, made, written, taken)


def _compare(dashboard: str, several: Sequence[str]) -> str:
    return f"{dashboard}/compare?runs={','.join(several)}"


def _live_run(store: object, number: int) -> str:
    run_id: str = store.create(  # type: ignore[attr-defined]
        config_text="{}", experiment="Default", name=f"live {number}", tags={Tag.CONFIG_DIGEST: "0" * 64}, params={}
    )
    store.set_status(run_id, Status.RUNNING)  # type: ignore[attr-defined]
    return run_id


def _start_logger(uri: str, home: Home, run_id: str, seconds: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.benchmarks.bench_team", "log", uri, str(home.path), run_id, str(seconds)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def log(uri: str, path: str, run_id: str, seconds: int) -> None:
    """Log a run for so many seconds once a line arrives, and print the milliseconds of each write."""
    store = open_store(uri, Home(Path(path)))
    store.warm_up()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun, taken = time.monotonic(), []
    for step in range(1, seconds + 1):
        now = time.time()
        points = [Point(f"metric {number}", 1 / step, round(now * 1000), step) for number in range(_POINTS)]
        start = time.perf_counter()
        store.log_batch(run_id, points=points, tags={Tag.PROGRESS: Progress(time=now, epoch=step).dumps()})
        taken.append((time.perf_counter() - start) * 1000)
        time.sleep(max(0.0, begun + step - time.monotonic()))
    sys.stdout.write(json.dumps(taken) + "\n")


def _look(urls: Sequence[str], place: int, until: float, taken: list[float]) -> None:
    # People do not look in step.
    time.sleep(random.Random(place).uniform(0, _PAUSE_SECONDS))
    with StreamlitClient(urls[0]) as client:
        client.visit(urls[0])
        turn = place
        while time.monotonic() < until:
            taken.append(client.visit(urls[turn % len(urls)]).milliseconds)
            turn += 1
            time.sleep(_PAUSE_SECONDS)


def _report(name: str, uri: str, made: Sequence[str], written: Sequence[Sequence[float]], taken: list[float]) -> float:
    with closing(open_reader(uri)) as reader:  # type: ignore[type-var]
        stored = sum(len(series.steps) for each in reader.histories(made).values() for series in each.values())
    sent = sum(len(each) for each in written) * _POINTS
    writes = sorted(each for run in written for each in run)
    pages = sorted(taken)
    p95 = pages[round(0.95 * (len(pages) - 1))]
    sys.stdout.write(
        f"{name}, {len(made)} runs logging: {stored:,} of {sent:,} points stored; a write median "
        f"{statistics.median(writes):.0f} ms, p95 {writes[round(0.95 * (len(writes) - 1))]:.0f} ms; "
        f"{len(pages)} pages, median {statistics.median(pages):.0f} ms, p95 {p95:.0f} ms\n"
    )
    sys.stdout.flush()
    return p95


if __name__ == "__main__":
    if sys.argv[1:2] == ["log"]:
        log(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        given = [int(word) for word in sys.argv[1:]]
        main(*given, *(RUNS, PEOPLE, SECONDS, KEPT)[len(given) :])
