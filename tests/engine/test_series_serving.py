"""The network on time series as it is served: raw steps in, and the bits of the trained network out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tests.support.engine import Memory, splits_of
from tests.support.series_files import sales, series_config
from trainer.config import Config, MeasuredPart
from trainer.data import Splits
from trainer.data.preparation import Windows
from trainer.data.sources.missing import MISSING
from trainer.engine.evaluate import describe_predictions
from trainer.engine.serving import raw_columns, takes_raw
from trainer.engine.state import weights_sha256
from trainer.engine.train import train
from trainer.tracking.write.class_answers import ClassAnswers, raw_inputs


def test_served_network_takes_raw_steps_and_gives_the_bits_of_the_trained_one(tmp_path: Path) -> None:
    import keras

    config = series_config(sales(tmp_path / "sales.csv"), target=["sold", "visits"], columns={"day": "date"})
    splits = splits_of(config, tmp_path)
    outcome, model = train(config, splits, Memory())
    takes_raw(model, splits).save(tmp_path / "served.keras")
    loaded = keras.models.load_model(tmp_path / "served.keras")
    assert weights_sha256(loaded) == outcome.weights_sha256
    assert {tuple(each.shape) for each in loaded.inputs} == {(None, 6)}

    class Network:
        def get_raw_model(self) -> object:
            return loaded

    order = {"past": 6, "horizon": 2, "id": "store", "time": "day"}
    rows = json.loads(
        json.dumps(
            {"columns": raw_columns(splits), "missing": MISSING, "decimal": ".", "targets": ["sold", "visits"]}
            | {"series": order}
        )
    )
    answers = ClassAnswers(Network(), [], "", rows)
    # The last window of each store in the test data: the rows up to the step before its first target.
    frame = pd.read_csv(tmp_path / "sales.csv")
    raw = splits.raw["test"]
    assert isinstance(raw, Windows)
    stores = frame["store"][raw.steps.rows[raw.starts]].to_numpy()
    windows = {name: keras.ops.reshape(cells, (-1, 6)) for name, cells in _raw(raw, rows).items()}
    np.testing.assert_array_equal(loaded.predict(windows, verbose=0), model.predict(splits.test.x, verbose=0))
    for listed in (False, True):
        for store in ("north", "south"):
            place = int(np.flatnonzero(stores == store)[-1])
            first = int(raw.starts[place])
            window = frame.loc[raw.steps.rows[first : first + 6]]
            # Of one series more rows than are needed, and in any order.
            more = frame[(frame["store"] == store) & (frame["day"] < window["day"].min())]
            # One window at a time on both sides, since the last bits depend on the size of a batch.
            expected = model.predict(splits.test.x[place : place + 1], verbose=0)
            given = pd.concat([window, more]).sample(frac=1, random_state=1)
            found = answers.predict(json.loads(given.to_json(orient="records")) if listed else given)
            assert found.columns.tolist() == ["store", "step", "sold", "visits"]
            assert found["store"].tolist() == [store] * 2
            assert found["step"].tolist() == [1, 2]
            np.testing.assert_array_equal(found[["sold", "visits"]].to_numpy().reshape(1, -1), expected)
    _check_described(splits, model.predict(splits.test.x, verbose=0), config)
    both = answers.predict(frame)
    assert both["store"].tolist() == [store for store in frame["store"].unique() for _ in range(2)]


def _check_described(splits: Splits, outputs: NDArray[Any], config: Config) -> None:
    """The evaluation has the names of the targets, and what repeating the last value predicts."""
    found = describe_predictions(splits, MeasuredPart.TEST, outputs, config.loss)
    document, raw = found.files["predictions.json"], splits.raw["test"]
    assert document["targets"] == ["sold +1", "visits +1", "sold +2", "visits +2"]
    cells = raw.shown()[:, -1, 1:3]
    assert [row[:2] == row[2:] for row in document["last"]] == [True] * len(raw)
    expected = [[float(f"{np.float32(cell):.7g}") for cell in row] for row in cells]
    assert [row[:2] for row in document["last"]] == expected


def _raw(windows: Windows, rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return the raw steps of all windows, one after the other, as the network's inputs."""
    places = (windows.starts[:, None] + np.arange(windows.past)).reshape(-1)
    cells = windows.steps.take(places).shown()
    return raw_inputs(pd.DataFrame(cells, columns=list(windows.steps.columns)), rows)


def test_too_few_or_unreadable_steps_are_refused_in_one_sentence() -> None:
    rows = {
        "columns": [{"name": "x", "role": "numeric", "input": "x"}],
        "missing": [""],
        "decimal": ".",
        "targets": ["x"],
        "series": {"past": 3, "horizon": 1, "id": "who", "time": "t"},
    }
    answers = ClassAnswers(None, [], "", rows)
    steps = [{"x": 1.0, "who": who, "t": t} for who in ("a", "b") for t in range(3)]
    with pytest.raises(ValueError, match="There are 2 rows of 'b', but a prediction is made from 3; give at least 3"):
        answers.predict(steps[:-1])
    with pytest.raises(ValueError, match="There are 0 rows, but"):
        answers.predict(pd.DataFrame(columns=["x", "who", "t"]))
    with pytest.raises(ValueError, match="no column 'who'; expected the columns 'x', 'who', 't'"):
        answers.predict([{"x": 1.0}])
    with pytest.raises(ValueError, match="'t' has a cell that is neither a date nor a number"):
        answers.predict([*steps, {"x": 1.0, "who": "a", "t": "soon"}])
    with pytest.raises(ValueError, match="'t' is missing in a row"):
        answers.predict([*steps, {"x": 1.0, "who": "a", "t": None}])
