"""How the rows of a file are divided."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from tests.support.tables import people, table_dataset
from trainer.data import is_split, load
from trainer.errors import DataError
from trainer.home import Home


def _rows(splits: Any) -> dict[str, Any]:
    return {name: splits.raw[name].rows for name in ("train", "validation", "test")}


def test_random_split_is_scikit_learns(tmp_path: Path) -> None:
    splits = load(table_dataset(people(tmp_path / "people.csv"), split_seed=3), home=Home(tmp_path))
    species = np.array([line.split(",")[5] for line in (tmp_path / "people.csv").read_text().splitlines()[1:]])
    rest, test = train_test_split(np.arange(120), test_size=24, random_state=3, stratify=species)
    train, validation = train_test_split(rest, test_size=20, random_state=3, stratify=species[rest])
    for name, expected in (("train", train), ("validation", validation), ("test", test)):
        np.testing.assert_array_equal(_rows(splits)[name], expected)


def test_no_group_is_in_two_parts(tmp_path: Path) -> None:
    dataset = table_dataset(people(tmp_path / "people.csv"), split={"by": "group", "column": "group"})
    rows = _rows(load(dataset, home=Home(tmp_path)))
    groups = {name: set((found % 12).tolist()) for name, found in rows.items()}
    assert sum(len(found) for found in groups.values()) == 12 == len(set().union(*groups.values()))
    assert sum(len(found) for found in rows.values()) == 120
    assert is_split(dataset, home=Home(tmp_path))


def test_test_part_is_the_latest(tmp_path: Path) -> None:
    path = tmp_path / "times.csv"
    draw = np.random.default_rng(0)
    days = draw.permutation(60)
    path.write_text(
        "day,x,species\n"
        + "".join(f"2026-{1 + day // 28:02d}-{1 + day % 28:02d},{day},{'ab'[day % 2]}\n" for day in days)
    )
    dataset = table_dataset(path, columns={}, split={"by": "time", "column": "day"})
    splits = load(dataset, home=Home(tmp_path))
    train, validation, test = (splits.raw[name].columns["x"].values for name in ("train", "validation", "test"))  # type: ignore[attr-defined]
    assert train.max() < validation.min() <= validation.max() < test.min()
    assert (len(train), len(validation), len(test)) == (38, 10, 12)
    assert not is_split(dataset, home=Home(tmp_path))


def test_column_says_the_parts(tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    parts = ["train", "Val", "test", "train"] * 10
    path.write_text("x,part,species\n" + "".join(f"{row},{part},{'ab'[row % 2]}\n" for row, part in enumerate(parts)))
    splits = load(table_dataset(path, columns={}, split={"by": "column", "column": "part"}), home=Home(tmp_path))
    assert splits.schema.feature_names == ("x",)
    assert [len(found) for found in _rows(splits).values()] == [20, 10, 10]
    assert (splits.schema.train, splits.schema.validation, splits.schema.test) == (20, 10, 10)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"by": "group", "column": "one"}, "leaves 1 group for two parts"),
        ({"by": "time", "column": "species"}, "contains text; expected dates or numbers"),
        ({"by": "time", "column": "gaps"}, "is missing in 10 rows"),
        ({"by": "column", "column": "species"}, "contains 'a'; expected train, validation or test"),
        ({"by": "column", "column": "x"}, "contains numbers or dates; expected train"),
        ({"by": "group", "column": "grup"}, "has no column 'grup' for split"),
    ],
)
def test_columns_that_do_not_fit_are_refused(split: dict[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "x,one,gaps,species\n" + "".join(f"{row},g,{row if row % 2 else ''},{'ab'[row % 2]}\n" for row in range(20))
    )
    with pytest.raises(DataError, match=message):
        load(table_dataset(path, columns={}, split=split), home=Home(tmp_path))
