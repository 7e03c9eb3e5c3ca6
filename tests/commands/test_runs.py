"""`fitboard runs`: one line a run, whatever was logged and whatever it is called."""

import json
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.support.commands import call
from tests.support.store import SeedRun, add_run
from trainer.home import Home
from trainer.statistics import summarize
from trainer.tracking import Status, open_store
from trainer.tracking.user import USER_TAG, this_user


@pytest.mark.parametrize(
    ("curves", "results"),
    [
        ({"loss": [1.0], "val_loss": [2.0], "test_loss": [3.0]}, "test_loss 3"),
        (
            {"loss": [1.0], "val_loss": [2.5], "val_mae": [4.7e-9], "learning_rate": [0.1]},
            "val_loss 2.500  val_mae 4.7e−09",
        ),
        ({"loss": [0.5], "mae": [0.25], "epoch_seconds": [9.0], "system/cpu": [1.0]}, "loss 0.5000  mae 0.2500"),
    ],
)
def test_run_without_a_test_shows_what_it_has(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str], curves: dict[str, list[float]], results: str
) -> None:
    run = SeedRun(label="one", name="one", status=Status.FINISHED, start_time=1, end_time=2, curves=curves)
    add_run(uri, home.artifacts, run)

    assert call("runs", "--home", home.path) == 0
    assert capsys.readouterr().out.splitlines()[1].rstrip().endswith(f"  {results}")


