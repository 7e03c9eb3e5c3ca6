"""The network on a table as it is served: raw rows in, and the bits of the trained network out."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.engine import Memory, splits_of
from tests.support.tables import people, table_config
from trainer.data.preparation import TablePreparation
from trainer.data.preparation.columns import Category, Date, Hashed, Numeric, Text
from trainer.data.sources.missing import MISSING
from trainer.data.sources.table import Dates, Numbers, Table, Words
from trainer.engine.serving import raw_columns, takes_raw
from trainer.engine.state import weights_sha256
from trainer.engine.table_layers import table_inputs
from trainer.engine.train import train
from trainer.tracking.write.class_answers import ClassAnswers, raw_inputs


def test_served_network_takes_raw_rows_and_gives_the_bits_of_the_trained_one(tmp_path: Path) -> None:
    import keras

    config = table_config(people(tmp_path / "people.csv"))
    splits = splits_of(config, tmp_path)
    outcome, model = train(config, splits, Memory())
    takes_raw(model, splits).save(tmp_path / "served.keras")
    loaded = keras.models.load_model(tmp_path / "served.keras")
    assert weights_sha256(loaded) == outcome.weights_sha256
    rows = json.loads(json.dumps({"columns": raw_columns(splits), "missing": MISSING, "decimal": ".", "targets": []}))
    frame = pd.read_csv(tmp_path / "people.csv", dtype={"zip": str})
    test = frame.loc[splits.raw["test"].rows]  # type: ignore[attr-defined]
    expected = model.predict(splits.test.x, verbose=0)
    np.testing.assert_array_equal(loaded.predict(raw_inputs(test, rows), verbose=0), expected)
    # The same rows as JSON has them.
    listed = json.loads(test.drop(columns="species").to_json(orient="records"))
    np.testing.assert_array_equal(loaded.predict(raw_inputs(listed, rows), verbose=0), expected)

    class Network:
        def get_raw_model(self) -> object:
            return loaded

    answers = ClassAnswers(Network(), ["cat", "dog"], "logits", rows).predict(test)
    assert answers["class"].tolist() == [["cat", "dog"][place] for place in expected.argmax(axis=1)]
    columns = raw_columns(splits, {"when": "%d.%m.%Y"})
    german = test.assign(when=pd.to_datetime(test["when"]).dt.strftime("%d.%m.%Y"))
    served = raw_inputs(german, {**rows, "columns": columns})
    np.testing.assert_array_equal(loaded.predict(served, verbose=0), expected)
    with pytest.raises(ValueError, match=r"'when' has a cell that is not a date .*'%d.%m.%Y'"):
        raw_inputs(german.assign(when="12/31/2026"), {**rows, "columns": columns})
    with pytest.raises(ValueError, match="have no column 'age'; expected the columns 'age', 'city'"):
        raw_inputs(test.drop(columns="age"), rows)
    with pytest.raises(ValueError, match="'age' has a cell that is not a number"):
        raw_inputs(test.assign(age="old"), rows)


def test_layers_have_the_bits_of_the_preparation() -> None:
    import keras

    draw = np.random.default_rng(0)
    rows = 2_000
    days = np.concatenate([draw.integers(-200_000, 400_000, rows - 2) + draw.random(rows - 2), [np.nan, 0.0]])
    numbers = np.where(draw.random(rows) < 0.1, np.nan, draw.normal(1e4, 3e3, rows))
    texts = ("", "a", "ein längerer Text über ACHT!", "日本", "unseen", "Don't  stop,\tÜber\u00a0all: 日本.", "?!")
    words = Words(draw.integers(0, len(texts), rows).astype(np.int32), texts)
    preparation = TablePreparation(
        (
            Numeric(name="a/b", mean=float(np.float32(1e4 / 3)), variance=float(np.float32(7e5 / 3)), indicator=True),
            Numeric(name="a_b", mean=0.0, variance=1.0, indicator=False),
            Category(name="city", vocabulary=("日本", "", "a")),
            Hashed(name="zip (code)", bins=13),
            Text(name="note", vocabulary=("über", "acht", "dont", "日本")),
            Text(name="empty", vocabulary=()),
            Date(name="when", mean=float(np.float32(1e5 / 3)), variance=float(np.float32(1e9 / 3)), indicator=True),
        )
    )
    columns = {
        "a/b": Numbers(numbers),
        "a_b": Numbers(numbers),
        "city": words,
        **dict.fromkeys(("zip (code)", "note", "empty"), words),
        "when": Dates(days),
    }
    expected = preparation.apply(Table(columns=columns, rows=np.arange(rows)))
    inputs, prepared = table_inputs(preparation)
    assert list(inputs) == ["a_b", "a_b_", "city", "zip (code)", "note", "empty", "when"]
    model = keras.Model(inputs, prepared)
    text = keras.ops.reshape(keras.ops.convert_to_tensor(words.shown().tolist(), dtype="string"), (-1, 1))
    number = numbers.astype(np.float32)[:, None]
    texts_given = dict.fromkeys(("city", "zip (code)", "note", "empty"), text)
    given = {"a_b": number, "a_b_": number, **texts_given, "when": days.astype(np.float32)[:, None]}
    np.testing.assert_array_equal(model.predict(given, verbose=0), expected)
    assert expected.shape[1] == len(preparation.features)
