"""Pages and commands over what SQLite keeps and MLflow never writes: at the most a sentence, and the rest is shown."""

import sqlite3
from pathlib import Path

import pytest

from dashboard.loaders import checks
from tests.support.commands import call
from tests.support.pages import draw_build, draw_compare, draw_run, draw_runs, opened
from tests.support.store import run_id_of
from trainer.config.check import CheckReport
from trainer.home import Home

_CHANGES = {
    "finished": "UPDATE runs SET artifact_uri = '/tmp/a' || char(0) || 'b' WHERE run_uuid = ?",
    "second": "UPDATE metrics SET value = 'text' WHERE run_uuid = ?",
    "infinite": "UPDATE latest_metrics SET value = 'text', step = 'text', timestamp = 'text' WHERE run_uuid = ?",
    "regression": "UPDATE metrics SET step = 'text', timestamp = 'text' WHERE run_uuid = ?",
    "failed": "UPDATE runs SET name = 'two' || char(10) || 'lines' || char(27) || '[31m' WHERE run_uuid = ?",
    "killed": "UPDATE runs SET start_time = 'text', end_time = 'text' WHERE run_uuid = ?",
    "markup": "UPDATE params SET value = replace(hex(zeroblob(3000)), '0', char(10) || 'x') WHERE run_uuid = ?",
    "diverged": "UPDATE tags SET value = char(0) || '{' WHERE run_uuid = ? AND key NOT LIKE '%digest'",
}
"""What is wrong with each of these runs."""


@pytest.fixture(scope="module")
def odd_home(_seeded: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(tmp_path_factory.mktemp("odd")).make()
    home.database.write_bytes(_seeded.database.read_bytes())
    with sqlite3.connect(home.database) as connection:
        for label, change in _CHANGES.items():
            assert connection.execute(change, [run_id_of(label)]).rowcount
    connection.close()
    return home.path


@pytest.fixture
def home(odd_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FITBOARD_HOME", str(odd_home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    return odd_home


@pytest.mark.parametrize("label", _CHANGES)
def test_pages_show_an_odd_run(label: str, home: Path) -> None:
    run_id = run_id_of(label)
    pages = (
        opened(draw_run, id=run_id),
        opened(draw_compare, runs=f"{run_id},{run_id_of('queued')}"),
        opened(draw_build, **{"from": run_id}),
    )
    for page in pages:
        assert not page.exception
        assert all(len(error.value.splitlines()) == 1 for error in page.error)


def test_runs_page_lists_odd_runs(home: Path) -> None:
    page = opened(draw_runs)
    assert not page.exception
    assert not page.error
    assert any("11 runs" in caption.value for caption in page.caption)


@pytest.mark.parametrize("label", _CHANGES)
def test_commands_answer_about_an_odd_run(label: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = run_id_of(label)
    commands: tuple[tuple[str, ...], ...] = (
        ("runs",),
        ("runs", "--json"),
        ("show", run_id),
        ("show", run_id, "--json"),
        ("verify", run_id, run_id_of("queued")),
        ("export", run_id),
    )
    for words in commands:
        status = call(*words, "--home", home)
        said = capsys.readouterr()
        assert status in {0, 1, 2}
        assert "Internal error" not in said.err, words
        assert len(said.err.strip().splitlines()) <= 1, words
        assert "\x1b" not in said.out, words
