"""What commands say to a run that another program logged: it is looked at, and never changed."""

import json
from datetime import datetime

import pytest

from tests.support.commands import call
from tests.support.store import SeedRun, add_run
from trainer.home import Home
from trainer.tracking import Status, Store


@pytest.fixture
def foreign(store: Store) -> str:
    """A run of another program that says it is running."""
    made: str = store.client.create_run("0", run_name="sklearn-forest").info.run_id
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("adopt",),
        ("stop",),
        ("stop", "--kill"),
        ("resume",),
        ("resume", "--epochs", 9),
        ("rerun",),
        ("rerun", "--queue"),
        ("queue", "--first"),
        ("queue", "--up"),
        ("queue", "--down"),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_command_that_changes_a_run_refuses_it_in_one_sentence(
    words: tuple[object, ...], home: Home, store: Store, foreign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = store.get(foreign)
    assert call(*words, foreign, "--home", home.path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count(f"Run {foreign} was created by another program") == 1
    assert len(said.err.strip().splitlines()) == 1
    assert store.get(foreign) == before


def test_silent_run_of_another_program_says_since_when(
    home: Home, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    start = 1_700_000_000_000
    run = SeedRun(label="one", name="one", status=Status.RUNNING, start_time=start, curves={"loss": [2.0, 1.0]})
    run_id = add_run(uri, home.artifacts, run)
    last = datetime.fromtimestamp((start + 3_002) / 1000)
    assert call("runs", "--home", home.path) == 0
    assert f"RUNNING, silent since {last:%Y-%m-%d %H:%M}" in capsys.readouterr().out
    assert call("show", run_id, "--json", "--home", home.path) == 0
    assert json.loads(capsys.readouterr().out)["silent_since"] == (start + 3_002) / 1000
