"""The Keras code of a network, as Build shows it while it is edited."""

import ast

from tests.support.schemas import DIGITS
from trainer.config import RECIPES, load_config
from trainer.reproduce.network_source import network_source

PLAIN = """
dataset: digits
layers: [Flatten, {layer: Dense, units: 10, activation: softmax}]
loss: SparseCategoricalCrossentropy
"""


def test_network_source_is_a_sequential_model_and_its_compilation() -> None:
    config = load_config(PLAIN + "optimizer: adam\nmetrics: [accuracy]")
    assert (
        network_source(config, DIGITS)
        == """\
import keras

model = keras.Sequential([
    keras.Input((8, 8)),
    keras.layers.Flatten(),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=["accuracy"],
)
"""
    )


def test_network_source_without_a_schema_leaves_the_input_out() -> None:
    source = network_source(load_config(PLAIN), None)
    assert "keras.Input" not in source
    assert "keras.layers.Flatten()" in source


def test_network_source_of_every_recipe_is_python() -> None:
    for recipe in RECIPES:
        ast.parse(network_source(recipe.config, None))
