"""Configs that ship with Fitboard, each with its parameter count and its expected result."""

from dataclasses import dataclass

from trainer.config.component import nearest
from trainer.config.config import Config
from trainer.config.serialization import load_config
from trainer.errors import ConfigError

__all__ = ["RECIPES", "Recipe", "find_recipe"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A config to start from.

    `text` describes it in a sentence or two, `parameters` is the network's parameter count, and `result` describes
    the expected result with the config's own seed.
    """

    name: str
    title: str
    text: str
    config: Config
    parameters: int
    result: str


# TensorFlow's quickstart ends in a linear layer too, hence from_logits.
_QUICKSTART_DIGITS = """
name: quickstart-digits
dataset: {name: digits}
layers:
  - Flatten
  - {layer: Dense, units: 128, activation: relu}
  - {layer: Dropout, rate: 0.2}
  - {layer: Dense, units: 10}
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: adam
metrics: accuracy
epochs: 5
"""

_CNN_DIGITS = """
name: cnn-digits
dataset: {name: digits}
layers:
  - {layer: Reshape, target_shape: [8, 8, 1]}
  - {layer: Conv2D, filters: 16, kernel_size: 3, padding: same, activation: relu}
  - MaxPooling2D
  - {layer: Conv2D, filters: 32, kernel_size: 3, padding: same, activation: relu}
  - Flatten
  - {layer: Dropout, rate: 0.3}
  - {layer: Dense, units: 10, activation: softmax}
loss: SparseCategoricalCrossentropy
optimizer: {name: Adam, learning_rate: 0.003}
metrics: accuracy
epochs: 10
"""

_MOONS = """
name: moons-mlp
dataset: {name: moons, noise: 0.2}
layers:
  - {layer: Dense, units: 16, activation: relu}
  - {layer: Dense, units: 16, activation: relu}
  - {layer: Dense, units: 1, activation: sigmoid}
loss: BinaryCrossentropy
optimizer: {name: Adam, learning_rate: 0.01}
metrics: accuracy
epochs: 30
"""

_SPIRALS = """
name: spirals-mlp
dataset: {name: spirals, arms: 3, noise: 0.05}
layers:
  - {layer: Dense, units: 32, activation: tanh}
  - {layer: Dense, units: 32, activation: tanh}
  - {layer: Dense, units: 3, activation: softmax}
loss: SparseCategoricalCrossentropy
optimizer: {name: Adam, learning_rate: 0.01}
metrics: accuracy
epochs: 60
"""

_IRIS = """
name: iris-mlp
dataset: {name: iris}
layers:
  - {layer: Dense, units: 16, activation: relu}
  - {layer: Dense, units: 3, activation: softmax}
loss: SparseCategoricalCrossentropy
optimizer: {name: Adam, learning_rate: 0.01}
metrics: accuracy
epochs: 40
batch_size: 16
callbacks:
  - {callback: EarlyStopping, patience: 10, restore_best_weights: true}
"""

_DIABETES = """
name: diabetes-regression
dataset: {name: diabetes}
layers:
  - {layer: Dense, units: 32, activation: relu}
  - {layer: Dense, units: 1}
loss: MeanSquaredError
optimizer: {name: Adam, learning_rate: 0.02}
metrics: [RootMeanSquaredError, R2Score]
epochs: 60
callbacks:
  - {callback: EarlyStopping, patience: 10, restore_best_weights: true}
"""

_IMDB = """
name: imdb-embedding
dataset: {name: imdb}
layers:
  - {layer: Embedding, input_dim: 10000, output_dim: 16}
  - GlobalAveragePooling1D
  - {layer: Dropout, rate: 0.2}
  - {layer: Dense, units: 1, activation: sigmoid}
loss: BinaryCrossentropy
optimizer: adam
metrics: accuracy
epochs: 5
batch_size: 128
"""


def _recipe(title: str, text: str, yaml: str, *, parameters: int, result: str) -> Recipe:
    config = load_config(yaml)
    return Recipe(
        name=config.name or title, title=title, text=text, config=config, parameters=parameters, result=result
    )


RECIPES: tuple[Recipe, ...] = (
    _recipe(
        "Quickstart, on digits",
        "The network from the TensorFlow quickstart, on small handwritten digits. No download; trains in seconds.",
        _QUICKSTART_DIGITS,
        parameters=9_610,
        result="test accuracy about 0.91 after 5 epochs",
    ),
    _recipe(
        "Quickstart, on MNIST",
        "The TensorFlow quickstart exactly as in its tutorial. Keras downloads 11 MB the first time.",
        _QUICKSTART_DIGITS.replace("digits", "mnist"),
        parameters=101_770,
        result="test accuracy about 0.977 after 5 epochs",
    ),
    _recipe(
        "Convolutions, on digits",
        "Two convolutional layers detect strokes anywhere in the image, with few parameters.",
        _CNN_DIGITS,
        parameters=9_930,
        result="test accuracy about 0.97 after 10 epochs",
    ),
    _recipe(
        "Two moons",
        "Binary classification of points that no straight line separates, with a single sigmoid output.",
        _MOONS,
        parameters=337,
        result="test accuracy about 0.98 after 30 epochs",
    ),
    _recipe(
        "Spirals",
        "Three interleaving spiral arms, separated by two hidden tanh layers.",
        _SPIRALS,
        parameters=1_251,
        result="test accuracy about 0.97 after 60 epochs",
    ),
    _recipe(
        "Iris flowers",
        "Tabular classification of three species; training stops when the validation loss stops improving.",
        _IRIS,
        parameters=131,
        result="test accuracy about 0.97 after 40 epochs",
    ),
    _recipe(
        "Diabetes regression",
        "Predicts a number instead of a class: one linear output and the mean squared error.",
        _DIABETES,
        parameters=385,
        result="test RMSE about 58; always predicting the mean gives about 75",
    ),
    _recipe(
        "Movie reviews",
        "Sentiment classification from the mean of learned word vectors. Keras downloads 17 MB the first time.",
        _IMDB,
        parameters=160_017,
        result="test accuracy about 0.86 after 5 epochs",
    ),
)


def find_recipe(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises:
        ConfigError: If there is none; the message suggests the nearest name.
    """
    by_name = {recipe.name: recipe for recipe in RECIPES}
    if name in by_name:
        return by_name[name]
    near = nearest(name, by_name)
    hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(by_name)}."
    raise ConfigError(f"Unknown recipe {name!r}; {hint}")
