"""The dataset that a run logs: its kept name, and the columns of a table."""

from pathlib import Path

import pandas as pd

from trainer.config import Config, parse_config
from trainer.data import load
from trainer.data.library import keep_dataset
from trainer.data.profile import profile
from trainer.execution.process.logged_dataset import dataset_record
from trainer.home import Home


def config_of(path: Path, **fields: object) -> Config:
    dataset = {"name": "csv", "path": str(path), "target": "answer", **fields}
    return parse_config({"dataset": dataset, "layers": [{"layer": "Dense", "units": 2}], "loss": "MeanSquaredError"})


def test_table_is_recorded_with_its_kept_name_and_its_columns(tmp_path: Path) -> None:
    home, path = Home(tmp_path / "home").make(), tmp_path / "table.csv"
    pd.DataFrame(
        {
            "size": range(20),
            "color": ["red", "blue"] * 10,
            "day": pd.date_range("2026-01-01", periods=20),
            "id": [f"person {place}" for place in range(20)],
            "answer": ["yes", "no"] * 10,
        }
    ).to_csv(path, index=False)
    config = config_of(path)
    splits = load(config.dataset, home=home)
    assert dataset_record(config, splits, home).name == "csv"
    keep_dataset("customers", path, {"name": "csv", "path": str(path)}, profile(path), home=home)
    found = dataset_record(config, splits, home)
    assert found.name == "customers"
    assert found.columns == [("size", "double"), ("color", "string"), ("day", "datetime"), ("answer", "string")]
    assert found.digest == profile(path).digest
