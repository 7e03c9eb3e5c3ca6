"""A rerun of a run whose file has changed reads the version that the run has read, if home keeps it."""

import json
from pathlib import Path

import pytest

from tests.support.commands import call
from tests.support.series_files import sales, series_config
from tests.support.tables import people, table_config
from trainer.config import dump_config
from trainer.data import load
from trainer.execution.process.logged_dataset import dataset_record
from trainer.home import Home
from trainer.reproduce.kept_data import kept_data
from trainer.tracking import Store, open_store
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


def test_series_whose_file_has_changed_is_found_where_it_is_kept(home: Home, store: Store, tmp_path: Path) -> None:
    file, place = sales(tmp_path / "sales.csv"), ("--home", home.path)
    config = series_config(file)
    run_id = store.create(config_text=dump_config(config), experiment="Default", name="x", tags={}, params={})
    record = dataset_record(config, load(config.dataset, home=home), home)
    assert ("sold", "double") in record.columns
    assert record.target_shape == (2,)
    store.log_dataset(run_id, record)
    (run,) = store.reader.get([run_id])
    assert kept_data(config, run, store.reader, home) is None
    assert call("data", "add", file, "--as", "series", "--target", "sold", "--copy", *place) == 0
    sales(file, seed=1)
    found = kept_data(config, run, store.reader, home)
    assert found is not None
    assert found.path == next(home.data.glob("*/sales.csv"))
