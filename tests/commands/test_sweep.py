"""The sweep commands."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import SMALL, call
from trainer.config.check import CheckReport, Problem, Severity
from trainer.config.search import load_sweep
from trainer.execution import worker_alive
from trainer.execution.control.sweep import start_sweep
from trainer.execution.worker.sweep_driver import SweepDriver
from trainer.home import Home
from trainer.sweeps.records import NoRun, trial_runs
from trainer.tracking import Status, Store, Tag
from trainer.tracking.tags import SWEEP_TRIAL

SEARCH = "search: {optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sweep file."""
    path = tmp_path / "sweep.yaml"
    path.write_text(SMALL + SEARCH)
    return path


@pytest.fixture(autouse=True)
def _unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check takes ten seconds, since it imports TensorFlow; `train --queue` has it tested."""
    report = CheckReport.model_construct(ok=True, memory_bytes=3_000_000, problems=())
    # Its package has a function of the same name, which a path in a string would find.
    module = importlib.import_module("trainer.commands.sweep.start")
    monkeypatch.setattr(module, "check_here", lambda home, config: report)


def _json(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    status = call(*words, "--json")
    said = capsys.readouterr()
    assert status == 0, said.err
    return json.loads(said.out)


def test_sweep_is_queued_listed_shown_and_changed(
    home: Home, store: Store, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--home", home.path)
    assert call("sweep", file, "--trials", "7", "--pruner", "median", "--seed", "3", "--queue", *at) == 0
    said = capsys.readouterr()
    sweep_id = said.out.strip()
    assert "No worker is running for this home" in said.err
    assert "checked configs takes 3.0 MB." in said.err
    assert "With fewer than 10 trials, no winner is confirmed by default" in said.err
    shown = _json(capsys, "sweep", "show", sweep_id[:8], *at)
    assert shown["sweep_id"] == sweep_id
    assert shown["status"] == "SCHEDULED"
    assert shown["settings"]["trials"] == 7
    assert shown["settings"]["pruner"] == "median"
    assert shown["settings"]["seed"] == 3
    assert shown["trials"] == shown["confirmed"] == []
    assert [each["sweep_id"] for each in _json(capsys, "sweep", "list", *at)["sweeps"]] == [sweep_id]
    assert _json(capsys, "sweep", "pause", sweep_id, *at)["wish"] == "pause"
    assert _json(capsys, "sweep", "go-on", sweep_id, *at)["wish"] is None
    assert _json(capsys, "sweep", "add", sweep_id, "3", *at)["status"] == "SCHEDULED"
    assert _json(capsys, "sweep", "show", sweep_id, *at)["settings"]["trials"] == 10
    assert call("export", sweep_id, *at) == 0
    assert load_sweep(capsys.readouterr().out).settings.trials == 10
    assert call("export", sweep_id, "--to", "keras", *at) == 2
    assert "A sweep is exported as config or script, got --to keras" in capsys.readouterr().err
    assert call("export", sweep_id, "--to", "script", *at) == 0
    assert "optuna.samplers.TPESampler(seed=seed)" in capsys.readouterr().out
    assert _json(capsys, "sweep", "stop", sweep_id, *at)["status"] == "KILLED"
    assert call("sweep", "pause", sweep_id, *at) == 2
    assert "has already ended (stopped)" in capsys.readouterr().err
    assert not trial_runs(store.reader, sweep_id)


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        (SMALL, (), "The sweep has no `search`"),
        (SMALL + "search: {}\n", (), "The search space is empty"),
        (SMALL + SEARCH, ("--sampler", "grid"), "infinitely many values"),
        (SMALL + SEARCH, ("--time", "soon"), "'soon' is not a time limit"),
        (SMALL + SEARCH, ("--confirm", "all"), "expected trials and seeds such as 3x5"),
        (SMALL + SEARCH, ("--trials", "0"), "Invalid value for '--trials'"),
    ],
)
def test_bad_sweep_is_refused_before_anything_is_created(
    text: str, words: tuple[str, ...], said: str, home: Home, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    assert call("sweep", file, *words, "--home", home.path) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert _json(capsys, "sweep", "list", "--home", home.path) == {"sweeps": []}


def test_run_that_is_no_sweep_is_refused(
    home: Home, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = store.create_parent(experiment="Default", name="other", tags={"a": "b"}, files={})
    assert call("sweep", "show", run_id, "--home", home.path) == 2
    assert "Run other is not a sweep" in capsys.readouterr().err
    assert call("sweep", "missing.yaml", "--home", home.path) == 2
    assert "missing.yaml cannot be read" in capsys.readouterr().err


def test_commands_of_runs_point_to_the_trials_of_a_sweep(
    home: Home, store: Store, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep_id = start_sweep(store, load_sweep(file.read_text()), home=home)
    SweepDriver(store, sweep_id, home=home).step()
    (trial,) = trial_runs(store.reader, sweep_id)
    for words in (("rerun", sweep_id), ("compare", trial.run_id, sweep_id), ("verify", sweep_id, trial.run_id)):
        assert call(*words, "--home", home.path) == 2
        told = f"is a sweep; name one of its trials, which `fitboard sweep show {sweep_id[:8]}` lists."
        assert told in capsys.readouterr().err
    assert call("resume", sweep_id, "--home", home.path) == 2
    assert "use `fitboard sweep stop`, `pause`, `go-on` or `add`" in capsys.readouterr().err
    assert call("show", sweep_id, "--home", home.path) == 0
    assert "lists its trials." in capsys.readouterr().err


@pytest.mark.slow
def test_sweep_in_the_foreground_brings_its_own_worker(
    home: Home, store: Store, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _json(capsys, "sweep", file, "--trials", "3", "--jobs", "2", "--confirm", "1x2", "--home", home.path)
    assert shown["status"] == "FINISHED"
    assert [each["state"] for each in shown["trials"]] == ["complete"] * 3
    assert shown["confirmed"][0]["number"] == shown["best"]
    assert shown["confirmed"][0]["summary"]["test_accuracy"]["n"] == 2
    runs = trial_runs(store.reader, shown["sweep_id"])
    assert all(run.status is Status.FINISHED and Tag.WEIGHTS in run.tags for run in runs)
    assert not worker_alive(home), "its worker has ended with it"
    program = file.with_name("program.py")
    assert call("export", shown["sweep_id"], "--to", "script", "--output", program, "--home", home.path) == 0
    _compare(shown, program)


def _compare(shown: Any, program: Path) -> None:
    """Run the exported program, which must find what the sweep found."""
    environment = {**os.environ, "PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    for each in shown["trials"]:
        (rate,) = each["values"].values()
        said = f"trial {each['number']}: complete {each['results']} {{'optimizer.learning_rate': {rate}}}"
        assert said in done.stdout
    mean = shown["confirmed"][0]["summary"]["val_accuracy"]["mean"]
    values = [float(value) for value in re.findall(r"with seed \+ \d: (\S+)", done.stdout)]
    assert sum(values) / 2 == pytest.approx(mean)


def _check_with(monkeypatch: pytest.MonkeyPatch, *, refusal: str = "", seconds: list[float] | None = None) -> None:
    """Answer for Keras: with one problem, or none."""
    problems = (Problem(severity=Severity.ERROR, where="", message=refusal),) if refusal else ()
    report = CheckReport.model_construct(ok=not refusal, memory_bytes=3_000_000, problems=problems)
    module = importlib.import_module("trainer.commands.sweep.check")
    monkeypatch.setattr(module, "check_here", lambda home, config: report)
    monkeypatch.setattr(module, "await_seconds", lambda *_, **__: seconds)


def test_check_reports_the_space_and_starts_nothing(
    home: Home, store: Store, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _check_with(monkeypatch, seconds=[2.0, 4.0])
    at = ("--home", home.path)
    assert call("sweep", file, "--check", "--trials", "8", *at) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "The largest of 10 checked configs takes 3.0 MB.\nA trial takes 2 s to 4 s, the sweep about" in said.err
    found = _json(capsys, "sweep", file, "--check", *at)
    assert found["ok"] is True
    assert found["combinations"] is None
    assert found["checked"] == 10
    assert found["refused"] == 0
    assert found["trial_seconds"] == [2.0, 4.0]
    _check_with(monkeypatch)
    assert call("sweep", file, "--check", *at) == 0
    assert "How long it takes could not be measured." in capsys.readouterr().err
    assert _json(capsys, "sweep", "list", *at)["sweeps"] == []


def test_check_of_a_space_of_which_nothing_can_be_trained_exits_with_1(
    home: Home, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _check_with(monkeypatch, refusal="Too many units.")
    assert call("sweep", file, "--check", "--json", "--home", home.path) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["ok"] is False
    assert "None of 10 checked configs of the space can be trained, for example: Too many units." in said.err


def test_show_writes_values_as_the_file_does(
    home: Home, store: Store, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    sweep_id = start_sweep(store, load_sweep(file.read_text()), home=home)
    values = {"optimizer": {"name": "SGD", "momentum": 0.9}, "layers.2.present": False, "optimizer.clipnorm": None}
    store.set_tags(sweep_id, {f"{SWEEP_TRIAL}0": NoRun(values=values, failure="It makes no config.").dumps()})
    assert call("sweep", "show", "latest", "--home", home.path) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "failed" in line)
    assert re.search(r"\{name: SGD, momentum: 0\.9\} +false +null", row)


def test_latest_sweep_is_said_to_be_missing(home: Home, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("sweep", "show", "latest", "--home", home.path) == 2
    assert "No sweeps yet; `fitboard sweep FILE` starts one." in capsys.readouterr().err
