"""A pandas frame kept as a dataset."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from trainer.config import parse_config
from trainer.data import load
from trainer.data.library import Library, keep_frame
from trainer.errors import DataError
from trainer.home import Home

FRAME = pd.DataFrame(
    {
        "size": np.arange(60) * 1.5,
        "color": pd.Categorical(["red", "blue"] * 30),
        "day": pd.date_range("2026-01-01", periods=60),
        "is_new": [True, False] * 30,
        7: pd.array([1, None] * 30, dtype="Int64"),
        "answer": ["yes", "no", "no"] * 20,
    }
)


def test_frame_is_kept_in_versions_and_trained_on(home: Home) -> None:
    entry = keep_frame("people", FRAME, {"target": "answer"}, home=home)
    assert [(column.name, str(column.type)) for column in entry.newest.columns] == [
        ("size", "float"),
        ("color", "text"),
        ("day", "date"),
        ("is_new", "boolean"),
        ("7", "integer"),
        ("answer", "text"),
    ]
    config = parse_config({"dataset": dict(entry.dataset), "layers": ["Flatten"], "loss": "mse"})
    splits = load(config.dataset, home=home)
    assert splits.schema.class_names == ("no", "yes")
    assert splits.schema.raw_names == ("size", "color", "day", "is_new", "7")
    assert len(keep_frame("people", FRAME, {"target": "answer"}, home=home).versions) == 1
    assert len(keep_frame("people", FRAME.assign(more=0.5), {"target": "answer"}, home=home).versions) == 2
    assert [each.name for each in Library(home).entries()] == ["people"]


def test_index_with_a_name_is_a_column(home: Home) -> None:
    entry = keep_frame("people", FRAME.set_index("day"), {"target": "answer"}, home=home)
    assert entry.newest.columns[0].name == "day"


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"a": [1, "x"], "y": [0, 1]}), r"Could not convert 'x' with type str.* for column a"),
        (pd.concat([FRAME, FRAME], axis="columns"), "Duplicate column names found"),
        (pd.DataFrame(), "has no columns"),
        (pd.DataFrame({"a": [], "y": []}), "has no rows"),
        (pd.DataFrame({"a": [1j, 2j], "y": [0, 1]}), "Unsupported numpy type"),
    ],
)
def test_frame_that_cannot_be_kept_leaves_nothing_behind(frame: Any, message: str, home: Home) -> None:
    with pytest.raises(DataError, match=message):
        keep_frame("people", frame, {"target": "y"}, home=home)
    assert not [path for path in home.data.rglob("*") if path.is_file()]
