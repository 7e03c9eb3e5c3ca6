"""A rerun of a run whose file has changed reads the version that the run has read, if home keeps it."""

import json
from pathlib import Path

import pytest

from tests.support.commands import call
from tests.support.tables import people, table_config
from trainer.config import dump_config
from trainer.home import Home
from trainer.reproduce.kept_data import kept_data
from trainer.tracking import open_store
from trainer.tracking.read.config import config_of


@pytest.mark.slow
def test_rerun_reads_the_kept_version_of_a_changed_file(
    home: Home, uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, config, place = people(tmp_path / "people.csv"), tmp_path / "config.yaml", ("--home", home.path)
    config.write_text(dump_config(table_config(file)))
    assert call("train", config, *place, "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert call("data", "add", file, "--target", "species", "--copy", *place) == 0
    people(file, seed=1)
    capsys.readouterr()
    assert call("rerun", first["run_id"], *place, "--json") == 0
    answer = capsys.readouterr()
    assert f"people.csv has changed since run {first['run_id'][:8]} read it; the rerun uses the version" in answer.err
    again = json.loads(answer.out)
    assert again["verdict"]["identical"] is True
    assert again["weights_sha256"] == first["weights_sha256"]
    (note,) = again["verdict"]["notes"]
    assert note.startswith("The rerun has read the version of people.csv that is kept at ")
    assert again["config_digest"] == first["config_digest"]

    reader = open_store(uri, home).reader
    (run,) = reader.get([first["run_id"]])
    made = config_of(reader.artifact, run)
    (copy,) = home.data.glob("*/people.csv")
    copy.write_text("damaged")
    lost = kept_data(made, run, reader, home)
    assert lost is not None
    assert lost.path is None
    assert "that version is not kept, so its numbers cannot be repeated" in lost.sentence
    people(file)
    assert kept_data(made, run, reader, home) is None
