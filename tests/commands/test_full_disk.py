"""Commands that write while the disk of the home is full: one sentence that says so, and nothing half made."""

import contextlib
import importlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.commands import SMALL, call
from tests.support.store import add_runs, config_of, fitboard_run, run_id_of
from tests.support.sweep_store import SWEEP_ID, add_sweep
from trainer.config.check import CheckReport
from trainer.home import Home
from trainer.tracking import RunQuery, Status, open_reader

SEARCH = "search: {optimizer.learning_rate: [0.1, 0.01]}\n"
DONE = run_id_of("done")
FULL = "is full (database or disk is full), so nothing can be written; free disk space and try again."
WRITING = (
    ("train", "CONFIG", "--queue"),
    ("sweep", "SWEEP", "--queue"),
    ("rerun", DONE, "--queue"),
    ("sweep", "add", SWEEP_ID, "20"),
    ("sweep", "confirm", SWEEP_ID, "2x3"),
    ("tag", DONE, "--set", "team=vision"),
    ("rename", DONE, "--to", "other"),
    ("note", DONE, "--append", "A long note. " * 500),
    ("delete", DONE),
    ("move", DONE, "--to", "elsewhere"),
)
"""What writes to the store, with a run and a sweep that have ended."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    point = tmp_path / "disk"
    point.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(point)]
    if shutil.which("mount") is None:
        pytest.skip("no disk can be mounted here, since there is no program for it")
    mounted = subprocess.run(words, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here ({mounted.stderr.strip()})")
    yield point
    subprocess.run(["umount", "--lazy", str(point)], check=True)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4_096)):
            pass


def test_full_disk_is_called_that_by_every_command_that_writes(
    disk: Path,
    tmp_path: Path,
    fresh_home: Callable[[Path], Home],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A check takes ten seconds, since it imports TensorFlow, and writes nothing.
    report = CheckReport.model_construct(ok=True, memory_bytes=3_000_000, problems=())
    for name in ("trainer.commands.sweep.start", "trainer.commands.train"):
        monkeypatch.setattr(importlib.import_module(name), "check_here", lambda home, config: report)
    files = {"CONFIG": tmp_path / "config.yaml", "SWEEP": tmp_path / "sweep.yaml"}
    files["CONFIG"].write_text(SMALL)
    files["SWEEP"].write_text(SMALL + SEARCH)
    home = fresh_home(disk)
    uri = home.tracking_uri(environment={})
    add_runs(uri, home.artifacts, [fitboard_run("done", config_of(), Status.FINISHED, start_time=1, end_time=2)])
    add_sweep(home, trials=4)
    before = _state(uri)
    _fill(disk)
    for words in WRITING:
        status = call(*(files.get(word, word) for word in words), "--home", home.path)
        said = capsys.readouterr()
        assert (status, said.out) == (2, ""), (words, said)
        assert said.err.splitlines()[-1].endswith(FULL), words
    assert _state(uri) == before
    (disk / "ballast").unlink()
    assert call("rename", DONE, "--to", "other", "--home", home.path) == 0, "there is room again"


def _state(uri: str) -> list[tuple[str, str, Status]]:
    runs = open_reader(uri).page(RunQuery(limit=100)).runs
    return sorted((run.run_id, run.name, run.status) for run in runs)