def test_name_with_a_line_break_or_nothing_to_see_keeps_to_its_line(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for label, name in (("broken", "two\nlines"), ("blank", " \u200b ")):
        add_run(uri, home.artifacts, SeedRun(label=label, name=name, status=Status.FAILED, start_time=1, end_time=2))

    assert call("runs", "--home", home.path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert sum("two lines" in line for line in lines) == 1


def test_search_of_the_command_line_takes_every_word(home: Home, uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    for label in ("ÜNÏ one", "ÜNÏ two"):
        add_run(uri, home.artifacts, SeedRun(label=label, name=label, status=Status.FAILED, start_time=1, end_time=2))

    assert call("runs", "ünï TWO", "--home", home.path) == 0
    assert "two" in (told := capsys.readouterr().out)
    assert "one" not in told


def test_one_s_own_runs_are_listed_alone_and_the_others_with_their_users(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [
        add_run(uri, home.artifacts, SeedRun(label=name, name=name, status=Status.FAILED, start_time=1, end_time=2))
        for name in ("theirs", "ours")
    ]
    open_store(uri, home).set_tags(ids[1], {USER_TAG: this_user()})

    assert call("runs", "--home", home.path) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["run", "status", "name", "user", "when", "results"]
    assert {tuple(line.split()[2:4]) for line in printed[1:]} == {("theirs", "somebody"), ("ours", this_user())}
    assert call("runs", "--mine", "--json", "--home", home.path) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert (run["run_id"], run["author"]) == (ids[1], this_user())


def test_runs_are_written_to_files_with_every_column(
    home: Home, uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in ("one", "two"):
        run = SeedRun(label=label, name="=1+1", status=Status.FINISHED, start_time=1, end_time=2)
        add_run(uri, home.artifacts, run)
    sheet, exact = tmp_path / "runs.csv", tmp_path / "runs.parquet"
    assert call("runs", "--csv", sheet, "--parquet", exact, "--json", "--home", home.path) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"files": [str(sheet), str(exact)], "runs": 2}
    assert "Wrote 2 runs to" in said.err
    assert sheet.read_text().count("'=1+1") >= 2
    assert parquet.read_table(exact)["name"].to_pylist() == ["=1+1", "=1+1"]

    assert call("runs", "--csv", sheet, "--limit", 1, "--home", home.path) == 0
    assert len(sheet.read_text().splitlines()) == 2
    assert call("runs", "--csv", tmp_path, "--home", home.path) == 2
    assert "is a folder; expected a new file" in capsys.readouterr().err


def test_groups_have_the_numbers_of_their_runs(home: Home, uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    for label, rate, value in (("one", "0.1", 0.5), ("two", "0.1", 0.7), ("three", "0.2", 0.3)):
        run = SeedRun(
            label=label, name=label, status=Status.FINISHED, start_time=1, end_time=2,
            params={"rate": rate, "seed": label}, curves={"test_accuracy": [value]},
        )  # fmt: skip
        add_run(uri, home.artifacts, run)

    assert call("runs", "--group-by", "rate", "--json", "--home", home.path) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["total"], told["runs"], told["complete"]) == (2, 3, True)
    group = next(each for each in told["groups"] if each["values"] == {"params.rate": "0.1"})
    summary = summarize([0.5, 0.7])
    assert summary is not None
    assert group["metrics"]["test_accuracy"] == pytest.approx({**summary._asdict(), "best": 0.7, "not_finite": 0})

    for asked in (("--group-by", "config"), ("--group-except", "seed")):
        assert call("runs", *asked, "--home", home.path) == 0
        assert "0.6 ± 1.3 (n 2), best 0.7" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--group-by", "nope"), "No run has a field 'nope'"),
        (("--group-by", "config", "--group-except", "seed"), "mutually exclusive"),
        (("--group-by", "config", "--group-by", "experiment"), "cannot be combined with other fields"),
        (("--group-except", "experiment"), "accepts only params, got 'experiment'"),
        (("--group-by", "config", "--csv", "runs.csv"), "Groups cannot be written to a file"),
    ],
)
def test_groups_that_cannot_be_made_are_refused_in_a_sentence(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], words: str
) -> None:
    assert call("runs", *asked, "--home", home.path) == 2
    assert words in capsys.readouterr().err.replace("\n", " ")


def test_values_of_metrics_are_listed_sorted_by_and_summarized(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for label, losses in (("one", [0.5, 0.25, 0.75]), ("two", [0.75, 0.5, 0.5]), ("three", [0.75])):
        curves = {"val_loss": losses, "cost": losses, "accuracy": [1 - loss for loss in losses]}
        run = SeedRun(
            label=label, name=label, status=Status.FINISHED, start_time=1, end_time=2, params={"a": "1"}, curves=curves
        )
        add_run(uri, home.artifacts, run)
    best, at_best = "val_loss@best", "accuracy@best:val_loss"

    assert call("runs", "--value", best, "--value", at_best, "--sort", best, "--json", "--home", home.path) == 0
    told = json.loads(capsys.readouterr().out)["runs"]
    assert [(run["name"], run["values"]) for run in told] == [
        ("one", {best: 0.25, at_best: 0.75}),
        ("two", {best: 0.5, at_best: 0.5}),
        ("three", {best: 0.75, at_best: 0.25}),
    ]
    assert call("runs", "--value", "val_loss@step:2", "--home", home.path) == 0
    assert "val_loss at step 2" in capsys.readouterr().out
    assert call("runs", "--value", best, "--group-by", "a", "--json", "--home", home.path) == 0
    assert json.loads(capsys.readouterr().out)["groups"][0]["metrics"][best]["mean"] == 0.5
    assert call("runs", "--value", "cost@best", "--lower", "cost", "--json", "--home", home.path) == 0
    assert sorted(run["values"]["cost@best"] for run in json.loads(capsys.readouterr().out)["runs"]) == [
        0.25,
        0.5,
        0.75,
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--value", "val_loss@first"), "Unknown value 'val_loss@first' of a metric; expected `@last`"),
        (("--sort", "val_los"), "No run has a metric 'val_los'; did you mean 'val_loss'?"),
        (("--value", "val_loss@best", "--csv", "runs.csv"), "--value cannot be combined with --csv or --parquet"),
        (("--value", "size@best"), "add --higher size or --lower size"),
    ],
)
def test_values_that_cannot_be_read_are_refused_in_a_sentence(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], words: str
) -> None:
    curves = {"val_loss": [0.5], "size": [1.0]}
    run = SeedRun(label="one", name="one", status=Status.FINISHED, start_time=1, end_time=2, curves=curves)
    add_run(uri, home.artifacts, run)

    assert call("runs", *asked, "--home", home.path) == 2
    assert words in " ".join(capsys.readouterr().err.split())
