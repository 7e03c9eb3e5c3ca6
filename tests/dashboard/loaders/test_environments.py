from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import loaders
from tests.support.store import run_id_of
from trainer.tracking import Run, Status, Tag
from trainer.tracking.files import ENVIRONMENT_FILE

_MOST_COMPARED = 500


@pytest.fixture(autouse=True)
def _home(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))


def a_run(folder: Path, number: int = 0, *, python: str | None = "3.12") -> Run:
    place = folder / str(number)
    place.mkdir(parents=True)
    if python:
        (place / ENVIRONMENT_FILE).write_text(f'{{"python": "{python}"}}')
    return Run(
        run_id=run_id_of(f"run {number}"), name="", experiment_id="0", experiment="Default", status=Status.FINISHED,
        start_time=0, end_time=1, artifact_uri=str(place), tags={Tag.CONFIG_DIGEST: "x"},
    )  # fmt: skip


def file_of(run: Run) -> Path:
    return Path(run.artifact_uri) / ENVIRONMENT_FILE


def test_environments_of_a_whole_comparison_are_read_once(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, number) for number in range(_MOST_COMPARED)]
    first = loaders.environments(runs)
    assert first == {run.run_id: {"python": "3.12"} for run in runs}
    for run in runs:
        file_of(run).unlink()
    assert loaders.environments(runs) == first
    assert loaders.environments(runs[1:]) == {run.run_id: {"python": "3.12"} for run in runs[1:]}


def test_environment_is_read_again_once_a_run_was_resumed_and_ended_again(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    loaders.environments([run])
    file_of(run).write_text('{"python": "3.13"}')
    assert loaders.environments([run]) == {run.run_id: {"python": "3.12"}}
    assert loaders.environments([replace(run, end_time=2)]) == {run.run_id: {"python": "3.13"}}


def test_run_without_the_file_has_an_empty_environment(tmp_path: Path) -> None:
    run = a_run(tmp_path, python=None)
    assert loaders.environments([run]) == {run.run_id: {}}


def test_run_of_another_program_has_no_environment_to_read(tmp_path: Path) -> None:
    run = replace(a_run(tmp_path), tags={})
    assert loaders.environments([run]) == {run.run_id: {}}
