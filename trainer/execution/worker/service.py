"""The worker's process: its lock, the forkserver, the inspector, and the signals that end it."""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.context import BaseContext, ForkServerContext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from trainer.errors import FitboardError, StoreUnreachableError
from trainer.execution.executors.choice import LOCAL, ExecutorChoice
from trainer.execution.executors.local import context
from trainer.execution.keras_backend import check_keras_backend
from trainer.execution.lock import FileLock, holder_of
from trainer.execution.process.parent import end_with_parent
from trainer.execution.queue.enqueue import queue_name
from trainer.execution.queue.team import refuse_server
from trainer.execution.worker.crew import opened_worker
from trainer.execution.worker.sweeper import Sweeper
from trainer.home import Home
from trainer.tracking.address import masked, move_login
from trainer.tracking.artifact_root import VARIABLE, artifact_root, remark

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = ["main", "work"]

_log = logging.getLogger("fitboard.worker")

_INSPECTOR_PAUSE_SECONDS = 2.0
_ENDING_SECONDS = 1.0


def work(home: Home, tracking_uri: str, *, choice: ExecutorChoice = LOCAL) -> None:
    """Serve the queue of a home, or of its team, until SIGTERM or SIGINT; running runs then return to the queue.

    Raises:
        ResourceError: a worker of this home is already running, the home cannot be written, or the executor cannot be
            used.
        StoreError: the store cannot be used.
    """
    check_keras_backend()
    choice.check()
    home.make()
    stopping = threading.Event()
    _end_by_signals(stopping)
    says = {"pid": os.getpid(), "state": "loading", "executor": choice.name, "jobs": choice.at_once}
    says["queue"] = queue_name(home)
    holder = (holder_of(home.worker_lock) or {}).get("pid", "unknown")
    lock = FileLock(home.worker_lock)
    with lock.held(says, f"A worker for the home {home.path} is already running (process {holder}); stop it first."):
        start = context()
        if isinstance(start, ForkServerContext):
            # Early, so that the forkserver imports TensorFlow while this process imports MLflow and opens the store.
            forkserver.ensure_running()
        store = _opened(tracking_uri, home, stopping.is_set)
        say = _Description(lock, says)
        say(state="warming")
        _log.info("The store %s is ready.", masked(tracking_uri))
        if noted := remark(artifact_root(home), tracking_uri, given=VARIABLE in os.environ):
            _log.warning("%s", noted)
        warm = threading.Event()
        inspector = _keep_inspector(start, home, warm, stopping)
        with opened_worker(start, choice, home=home, store=store, say=say) as (worker, jobs):
            # Ray handles them itself once it is connected.
            _end_by_signals(stopping)
            while not warm.wait(0.05) and not stopping.is_set():
                pass
            say(state="ready", jobs=jobs)
            _log.info("Ready to train %s from the queue %s.", choice.words, queue_name(home))
            # A store of its own, so that neither waits for the other's connection.
            sweeper = Sweeper(_opened(tracking_uri, home, stopping.is_set), home=home, tracking_uri=tracking_uri)
            sweeping = sweeper.start(stopping)
            worker.serve(stopping.is_set)
            sweeping.join(_ENDING_SECONDS)
        inspector.join(_ENDING_SECONDS)


def _end_by_signals(stopping: threading.Event) -> None:
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stopping.set())


class _Description:
    """What the worker's lock says of it; a call changes some of the fields."""

    def __init__(self, lock: FileLock, says: Mapping[str, Any]) -> None:
        self._lock, self._says = lock, dict(says)

    def __call__(self, **fields: Any) -> None:
        self._says |= fields
        self._lock.say(self._says)


def _opened(tracking_uri: str, home: Home, stopping: Callable[[], bool]) -> "Store":
    """Return the prepared store, after waiting until it responds."""
    refuse_server(tracking_uri)
    from trainer.tracking import open_store

    def give_up(state: RetryCallState) -> bool:
        return stopping()

    waiting = Retrying(
        retry=retry_if_exception_type(StoreUnreachableError),
        wait=wait_exponential(multiplier=0.2, max=3),
        stop=give_up,
        before_sleep=lambda state: _log.warning("%s Retrying.", state.outcome.exception() if state.outcome else ""),
        reraise=True,
    )
    for attempt in waiting:
        with attempt:
            store = open_store(tracking_uri, home)
            store.prepare()
    return store


def _inspect(home: Home) -> None:
    from trainer.engine.inspector import serve

    serve(home)


def _keep_inspector(
    start: BaseContext, home: Home, warm: threading.Event, stopping: threading.Event
) -> threading.Thread:
    """Keep an inspector alive, forked from the same server; `warm` is set once the first one is forked."""

    def keep() -> None:
        while not stopping.is_set():
            process = start.Process(target=_inspect, args=(home,), name="fitboard-inspector", daemon=True)  # type: ignore[attr-defined]
            process.start()
            warm.set()
            while process.is_alive() and not stopping.wait(0.2):
                pass
            process.terminate()
            stopping.wait(_INSPECTOR_PAUSE_SECONDS)

    thread = threading.Thread(target=keep, name="inspector", daemon=True)
    thread.start()
    return thread


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the worker from a command line; exit with status 2 if it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m trainer.execution.worker")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--tracking-uri")
    parser.add_argument("--end-with-parent", action="store_true")
    choice, others = ExecutorChoice.read(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(others)
    if given.end_with_parent:
        end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    logging.getLogger("fitboard").setLevel(logging.INFO)
    home = Home.resolve(given.home)
    begun = time.monotonic()
    try:
        work(home, move_login(home.tracking_uri(given.tracking_uri)), choice=choice)
    except FitboardError as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(2)
    _log.info("Ended after %.0f s.", time.monotonic() - begun)
    sys.stderr.flush()
    os._exit(0)
