"""A real worker with a home of its own, for tests and benchmarks."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.tracking import Run, Store

__all__ = ["running_worker", "wait_for", "wait_for_end"]


def wait_for(condition: Callable[[], object], what: str, seconds: float = 300, *, every: float = 0.01) -> None:
    """Wait until the condition holds; fail with the description `what` when the time is over."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(every)


def wait_for_end(store: Store, run_id: str, seconds: float = 300) -> Run:
    """Wait until a run has ended, and return it."""
    # Looking takes milliseconds of the processor that the run trains on.
    wait_for(lambda: store.get(run_id).status.ended, f"the end of run {run_id}", seconds, every=0.05)
    return store.get(run_id)


@contextlib.contextmanager
def running_worker(
    home: Home,
    tracking_uri: str,
    *,
    jobs: int = 1,
    warm: bool = True,
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker with its forkserver and inspector; yields its process and ends it with all its children."""
    command = [sys.executable, "-m", "trainer.execution.worker", "--home", str(home.path), "--jobs", str(jobs)]
    log = Path(home.path, "worker.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--tracking-uri", tracking_uri, *options],
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    try:
        if warm:
            wait_for(lambda: _state(home) == "ready" or process.poll() is not None, "the worker")
            assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        # Forkserver and children outlive a killed worker; they share its process group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def _state(home: Home) -> object:
    return (holder_of(home.worker_lock) or {}).get("state")
