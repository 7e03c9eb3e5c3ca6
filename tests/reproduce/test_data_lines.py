"""The lines of a script that divide the data give the parts of the trainer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import config_on
from tests.support.picture_files import cuttings, picture_config, picture_table, zipped
from tests.support.tables import people, table_config
from trainer.config import Config, find_recipe
from trainer.data import load
from trainer.home import Home
from trainer.reproduce.facts import data_facts
from trainer.reproduce.script import Origin, write_script

_KERAS = ("import keras", "import tensorflow", "tf.config")


def _digits(folder: Path, **fields: Any) -> Config:
    config = find_recipe("quickstart-digits").config
    return config.model_copy(update={"dataset": config.dataset.replace(**fields)})


def _people(folder: Path, **fields: Any) -> Config:
    return table_config(people(folder / "people.csv"), weight="weight", columns={"zip": "category"}, **fields)


def _pictures(folder: Path, **fields: Any) -> Config:
    pictures = cuttings(folder / "own")
    (pictures / "flower" / "cut.jpg").write_bytes(b"not a picture")
    (pictures / "flower" / "copy.jpg").write_bytes((pictures / "flower" / "1.jpg").read_bytes())
    return picture_config(pictures, skip_broken=True, drop_duplicates=True, **fields)


def _arrays(folder: Path, **fields: Any) -> Config:
    draw = np.random.default_rng(0)
    (folder / "own").mkdir()
    np.save(folder / "own" / "x.npy", draw.normal(size=(40, 3)))
    np.save(folder / "own" / "y.npy", draw.integers(0, 3, 40))
    return config_on({"name": "npz", "path": str(folder / "own"), **fields})


def _archive(folder: Path, **fields: Any) -> Config:
    (folder / "own").mkdir()
    cuttings(folder / "own" / "inside")
    return picture_config(zipped(folder / "own"), **fields)


def _picture_table(folder: Path, **fields: Any) -> Config:
    return picture_config(picture_table(cuttings(folder / "own")), **fields)


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (_digits, {"folds": 5, "fold": 4, "split_seed": 2}),
        (_digits, {"folds": 100, "fold": 3, "validation_fraction": 0.0}),
        (_people, {"folds": 3, "fold": 2}),
        (_arrays, {"scale": "standardize"}),
        (_people, {"folds": 3, "fold": 3, "split": {"by": "group", "column": "group"}, "split_seed": 7}),
        (_people, {"folds": 4, "target": "income", "task": "regression"}),
        (_pictures, {"crop_to_aspect_ratio": True, "color_mode": "rgba", "validation_fraction": 0.0}),
        (_archive, {"interpolation": "area", "color_mode": "grayscale"}),
        (
            _picture_table,
            {
                "target": "size",
                "task": "regression",
                "interpolation": "nearest",
                "pad_to_aspect_ratio": True,
                "split": {"by": "group", "column": "visit"},
            },
        ),
        (_picture_table, {"weight": "size", "folds": 3}),
    ],
)
def test_script_divides_and_prepares_as_the_trainer_does(make: Any, fields: dict[str, Any], tmp_path: Path) -> None:
    config, home = make(tmp_path, **fields), Home(tmp_path)
    text = write_script(config, data_facts(config, home), Origin())
    # What follows the data trains a network.
    before = text.partition("\n# The order of each epoch")[0]
    names: dict[str, Any] = {}
    # Only the network needs Keras, which takes seconds to import.
    exec("\n".join(line for line in before.splitlines() if not line.startswith(_KERAS)), names)
    splits = load(config.dataset, home=home)
    for name, part in (("train", splits.train), ("val", splits.validation), ("test", splits.test)):
        assert f"x_{name}" in names or not len(part.y)
        if len(part.y):
            np.testing.assert_array_equal(names[f"x_{name}"], part.x)
            np.testing.assert_array_equal(names[f"y_{name}"], part.y)
    if splits.weights is not None:
        np.testing.assert_array_equal(names["weight_train"], splits.weights)
