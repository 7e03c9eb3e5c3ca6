"""Small time series as files, written by tests."""

import datetime
import re
from pathlib import Path
from typing import Any

import numpy as np

from trainer.config import Config, parse_config

__all__ = ["sales", "series_cases", "series_config", "with_own_dates"]

_FIRST = datetime.date(2026, 1, 1)


def sales(path: Path, days: int = 60, *, seed: int = 0) -> Path:
    """Write the days of three stores in mixed order, with a gap in time, missing values, and two targets."""
    draw = np.random.default_rng(seed)
    lines = []
    for place, store in enumerate(("north", "south", "west")):
        for day in range(days - 9 * place):
            # Two weeks are missing in the south.
            when = _FIRST + datetime.timedelta(day + (14 if store == "south" and day > 30 else 0))
            sold = "" if place == 0 and day == 25 else f"{50 + 10 * np.sin(day / 3) + draw.normal():.2f}"
            rain = ("yes", "no", "")[draw.integers(3)]
            heat = "" if day % 11 == 4 else f"{draw.normal(15, 5):.1f}"
            lines.append(f"{when},{store},{sold},{draw.integers(1, 9)},{rain},{heat},{draw.integers(10**9)}")
    order = draw.permutation(len(lines))
    text = "\n".join(["day,store,sold,visits,rain,heat,receipt", *(lines[place] for place in order)])
    path.write_text(text + "\n", encoding="utf-8")
    return path


def with_own_dates(path: Path) -> Path:
    """Write the dates of a file of `sales` as 31.12.2026, which is in another order as text."""
    text = re.sub(r"^(\d{4})-(\d\d)-(\d\d),", r"\3.\2.\1,", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    return path


def series_config(path: Path, /, *, config: dict[str, Any] | None = None, **fields: Any) -> Config:
    """Return a small network on a series; `config` changes fields of it, all others those of the dataset."""
    dataset: dict[str, Any] = {
        "name": "series", "path": str(path), "target": "sold", "past": 6, "horizon": 2, "time": "day", "id": "store",
        "columns": {"receipt": "ignore"}, **fields,
    }  # fmt: skip
    given = {name: value for name, value in dataset.items() if value is not None}
    targets = 1 if isinstance(given["target"], str) else len(given["target"])
    return parse_config(
        {
            "dataset": given,
            "layers": [{"layer": "GRU", "units": 4}, {"layer": "Dense", "units": targets * given["horizon"]}],
            "loss": "mse",
            "optimizer": {"name": "Adam", "learning_rate": 0.01},
            "metrics": ["mae"],
            "epochs": 2,
            **(config or {}),
        }
    )


def series_cases(folder: Path) -> dict[str, dict[str, Any]]:
    """Return fields of configs on series in files, which are written to `folder`."""
    import pandas as pd

    plain = sales(folder / "sales.csv")
    frame = pd.read_csv(plain, parse_dates=["day"])
    frame.to_parquet(folder / "sales.parquet")
    one = folder / "one.csv"
    frame[frame["store"] == "north"].sort_values("day").to_csv(one, index=False, sep=";", decimal=",")
    own = with_own_dates(sales(folder / "sales-own.csv"))
    cases = {
        "series-times": series_config(
            own,
            target=["sold", "visits"],
            gaps="split",
            columns={"day": "date"},
            step=2,
            date_formats={"day": "%d.%m.%Y"},
        ),
        "series-ids": series_config(plain, split="id", folds=3, fold=2, validation_fraction=0.0, missing=[3]),
        "series-groups": series_config(
            folder / "sales.parquet", split="id", test_fraction=0.3, validation_fraction=0.3, columns={"sold": "ignore"}
        ),
        "series-places": series_config(one, time=None, id=None, columns={"day": "ignore", "store": "category"}),
    }
    return {name: config.short() for name, config in cases.items()}
