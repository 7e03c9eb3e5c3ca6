"""A real TensorBoard with the metrics of runs in a store, for benchmarks; the package comes with `.[bench]`."""

import importlib.util
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import free_port
from trainer.tracking import Run, RunReader

__all__ = ["has_tensorboard", "running_tensorboard", "write_events"]

_START_SECONDS = 120


def has_tensorboard() -> bool:
    """Return whether TensorBoard is installed."""
    return importlib.util.find_spec("tensorboard") is not None


def write_events(reader: RunReader, runs: Iterable[Run], folder: Path) -> None:
    """Write every metric of the runs as TensorBoard's event files, a folder a run, as Keras's callback does."""
    import tensorflow as tf

    for run in runs:
        found = reader.histories([run.run_id], sorted(run.metrics))
        with tf.summary.create_file_writer(str(folder / run.run_id)).as_default():
            for name, series in found.get(run.run_id, {}).items():
                for step, value in zip(series.steps, series.values, strict=True):
                    tf.summary.scalar(name, value, step=int(step))


@contextmanager
def running_tensorboard(folder: Path, log: Path, *, options: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve the event files below the folder, and yield the URL once every run is loaded."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1"]
    more = [f"--{name}={value}" for name, value in (options or {}).items()]
    with log.open("ab") as said:
        process = subprocess.Popen([*command, "--port", str(port), *more], stdout=said, stderr=said)
    try:
        _wait(f"{address}/data/runs", process, len(list(folder.iterdir())))
        yield address
    finally:
        process.kill()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], runs: int) -> None:
    import json

    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if len(json.load(answer)) >= runs:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.2)
    raise RuntimeError("TensorBoard did not serve every run.")
