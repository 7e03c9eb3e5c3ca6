"""The layers that change the images of training batches at random, between the data and the network."""

from collections.abc import Callable
from typing import Any

from trainer.config import Config
from trainer.data.schema import Schema, is_gray
from trainer.engine.backend import keras
from trainer.engine.build import Names, build_layer

__all__ = ["augmented", "build_augmentation"]


def build_augmentation(config: Config, schema: Schema) -> Any | None:
    """Return the layers as a model from images to images, (batch, height, width, channels); None if there are none.

    Their seeds depend on `keras.utils.set_random_seed`, and on what has drawn a seed since. They are no part of the
    network, so that neither evaluation nor the saved model has them.
    """
    if not config.augment:
        return None
    names = Names()
    entry = keras.Input(schema.input_shape, dtype=schema.input_dtype, name="augmentation_input")
    layers = [build_layer(layer, names) for layer in config.augment]
    if is_gray(schema):
        # Keras would take a batch of gray images without channels for one image.
        shape = schema.input_shape
        layers = [keras.layers.Reshape((*shape, 1), name="gray"), *layers, keras.layers.Reshape(shape, name="plain")]
    return keras.Sequential([entry, *layers], name="augmentation")


def augmented(step: Callable[[Any], Any], augmentation: Any | None) -> Callable[[Any], Any]:
    """Return a training step that changes the samples of its batch first."""
    if augmentation is None:
        return step
    return lambda batch: step((augmentation(batch[0], training=True), *batch[1:]))
