"""A config that the check refuses: the input was wrong, and no run is made of it, whichever way it comes."""

import os
from pathlib import Path

import pytest

from tests.support.commands import SMALL, call
from trainer.config import load_config
from trainer.errors import ConfigError, TrainingError
from trainer.execution import enqueue, queue_name
from trainer.execution.executors.programs import CheckedProgram
from trainer.home import Home
from trainer.tracking import RunQuery, Status, Store, open_reader

HUGE = SMALL.replace("units: 10}", "units: 1000000000000}")
_CASES = {
    "memory": ("units: 10}", "units: 1000000000000}", "layers.2: The network up to this layer needs"),
    "shape": ("- Flatten", "- {layer: Conv2D, filters: 2, kernel_size: [9, 9]}\n  - Flatten", "layers.1"),
    "rule": ("units: 10}", "units: 7}", "layers.2"),
}


def _refused(home: Home, capsys: pytest.CaptureFixture[str], *words: object, where: str, runs: int) -> None:
    """The command answers in one line that names the place, and leaves as many runs as there were."""
    capsys.readouterr()
    assert call(*words, "--home", home.path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    last = said.err.strip().splitlines()[-1]
    assert last.startswith(where), said.err
    assert "Run " not in said.err
    assert open_reader(home.tracking_uri(environment={})).page(RunQuery()).total == runs


@pytest.mark.parametrize("case", _CASES)
def test_train_makes_no_run_of_a_refused_config_for_the_queue(
    case: str, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, where = _CASES[case]
    file = tmp_path / "config.yaml"
    file.write_text(SMALL.replace(before, after))
    assert call("check", file, "--home", home.path) == 1
    _refused(home, capsys, "train", file, "--queue", where=where, runs=0)
    _refused(home, capsys, "train", file, "--queue", "--seeds", 3, "--json", where=where, runs=0)


def test_rerun_makes_no_run_of_a_refused_config_for_the_queue(
    home: Home, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = enqueue(store, load_config(SMALL), queue=queue_name(home))
    words = ("rerun", run_id, "--queue", "--set", "layers.2.units=1000000000000")
    _refused(home, capsys, *words, where="layers.2", runs=1)


@pytest.mark.slow
def test_train_makes_no_run_of_a_refused_config_in_the_foreground(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(HUGE)
    _refused(home, capsys, "train", file, where="layers.2", runs=0)
    assert not home.runs.exists() or not list(home.runs.iterdir())


@pytest.mark.slow
def test_rerun_and_replay_make_no_run_of_a_refused_config_in_the_foreground(
    home: Home, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = enqueue(store, load_config(HUGE), queue=queue_name(home))
    store.set_status(run_id, Status.FINISHED)
    bundle = tmp_path / "bundle.zip"
    assert call("export", run_id, "--to", "bundle", "-o", bundle, "--home", home.path) == 0
    _refused(home, capsys, "replay", bundle, where="layers.2", runs=1)
    _refused(home, capsys, "rerun", run_id, where="layers.2", runs=1)


def test_process_that_dies_of_the_check_is_a_sentence_with_its_last_words(
    home: Home, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{home.path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    (home.path / "tensorflow.py").write_text("raise SystemExit('no such instruction')\n")
    with (
        CheckedProgram(load_config(SMALL).canonical_json(), home=home.path, tracking_uri=uri) as process,
        pytest.raises(TrainingError, match=r"its last output was: .*no such instruction"),
    ):
        process.refuse_impossible()


def test_process_without_a_job_ends_with_its_command(home: Home, uri: str) -> None:
    with (
        pytest.raises(ConfigError, match="given up"),
        CheckedProgram(load_config(SMALL).canonical_json(), home=home.path, tracking_uri=uri) as process,
    ):
        raise ConfigError("given up")
    assert not process.is_alive()
