"""The networks of `keras.applications` as layers, and the files of their weights."""

import random
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from trainer.config import Config
from trainer.config.layers import every_layer
from trainer.config.layers.application import APPLICATIONS, MEAN, VARIANCE, Application, Pixels
from trainer.engine.backend import keras
from trainer.errors import DownloadError

__all__ = ["application", "load_applications", "weights_file", "weights_folder"]

_PREFIX = "Application"
_TF_KERNELS = "_weights_tf_dim_ordering_tf_kernels"
# The sizes of pictures for which Keras has weights of its own.
_SIZES = {"MobileNet": (128, 160, 192, 224), "MobileNetV2": (96, 128, 160, 192, 224)}
_FILES: Mapping[str, str] = {
    **{f"ConvNeXt{size}": f"convnext_{size.lower()}_notop.h5" for size in ("Base", "Large", "Small", "Tiny", "XLarge")},
    **{f"EfficientNetB{size}": f"efficientnetb{size}_notop.h5" for size in range(8)},
    **{
        f"EfficientNetV2{size}": f"efficientnetv2-{size.lower()}_notop.h5"
        for size in ("B0", "B1", "B2", "B3", "L", "M", "S")
    },
    "InceptionResNetV2": f"inception_resnet_v2{_TF_KERNELS}_notop.h5",
    "InceptionV3": f"inception_v3{_TF_KERNELS}_notop.h5",
    "MobileNet": "mobilenet_1_0_{size}_tf_no_top.h5",
    "MobileNetV2": f"mobilenet_v2{_TF_KERNELS}_1.0_{{size}}_no_top.h5",
    "MobileNetV3Large": "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
    "MobileNetV3Small": "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
    "NASNetLarge": "nasnet_large_no_top.h5",
    "NASNetMobile": "nasnet_mobile_no_top.h5",
}


def weights_folder() -> Path:
    """Return the folder in which Keras keeps the weights that it downloads."""
    return Path(keras.src.backend.config.keras_home()) / "models"


def weights_file(model: str, shape: tuple[int | None, ...]) -> str:
    """Return the name of the file with a network's weights for pictures of shape (height, width, channels)."""
    sizes = _SIZES.get(model, ())
    size = shape[0] if shape[0] == shape[1] and shape[0] in sizes else 224
    return _FILES.get(model, f"{model.lower()}{_TF_KERNELS}_notop.h5").format(size=size)


def application(layer: Application, shape: tuple[int | None, ...], named: Callable[[str], str]) -> Any:
    """Return the network with random weights, behind the layers that scale pixels from 0 to 1 as it expects them.

    Raises:
        ValueError: pictures of `shape`, (height, width, channels), do not suit it.
    """
    if len(shape) != 3 or shape[-1] != 3:
        raise ValueError(f"{layer.model} takes color pictures of (height, width, 3).")
    entry = keras.Input(shape)
    x = _preprocessed(layer, entry) if layer.preprocess else entry
    network = _network(layer, shape, weights=None)
    made = keras.Model(entry, network(x), name=named(f"{_PREFIX}{layer.model}"))
    if layer.freeze:
        made.trainable = False
    return made


def _network(layer: Application, shape: tuple[int | None, ...], *, weights: str | None) -> Any:
    build = getattr(keras.applications, layer.model)
    with warnings.catch_warnings():
        # Keras warns of pictures of another size than those that the network was trained on.
        warnings.simplefilter("ignore")
        return build(include_top=False, weights=weights, input_shape=shape, pooling=layer.pooling)


def _preprocessed(layer: Application, x: Any) -> Any:
    pixels = APPLICATIONS[layer.model]
    if pixels is Pixels.TF:
        return keras.layers.Rescaling(2.0, offset=-1.0)(x)
    if pixels is Pixels.CAFFE:
        return keras.layers.Rescaling(255.0, offset=[-103.939, -116.779, -123.68])(x[..., ::-1])
    if pixels is Pixels.TORCH:
        return keras.layers.Normalization(mean=list(MEAN), variance=list(VARIANCE))(x)
    return keras.layers.Rescaling(255.0)(x)


def load_applications(model: Any, config: Config, named: Callable[[str], str]) -> None:
    """Set the weights of the networks of `keras.applications` in a built model, downloading them if needed.

    Args:
        model: the model of the config.
        config: the config.
        named: names the layers again, from the first one on.

    Raises:
        DownloadError: weights are not on this machine and cannot be downloaded.
    """
    for layer in every_layer(config.layers):
        if isinstance(layer, Application):
            outer = model.get_layer(named(f"{_PREFIX}{layer.model}"))
            if layer.weights is not None:
                outer.layers[-1].set_weights(_trained(layer, tuple(outer.input_shape[1:])).get_weights())


def _trained(layer: Application, shape: tuple[int | None, ...]) -> Any:
    # Keras draws the weights that it then replaces; the seeds of later layers must not depend on that.
    state = random.getstate()
    try:
        return _network(layer, shape, weights=layer.weights)
    # Keras raises nothing narrower when it cannot reach a server.
    except Exception as error:
        file = weights_file(layer.model, shape)
        why = str(error).rsplit(" -- ", 1)[-1].strip().rstrip(".") or type(error).__name__
        raise DownloadError(
            f"The weights of {layer.model} cannot be loaded ({why}); check the network, put {file} into "
            f"{weights_folder()}, or set weights of the layer to null."
        ) from error
    finally:
        random.setstate(state)
