"""The command line, as a person or a script calls it: what it prints where, and its exit status."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.cli import up
from tests.support.commands import SMALL as CONFIG
from tests.support.commands import call as _run
from tests.support.store import seed_store
from trainer.cli import make_app, run_app
from trainer.execution.process.identity import owner_of
from trainer.home import Home
from trainer.tracking import Status, Store, Tag
from trainer.tracking.run import Point


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


def _said(capsys: pytest.CaptureFixture[str]) -> str:
    """What went to standard error, which must hold no traceback."""
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_queued_run_is_listed_shown_and_exported(home: Home, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("train", config, "--queue", "--home", home.path) == 0
    run_id = capsys.readouterr().out.strip()
    assert _run("runs", "--json", "--home", home.path) == 0
    listed = json.loads(capsys.readouterr().out)["runs"]
    assert [(each["run_id"], each["name"], each["status"]) for each in listed] == [(run_id, "small", "SCHEDULED")]
    assert _run("show", run_id[:6], "--json", "--home", home.path) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {
        "run_id",
        "status",
        "config_digest",
        "parameters",
        "metrics",
        "history",
        "weights_sha256",
        "seconds",
    } <= set(shown)
    assert _run("export", "latest", "--to", "config", "--home", home.path) == 0
    assert capsys.readouterr().out == CONFIG


def test_rerun_records_what_it_repeats_and_a_variant_its_change(
    home: Home, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run("train", config, "--queue", "--home", home.path)
    first = capsys.readouterr().out.strip()
    assert _run("rerun", first, "--queue", "--json", "--home", home.path) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["rerun_of"] == first
    assert again["run_id"] != first
    _run("rerun", first, "--queue", "--set", "optimizer.learning_rate=0.01", "--home", home.path)
    variant = capsys.readouterr().out.strip()
    _run("export", variant, "--home", home.path)
    assert "learning_rate: 0.01" in capsys.readouterr().out


def test_run_whose_process_is_gone_is_listed_as_lost(
    home: Home, config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    _run("train", config, "--queue", "--home", home.path)
    run_id = capsys.readouterr().out.strip()
    store.set_status(run_id, Status.RUNNING)
    store.set_tags(run_id, {Tag.OWNER: replace(owner_of(), started=-1.0).dumps()})
    assert _run("runs", "--home", home.path) == 0
    assert "RUNNING, lost" in capsys.readouterr().out
    assert _run("runs", "--json", "--home", home.path) == 0
    (listed,) = json.loads(capsys.readouterr().out)["runs"]
    assert (listed["status"], listed["lost"]) == ("RUNNING", True)


def test_stop_ends_a_queued_run_where_no_worker_runs(
    home: Home, config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    _run("train", config, "--queue", "--home", home.path)
    run_id = capsys.readouterr().out.strip()
    assert _run("stop", run_id, "--home", home.path) == 0
    assert store.get(run_id).status is Status.KILLED
    assert _run("stop", run_id, "--home", home.path) == 2
    assert "has already ended (KILLED)" in _said(capsys)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "0123456789"), "Run '0123456789' not found"),
        (("show", "ab"), "too short"),
        (("show", "latest"), "The store has no runs yet"),
        (("train", "nothing.yaml"), "cannot be read (No such file or directory)"),
        (("train", "."), "cannot be read (Is a directory)"),
        (("recipes", "quickstart-digit"), "did you mean 'quickstart-digits'?"),
        (("runs", "--experiment", "Nowhere"), "Experiment 'Nowhere' not found"),
        (("worker", "--executor", "slurm"), "'slurm' is not one of 'local', 'ray'"),
        (("worker", "--gpus", "1"), "--address, --cpus and --gpus belong to --executor ray"),
        (("worker", "--executor", "ray", "--address", "here"), "'here' is not the address of a Ray cluster"),
        (("worker", "--executor", "ray", "--address", "127.0.0.1:9"), "No Ray cluster responds at 127.0.0.1:9"),
        (("train", "nothing.yaml", "--time-limit", "30"), "'30' is not a time limit; expected a number with a unit"),
        (("rerun", "latest", "--memory-limit", "much"), "'much' is not a memory limit"),
        (("resume", "latest", "--time-limit", "-1h"), "'-1h' is not a time limit"),
        (("frobnicate",), "No such command 'frobnicate'"),
        (("train",), "Missing argument"),
        (("worker", "--jobs", "0"), "greater than or equal to 1"),
    ],
)
def test_wrong_input_gets_a_sentence_and_status_2(
    words: tuple[str, ...], told: str, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_home = words[0] in {"show", "runs"}
    assert _run(*words, *(("--home", home.path) if needs_home else ())) == 2
    assert told in " ".join(_said(capsys).replace("│", " ").split())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("- Flatten", "- Flaten", "did you mean 'Flatten'?"),
        ("epochs", "epoch", "did you mean 'epochs'?"),
        ("units: 10", "units: ten", "expected an integer"),
        ("name: digits", "name: digit", "did you mean 'digits'?"),
        ("{name: digits}", "{name: npz, path: nothing.npz}", "nothing.npz"),
    ],
)
def test_wrong_config_is_refused_before_anything_is_queued(
    old: str, new: str, told: str, home: Home, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG.replace(old, new, 1))
    assert _run("train", config, "--queue", "--home", home.path) == 2
    assert told in _said(capsys)
    _run("runs", "--json", "--home", home.path)
    assert json.loads(capsys.readouterr().out) == {"runs": [], "total": 0}


def test_home_that_cannot_be_written_is_named(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert _run("train", config, "--queue", "--home", blocked / "home") == 2
    assert f"cannot be used ({blocked} is not a folder)" in _said(capsys)


def test_unreachable_server_gets_a_sentence(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", config, "--queue", "--home", tmp_path / "home", "--tracking-uri", "http://127.0.0.1:9")
    assert _run(*words) == 2
    assert "127.0.0.1:9" in _said(capsys)


def test_run_of_another_program_has_no_config_to_rerun(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed_store(uri)
    _run("runs", "--json", "--limit", "200", "--home", home.path)
    runs = json.loads(capsys.readouterr().out)["runs"]
    foreign = next(run["run_id"] for run in runs if run["config_digest"] is None)
    assert _run("rerun", foreign, "--queue", "--home", home.path) == 2
    assert "was created by another program" in _said(capsys)
    assert _run("show", foreign, "--json", "--home", home.path) == 0
    json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_datasets_and_recipes_answer_without_a_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("datasets", "--json", "--home", tmp_path / "none") == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["datasets"]}
    assert found["digits"]["available"]
    assert not found["mnist"]["available"]
    assert found["mnist"]["input_shape"] == [28, 28]
    assert _run("recipes", "--json") == 0
    names = [each["name"] for each in json.loads(capsys.readouterr().out)["recipes"]]
    for name in names:
        assert _run("recipes", name) == 0
        assert "layers:" in capsys.readouterr().out
    assert not (tmp_path / "none").exists(), "looking makes no home"


def test_up_says_that_one_is_up_already(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    from trainer.execution.lock import FileLock

    app = make_app()
    app.command()(up)
    with FileLock(home.up_lock).held({"pid": 7, "dashboard": "http://127.0.0.1:8501"}, "taken"):
        assert run_app(app, ["up", "--home", str(home.path)]) == 2
    assert "is already running" in _said(capsys)


@pytest.mark.slow
def test_check_tells_shapes_counts_and_problems(home: Home, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("check", config, "--json", "--home", home.path) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"]
    assert report["input_shape"] == [None, 8, 8]
    assert [(each["layer"], each["output_shape"], each["parameters"]) for each in report["layers"]] == [
        ("Flatten", [None, 64], 0),
        ("Dense", [None, 10], 650),
    ]
    assert (report["parameters"], report["trainable_parameters"], report["problems"]) == (650, 650, [])
    config.write_text(CONFIG.replace("units: 10", "units: 1000000000000"))
    assert _run("check", config, "--json", "--home", home.path) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    assert {"severity", "where", "message", "fix"} == set(report["problems"][0])


def test_seeds_are_queued_as_one_group(home: Home, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("train", config, "--queue", "--seeds", 3, "--json", "--home", home.path) == 0
    told = json.loads(capsys.readouterr().out)
    assert [run["status"] for run in told["runs"]] == ["SCHEDULED"] * 3
    assert len({run["config_digest"] for run in told["runs"]}) == 3
    assert told["group"]
    assert told["summary"] == {}
    first = told["runs"][0]["run_id"]
    assert _run("rerun", first, "--queue", "--seeds", 2, "--home", home.path) == 0
    assert len(capsys.readouterr().out.split()) == 2
    assert _run("train", config, "--queue", "--seeds", 0, "--home", home.path) == 2


def test_runs_with_other_splits_are_queued_as_one_group(
    home: Home, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("train", config, "--queue", "--seeds", 2, "--vary", "split", "--json", "--home", home.path) == 0
    told = json.loads(capsys.readouterr().out)
    assert [run["name"].rpartition(" · ")[2] for run in told["runs"]] == ["seed 0, split 0", "seed 1, split 1"]
    assert told["group"]
    assert _run("train", config, "--queue", "--vary", "split", "--home", home.path) == 2
    assert "--vary split needs --seeds" in _said(capsys)
    whole = ("--set", "dataset.validation_fraction=0", "--set", "dataset.test_fraction=0")
    assert _run("train", config, "--queue", "--seeds", 2, "--vary", "split", *whole, "--home", home.path) == 2
    assert "is split at random" in _said(capsys)


def test_folds_are_queued_as_one_group(home: Home, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("train", config, "--queue", "--folds", 3, "--json", "--home", home.path) == 0
    told = json.loads(capsys.readouterr().out)
    assert [run["name"].rpartition(" · ")[2] for run in told["runs"]] == [f"seed {n}, fold {n + 1}" for n in range(3)]
    assert told["group"]
    second = told["runs"][1]["run_id"]
    assert _run("rerun", second, "--queue", "--folds", 3, "--json", "--home", home.path) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["group"] == told["group"]
    assert [run["config_digest"] for run in again["runs"]] == [run["config_digest"] for run in told["runs"]]
    for wrong, words in (
        (("--folds", 3, "--seeds", 2), "--folds cannot be used with --seeds"),
        (("--vary", "fold"), "--vary fold needs --folds"),
        (("--folds", 3, "--set", "dataset.name=mnist"), "it cannot have folds"),
        (("--folds", 1), "greater than or equal to 2"),
    ):
        assert _run("train", config, "--queue", *wrong, "--home", home.path) == 2
        assert words in _said(capsys)


def test_finished_run_of_the_same_config_is_told_unless_silenced(
    home: Home, config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    _run("train", config, "--queue", "--home", home.path)
    first = capsys.readouterr().out.strip()
    store.log_metrics(first, [Point("test_accuracy", 0.91, 1, 2)])
    _run("train", config, "--queue", "--home", home.path)
    assert "already finished" not in _said(capsys)
    store.set_status(first, Status.FINISHED)
    assert _run("train", config, "--queue", "--home", home.path) == 0
    assert f"This config has already finished as run {first[:8]}: test_accuracy 0.9100." in _said(capsys)
    _run("train", config, "--queue", "--again", "--home", home.path)
    assert "already finished" not in _said(capsys)


def test_queue_is_listed_in_its_order_and_reordered(
    home: Home, config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = []
    for _ in range(3):
        _run("train", config, "--queue", "--home", home.path)
        ids.append(capsys.readouterr().out.strip())
    assert _run("queue", "--first", ids[2], "--json", "--home", home.path) == 0
    (listed,) = json.loads(capsys.readouterr().out)["queues"]
    assert [each["run_id"] for each in listed["queued"]] == [ids[2], ids[0], ids[1]]
    assert [each["ahead"] for each in listed["queued"]] == [0, 1, 2]
    assert listed["jobs"] is None
    assert _run("queue", "--down", ids[2], "--up", ids[1], "--home", home.path) == 0
    said = capsys.readouterr()
    shown = [line.split()[1] for line in said.out.splitlines()[1:]]
    assert shown == [ids[1][:8], ids[2][:8], ids[0][:8]]
    assert "behind 2 runs, start time unknown" in said.out
    assert "No worker" in said.err
    store.set_status(ids[0], Status.RUNNING)
    assert _run("queue", "--up", ids[0], "--home", home.path) == 2
    assert "has already started" in _said(capsys)
    assert _run("queue", "--home", home.path / "other", "--tracking-uri", store.tracking_uri) == 0
    assert "No runs are running or queued" in capsys.readouterr().err
    assert _run("queue", "--all", "--home", home.path / "other", "--tracking-uri", store.tracking_uri) == 0
    assert ids[1][:8] in capsys.readouterr().out


def test_limits_of_a_queued_run_are_its_own(
    home: Home, config: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--queue", "--json", "--home", home.path)
    assert _run("train", config, "--time-limit", "1h30m", "--memory-limit", "4GB", *words) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["limits"] == {"seconds": 5400, "memory": 4_000_000_000}
    assert _run("rerun", shown["run_id"], *words) == 0
    assert json.loads(capsys.readouterr().out)["limits"] == {"seconds": None, "memory": None}
