"""Small tables as files, written by tests."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from trainer.config import Config, DatasetConfig, parse_config

__all__ = [
    "labelled",
    "people",
    "table_cases",
    "table_config",
    "table_dataset",
    "with_german_dates",
    "with_other_formats",
]

_NOTES = ("Don't stop, please!", "ÜBER all: über", "a b c d", "A, b; C.", "one two three", "four five six", "x y z w v")
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


def labelled(path: Path, rows: int = 60) -> Path:
    """Write a CSV file with a number and two labels that may both be true, one of them missing in two rows."""
    draw = np.random.default_rng(1)
    lines = ["x,high,even"]
    for row in range(rows):
        high = "" if row in {3, 40} else str(bool(row > rows / 2))
        lines.append(f"{row + draw.normal():.3f},{high},{1 - row % 2}")
    path.write_text("\n".join(lines) + "\n")
    return path


def with_german_dates(text: str) -> str:
    """Return a text in which ISO dates are written as 31.12.2026."""
    return re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3.\2.\1", text)


def with_other_formats(path: Path) -> None:
    """Write the table of a CSV file beside it as Parquet, and as a workbook, with numbers and dates as such."""
    import pandas as pd

    frame = pd.read_csv(path, parse_dates=["when"])
    frame.to_parquet(path.with_suffix(".parquet"))
    frame.to_excel(path.with_suffix(".xlsx"), index=False)


def table_cases(folder: Path) -> dict[str, dict[str, Any]]:
    """Return fields of configs on tables in files, which are written to `folder`: every role, split and format."""
    names = ("people", "coded", "gaps", "parts", "twice")
    plain, coded, gaps, parts, twice = (folder / f"{name}.csv" for name in names)
    text = people(plain).read_text(encoding="utf-8")
    with_other_formats(plain)
    halves = text.replace(",", ";").replace(".", ",").replace("Paris", " -99 ").replace(";1;", ";-99;")
    coded.write_text(with_german_dates(halves), encoding="utf-16")
    twice.write_text("".join([text, *text.splitlines(keepends=True)[1:40]]).replace("cat", "", 5), encoding="utf-8")
    gaps.write_text(text.replace("cat", "", 9), encoding="utf-8")
    named = text.replace("Berlin", "train").replace("Łódź", "training").replace("Paris", "Test")
    parts.write_text(named.replace(",,0", ",val,0"), encoding="utf-8")
    notes = folder / "notes.csv"
    notes.write_text("note,species\n" + "".join(f'"{_NOTES[row % 7]} {row}",{"ab"[row % 2]}\n' for row in range(60)))
    one: dict[str, Any] = {"layers": [{"layer": "Dense", "units": 1}], "loss": "mse", "metrics": ["mae"]}
    labels = {"loss": {"name": "BinaryCrossentropy", "from_logits": True}, "metrics": ["BinaryAccuracy"]}
    labels_too = {"task": "multilabel", "columns": {}}
    two = {**one, "layers": [{"layer": "Dense", "units": 2}]}
    cases: dict[str, tuple[Path, dict[str, Any], dict[str, Any]]] = {
        "csv-roles": (plain, {}, {"columns": {"zip": "hashed", "weight": "category"}, "hash_bins": 7}),
        "csv-coded": (
            coded,
            one,
            {
                "target": "income",
                "missing": [-99],
                "columns": {"weight": "numeric"},
                "date_formats": {"when": "%d.%m.%Y"},
            },
        ),
        "csv-groups": (plain, {}, {"split": {"by": "group", "column": "group"}, "weight": "weight", "columns": {}}),
        "csv-times": (plain, {"class_weight": "balanced"}, {"split": {"by": "time", "column": "weight"}}),
        "csv-parts": (parts, {}, {"split": {"by": "column", "column": "city"}, "columns": {"zip": "hashed"}}),
        "csv-gaps": (gaps, {}, {"split": {"by": "random", "stratify": False}, "validation_fraction": 0.0}),
        "csv-repeated": (twice, {}, {"drop_duplicates": True, "weight": "weight", "labels": {"cat": "Ä", "dog": "b"}}),
        "csv-labels": (labelled(folder / "labels.csv"), labels, {"target": ["high", "even"], **labels_too}),
        "csv-texts": (notes, {}, {"columns": {"note": "text"}, "text_words": 9}),
        "csv-integers": (plain, {}, {"target": "weight", "columns": {}, "test_fraction": 0.0}),
        "csv-class-weights": (
            gaps,
            {"class_weight": {"dog": 2.5}, "loss": {"name": "CategoricalCrossentropy", "from_logits": True}},
            {"weight": "weight", "columns": {}},
        ),
        "parquet": (plain.with_suffix(".parquet"), {}, {"columns": {"weight": "category", "zip": "hashed"}}),
        "xlsx": (plain.with_suffix(".xlsx"), two, {"target": ["income", "weight"], "columns": {}}),
    }
    three = {"layers": [{"layer": "Dense", "units": 3}]}
    return {
        name: table_config(path, config={**(three if name == "csv-integers" else {}), **config}, **fields).short()
        for name, (path, config, fields) in cases.items()
    }
