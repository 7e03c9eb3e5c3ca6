"""Every page and command over a store of another MLflow: one sentence, and the file stays the same to the last byte."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.loaders import checks
from tests.support.commands import SMALL, call
from tests.support.old_store import LATER, older_store, stamp
from tests.support.pages import draw_build, draw_compare, draw_run, draw_runs, page_of
from tests.support.store import run_id_of
from trainer.config.check import CheckReport
from trainer.home import Home

_TOLD = {
    "older": r"was written by MLflow 2\.22 or a release close to it \(schema \w+\), but MLflow \S+ expects schema \w+; "
    r"back it up and run `mlflow db upgrade sqlite:\S+`, or use another store with --tracking-uri\.",
    "newer": r"has schema f+, which MLflow \S+ does not know .*upgrade Fitboard and MLflow, or use another store",
}


@pytest.fixture(scope="module", params=sorted(_TOLD))
def odd(
    request: pytest.FixtureRequest, _seeded: Home, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Home, str, str]:
    """A home whose store another MLflow wrote, with the id of a run in it, and what is said of it."""
    home = Home(tmp_path_factory.mktemp(request.param)).make()
    if request.param == "older":
        return home, older_store(home.database), _TOLD["older"]
    shutil.copy(_seeded.database, home.database)
    stamp(home.database, LATER)
    return home, run_id_of("finished"), _TOLD["newer"]


def _digest(home: Home) -> dict[str, str]:
    """Return the digest of the store and of whatever lies beside it under its name."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in home.path.glob("*mlflow*")
        if file.is_file()
    }


@pytest.mark.parametrize(
    ("draw", "query"),
    [
        (draw_runs, {}),
        (draw_runs, {"search": "metrics.loss < 1"}),
        (draw_run, {"id": "{run}"}),
        (draw_compare, {"runs": "{run},{run}"}),
        (draw_build, {"from": "{run}"}),
    ],
)
def test_page_says_which_mlflow_wrote_the_store(
    draw: Callable[[], None], query: dict[str, str], odd: tuple[Home, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, run_id, told = odd
    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", lambda config: CheckReport(ok=True, input_shape=()))
    before = _digest(home)
    page: AppTest = page_of(draw)
    for key, value in query.items():
        page.query_params[key] = value.format(run=run_id)
    page.run()
    assert not page.exception
    # Build draws what it can without a store, and warns.
    said = [re.sub(r"\\(.)", r"\1", each.value) for each in (*page.error, *page.warning)]
    assert len(said) == 1
    assert re.search(told, said[0])
    assert "\n" not in said[0]
    assert _digest(home) == before


_COMMANDS = (
    ("runs",),
    ("runs", "--json"),
    ("show", "{run}"),
    ("stop", "{run}"),
    ("queue",),
    ("train", "{config}", "--queue"),
    ("rerun", "{run}", "--queue"),
    ("verify", "{run}", "{run}"),
    ("compare", "{run}", "latest"),
    ("resume", "{run}"),
    ("adopt", "{run}"),
    ("export", "{run}"),
)


@pytest.mark.parametrize("words", _COMMANDS, ids=" ".join)
def test_command_says_which_mlflow_wrote_the_store(
    words: tuple[str, ...], odd: tuple[Home, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, run_id, told = odd
    config = tmp_path / "config.yaml"
    config.write_text(SMALL)
    before = _digest(home)
    assert call(*(word.format(run=run_id, config=config) for word in words), "--home", home.path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.search(told, said.err)
    assert len(said.err.strip().splitlines()) == 1
    assert _digest(home) == before


def test_other_commands_leave_the_store_alone(odd: tuple[Home, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    before = _digest(odd[0])
    for words in (("datasets",), ("recipes",)):
        assert call(*words, "--home", odd[0].path) == 0
    assert _digest(odd[0]) == before


@pytest.mark.slow
@pytest.mark.parametrize("word", ["up", "worker", "doctor --json"])
def test_long_command_says_so_and_ends(word: str, odd: tuple[Home, str, str]) -> None:
    home, _, told = odd
    before = _digest(home)
    command = [sys.executable, "-m", "dashboard.cli", *word.split(), "--home", str(home.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if "doctor" in word else 2)
    assert re.search(told, done.stdout + done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert _digest(home) == before
