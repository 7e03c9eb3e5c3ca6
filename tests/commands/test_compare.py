"""`fitboard compare`: which differences between configs are real."""

import json
from pathlib import Path

import pytest

from dashboard.report import write_report
from tests.support.commands import call
from tests.support.predictions import classified
from tests.support.store import add_runs, config_of, fitboard_run, run_id_of
from trainer.cli import make_app, run_app
from trainer.config import parse_config
from trainer.home import Home
from trainer.tracking import Status

GOOD, BAD = [0.951, 0.953, 0.952, 0.950], [0.937, 0.938, 0.936, 0.939]


@pytest.fixture
def runs(home: Home, uri: str) -> dict[str, list[str]]:
    """Two configs, each with a run for each of four seeds."""
    made = {}
    for units, label, values in ((64, "narrow", BAD), (128, "wide", GOOD)):
        made[label] = [run_id_of(f"{label}{seed}") for seed in range(len(values))]
        add_runs(
            uri,
            home.artifacts,
            [
                fitboard_run(
                    f"{label}{seed}", config_of(name=label, units=units, seed=seed), Status.FINISHED,
                    start_time=seed + 1, end_time=seed + 2,
                    curves={"val_accuracy": [value - 0.01], "test_accuracy": [value], "test_loss": [1 - value]},
                )
                for seed, value in enumerate(values)
            ],
        )  # fmt: skip
    return made


