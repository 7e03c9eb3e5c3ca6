"""Preparation of tables: against scikit-learn and pandas, fitted on the training part only."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.support.tables import people, table_dataset, with_german_dates
from trainer.data import load
from trainer.data.preparation import TablePreparation, state_digest
from trainer.data.preparation.hashing import hash_bin
from trainer.errors import ConfigError, DataError
from trainer.home import Home


def test_numbers_and_categories_equal_scikit_learns(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    splits = load(table_dataset(path), home=Home(tmp_path / "home"))
    names = list(splits.schema.feature_names)
    frame = pd.read_csv(path)
    train, test = splits.raw["train"], splits.raw["test"]
    scaler = StandardScaler().fit(frame.loc[train.rows, ["income"]])  # type: ignore[attr-defined]
    expected = scaler.transform(frame.loc[test.rows, ["income"]])[:, 0]  # type: ignore[attr-defined]
    np.testing.assert_allclose(splits.test.x[:, names.index("income")], expected, rtol=1e-5, atol=1e-6)
    cities = frame.loc[test.rows, ["city"]].fillna("")  # type: ignore[attr-defined]
    vocabulary = [name.removeprefix("city=").replace("missing", "") for name in names if name.startswith("city=")][1:]
    encoded = OneHotEncoder(categories=[vocabulary], sparse_output=False).fit(cities).transform(cities)
    first = names.index("city=[UNK]")
    np.testing.assert_array_equal(splits.test.x[:, first + 1 : first + 1 + len(vocabulary)], encoded)


def test_dates_equal_those_of_pandas(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    splits = load(table_dataset(path), home=Home(tmp_path / "home"))
    names = list(splits.schema.feature_names)
    dates = pd.to_datetime(pd.read_csv(path)["when"])[splits.raw["train"].rows]  # type: ignore[attr-defined]
    months, weekdays = names.index("when Jan"), names.index("when Mon")
    known = dates.notna().to_numpy()
    assert not known.all()
    x = splits.train.x
    np.testing.assert_array_equal(x[known, months : months + 12].argmax(axis=1), dates[known].dt.month - 1)
    np.testing.assert_array_equal(x[known, weekdays : weekdays + 7].argmax(axis=1), dates[known].dt.day_of_week)
    assert not x[~known, months : weekdays + 7].any()
    np.testing.assert_array_equal(x[:, names.index("when is missing")], ~known)


def test_dates_of_another_format_have_the_bits_of_iso_dates(tmp_path: Path) -> None:
    home, path = Home(tmp_path / "home"), people(tmp_path / "people.csv")
    german = tmp_path / "german.csv"
    german.write_text(with_german_dates(path.read_text(encoding="utf-8")), encoding="utf-8")
    expected = load(table_dataset(path), home=home)
    dataset = table_dataset(german, date_formats={"when": "%d.%m.%Y"})
    found = load(dataset, home=home)
    assert found.schema.feature_names == expected.schema.feature_names
    assert found.train.x[:].tobytes() == expected.train.x[:].tobytes()
    assert found.test.x[:].tobytes() == expected.test.x[:].tobytes()
    text = german.read_text(encoding="utf-8").replace(".20", ".13.20", 1)
    german.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"'when' in german.csv is .* in row 1 below .* date of the format %d.%m.%Y"):
        load(dataset, home=home)
    with pytest.raises(DataError, match=r"has no column 'wen' for date_formats; did you mean 'when'"):
        load(table_dataset(german, date_formats={"wen": "%d.%m.%Y"}), home=home)


@pytest.mark.parametrize("wrong", ["%d.%m", "%Y-%m-%d %z", "%d.%m.%Y %d", "day.month.year", "%d %m %b %Y"])
def test_format_that_is_no_date_is_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="date_formats"):
        table_dataset(people(tmp_path / "people.csv"), date_formats={"when": wrong})


def test_dataset_without_formats_of_dates_serializes_as_before(tmp_path: Path) -> None:
    assert "date_formats" not in table_dataset(people(tmp_path / "people.csv")).model_dump_json()


def test_nothing_outside_the_training_part_changes_the_preparation(tmp_path: Path) -> None:
    home, path = Home(tmp_path / "home"), people(tmp_path / "people.csv")
    before = load(table_dataset(path), home=home)
    lines = path.read_text().splitlines()
    for row in (*before.raw["validation"].rows, *before.raw["test"].rows):  # type: ignore[attr-defined]
        cells = lines[row + 1].split(",")
        lines[row + 1] = ",".join(["999999", "Nowhere", "99999", "1900-01-01", "999999", *cells[5:]])
    path.write_text("\n".join(lines))
    after = load(table_dataset(path), home=home)
    assert after.digest != before.digest
    assert after.fitted is not None
    assert before.fitted is not None
    assert after.fitted.state() == before.fitted.state()
    np.testing.assert_array_equal(after.train.x, before.train.x)


def test_state_restores_the_preparation(tmp_path: Path) -> None:
    splits = load(table_dataset(people(tmp_path / "people.csv")), home=Home(tmp_path / "home"))
    said = json.loads(json.dumps(splits.preparation()))
    again = TablePreparation.from_state(said)
    assert again == splits.fitted
    assert said["sha256"] == state_digest(again.state())
    np.testing.assert_array_equal(again.apply(splits.raw["test"]), splits.test.x)  # type: ignore[arg-type]


def test_constant_and_empty_columns_stay_finite(tmp_path: Path) -> None:
    path = tmp_path / "flat.csv"
    path.write_text(
        "same,gone,late,species\n" + "".join(f"5,,{row if row > 90 else ''},{'ab'[row % 2]}\n" for row in range(100))
    )
    splits = load(
        table_dataset(path, columns={"gone": "numeric"}, split={"by": "time", "column": "same"}), home=Home(tmp_path)
    )
    assert splits.schema.feature_names == ("same", "gone", "gone is missing", "late", "late is missing")
    assert not splits.train.x[:, 0].any()
    assert np.isfinite(splits.test.x).all()


@pytest.mark.parametrize(("text", "expected"), [("", 6), ("a", 4), ("b", 4), ("日本 lang text longer than eight", 3)])
def test_hash_is_that_of_tensorflow(text: str, expected: int) -> None:
    # The values of tf.strings.to_hash_bucket_strong(text, 7, key=[133, 137]); tests/engine compares with the layer.
    assert hash_bin(text, 7) == expected
