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
_EVENTS = "events.out.tfevents.1.host"


def has_tensorboard() -> bool:
    """Return whether TensorBoard is installed."""
    return importlib.util.find_spec("tensorboard") is not None


def write_events(reader: RunReader, runs: Iterable[Run], folder: Path) -> None:
    """Write every metric of the runs as TensorBoard's event files, a folder a run.

    Event by event, since `tf.summary.scalar` takes a millisecond a point, a quarter of an hour for 500 runs.
    """
    import tensorflow as tf
    from tensorflow.core.framework.summary_pb2 import Summary
    from tensorflow.core.util.event_pb2 import Event

    for run in runs:
        found = reader.histories([run.run_id], sorted(run.metrics))
        (folder / run.run_id).mkdir(parents=True)
        with tf.io.TFRecordWriter(str(folder / run.run_id / _EVENTS)) as file:
            file.write(Event(file_version="brain.Event:2").SerializeToString())
            for name, series in found.get(run.run_id, {}).items():
                for step, value, time_ms in zip(series.steps, series.values, series.times, strict=True):
                    summary = Summary(value=[Summary.Value(tag=name, simple_value=value)])
                    event = Event(wall_time=time_ms / 1000, step=int(step), summary=summary)
                    file.write(event.SerializeToString())


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