def test_compare_says_which_config_is_better_and_by_how_much(
    home: Home, runs: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("compare", runs["narrow"][0], runs["wide"][0], "--group", "--home", home.path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["baseline"] == runs["narrow"][0]
    assert [len(side["runs"]) for side in found["sides"]] == [4, 4]
    assert found["family"] == len(found["comparisons"]) == 3
    by_metric = {each["metric"]: each for each in found["comparisons"]}
    assert by_metric["test_accuracy"]["real"] is True
    assert by_metric["test_accuracy"]["words"].startswith("better by ")
    assert by_metric["test_loss"]["words"].startswith("better by ")
    assert by_metric["test_loss"]["difference"] < 0
    assert by_metric["test_accuracy"]["p_holm"] == pytest.approx(3 * by_metric["test_accuracy"]["p"], rel=0.7)


def test_baseline_can_be_any_of_the_runs(
    home: Home, runs: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*runs["narrow"], *runs["wide"], "--baseline", runs["wide"][1], "--metric", "test_accuracy"]
    assert call("compare", *given, "--home", home.path) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert len(lines) == 3
    assert "wide" in lines[1]
    assert lines[1].rstrip().endswith("baseline")
    assert "worse by" in lines[2]
    assert "one split of the data" in told.err


def test_single_runs_have_values_but_no_verdict(
    home: Home, runs: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("compare", runs["narrow"][0], runs["wide"][0], "--home", home.path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["family"] == 0
    assert {each["real"] for each in found["comparisons"]} == {None}
    assert all("one run says nothing about other seeds" in each["words"] for each in found["comparisons"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["narrow"], "Expected two or more runs, got 1"),
        (["narrow", "narrow"], "Expected two or more runs, got 1"),
        (["narrow", "wide", "--metric", "f1"], "None of the given runs has a metric 'f1'; expected one of"),
        (["narrow", "wide", "--baseline", "nothing"], "Run 'nothing' not found"),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(
    home: Home, runs: dict[str, list[str]], capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    given = [runs[word][0] if word in runs else word for word in words]
    assert call("compare", *given, "--home", home.path) == 2
    assert sentence in capsys.readouterr().err


def test_runs_of_one_config_are_no_comparison(
    home: Home, runs: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("compare", *runs["wide"], "--home", home.path) == 2
    assert "all have the same config" in capsys.readouterr().err


def test_two_single_runs_are_compared_as_networks_on_the_same_samples(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    actual = [0, 1, 2] * 40
    for label, units, wrong in (("one", 64, range(10)), ("other", 128, range(5, 35))):
        kept = classified(actual, [(each + (place in wrong)) % 3 for place, each in enumerate(actual)])
        run = fitboard_run(
            label, config_of(name=label, units=units), Status.FINISHED, start_time=1, end_time=2,
            curves={"test_accuracy": [1 - len(wrong) / 120]}, artifacts={"evaluation/samples.npz": kept.dumps()},
        )  # fmt: skip
        add_runs(uri, home.artifacts, [run])
    given = ["compare", run_id_of("other"), run_id_of("one"), "--home", home.path]
    assert call(*given, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert found["words"].startswith("better by ")
    assert found["words"].endswith(" (these two networks)")
    assert (found["about"], found["method"], found["real"]) == ("networks", "exact McNemar test", True)
    assert (found["samples"], found["only_this"], found["only_baseline"]) == (120, 25, 5)
    assert call(*given) == 0
    assert "says nothing about the configs" in capsys.readouterr().err


@pytest.fixture
def on_datasets(home: Home, uri: str) -> list[str]:
    """Three configs, each with a run on each of five datasets, the widest best on all; ids in order of the datasets."""
    made = []
    for place, kind in enumerate(("digits", "iris", "wine", "moons", "circles")):
        for units in (16, 64, 128):
            fields = {**config_of(name=None, units=units).model_dump(mode="json"), "dataset": {"name": kind}}
            made.append(
                fitboard_run(
                    f"{kind}{units}", parse_config(fields), Status.FINISHED, start_time=1, end_time=2,
                    name=f"{units} units",
                    curves={"test_accuracy": [0.5 + units / 1_000 + place / 100]},
                )
            )  # fmt: skip
    add_runs(uri, home.artifacts, made)
    return [run_id_of(run.label) for run in made]


def test_configs_on_several_datasets_are_ranked(
    home: Home, on_datasets: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.html"
    assert _with_reports("compare", *on_datasets, "--home", home.path, "--json", "--html", file) == 0
    (ranks,) = json.loads(capsys.readouterr().out)["ranks"]
    assert ranks["datasets"] == ["digits", "iris", "wine", "moons", "circles"]
    assert [(each["label"], each["mean_rank"]) for each in ranks["configs"]] == [
        ("16 units", 3), ("64 units", 2), ("128 units", 1),
    ]  # fmt: skip
    assert ranks["configs"][2]["run_ids"] == on_datasets[2::3]
    assert ranks["friedman_p"] == pytest.approx(0.0067, abs=5e-5)
    assert ranks["better"] == [["128 units", "16 units"]]
    assert ranks["words"] in file.read_text().replace("&#39;", "'")
    assert call("compare", *on_datasets, "--home", home.path) == 0
    printed = capsys.readouterr().out
    assert ranks["words"] in printed
    assert printed.count("other data than the baseline’s; see the mean ranks") == 12
    assert "not comparable" not in printed
    rows = [line.split("digits" if "digits" in line else "iris")[0].strip() for line in printed.splitlines()[1:7]]
    assert [row.partition(" (")[0] for row in rows] == ["16 units", "64 units", "128 units"] * 2


def _with_reports(*words: object) -> int:
    return run_app(make_app(report=write_report), [str(word) for word in words])


def test_html_file_holds_the_numbers_that_the_command_prints(
    home: Home, runs: dict[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new folder" / "report.html"
    given = ["compare", runs["narrow"][0], runs["wide"][0], "--group", "--home", home.path, "--json"]
    assert _with_reports(*given, "--html", file, "--notes", "*Width* matters.") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("path") == str(file)
    text = file.read_text()
    held = json.loads(text.partition('id="fitboard-comparison">')[2].partition("</script>")[0])
    assert printed == {key: held[key] for key in printed}
    assert {metric: len(some) for metric, some in held["curves"].items()} == {"val_accuracy": 8}
    assert "<em>Width</em> matters." in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--notes", "x"], "--notes requires --html FILE"),
        (["--html", "/dev/null/report.html"], "/dev/null/report.html cannot be written"),
    ],
)
def test_html_file_that_cannot_be_written_gets_a_sentence(
    home: Home, runs: dict[str, list[str]], capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    assert _with_reports("compare", runs["narrow"][0], runs["wide"][0], "--home", home.path, *options) == 2
    assert sentence in capsys.readouterr().err


def test_html_file_needs_the_charts_of_the_dashboard(
    home: Home, runs: dict[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [runs["narrow"][0], runs["wide"][0], "--home", home.path, "--html", tmp_path / "report.html"]
    assert call("compare", *given) == 2
    assert "use `fitboard compare`" in capsys.readouterr().err
