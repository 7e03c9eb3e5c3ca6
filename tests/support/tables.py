"""Small tables as files, written by tests."""

from pathlib import Path
from typing import Any

import numpy as np

from trainer.config import Config, DatasetConfig, parse_config

__all__ = ["people", "table_config", "table_dataset"]

CITIES = ("Berlin", "Paris", "Łódź", "")


def people(path: Path, rows: int = 120, *, seed: int = 0) -> Path:
    """Write a CSV file with a column of each role, gaps in some, a group, a weight, and three targets."""
    draw = np.random.default_rng(seed)
    lines = ["age,city,zip,when,income,species,group,weight"]
    for row in range(rows):
        age = "" if row % 17 == 3 else f"{draw.normal(40, 10):.1f}"
        when = (
            "" if row % 23 == 5 else f"20{draw.integers(10, 30)}-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}"
        )
        city, zip_code = CITIES[draw.integers(4)], f"{draw.integers(1000):05d}"
        species = "cat" if draw.random() < 0.5 else "dog"
        lines.append(f"{age},{city},{zip_code},{when},{draw.integers(1, 90) / 4},{species},g{row % 12},{1 + row % 3}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def table_dataset(path: Path, /, **fields: Any) -> DatasetConfig:
    """Return the dataset of a file, by default of its column `species` and with a role of each kind."""
    return table_config(path, **fields).dataset


def table_config(path: Path, /, *, config: dict[str, Any] | None = None, **fields: Any) -> Config:
    """Return a small network on the table in a file; `config` changes fields of it, all others those of the dataset."""
    dataset = {"name": path.suffix[1:], "path": str(path), "target": "species", "columns": _COLUMNS, **fields}
    return parse_config(
        {
            "dataset": {name: value for name, value in dataset.items() if value is not None},
            "layers": [{"layer": "Dense", "units": 8, "activation": "relu"}, {"layer": "Dense", "units": 2}],
            "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
            "optimizer": {"name": "Adam", "learning_rate": 0.01},
            "metrics": ["accuracy"],
            "epochs": 2,
            **(config or {}),
        }
    )


_COLUMNS = {"zip": "hashed", "group": "ignore", "weight": "ignore"}
