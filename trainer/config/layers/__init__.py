"""Every layer that a config can hold."""

from typing import Annotated

from trainer.config.layers.base import Composite, KernelLayer, Layer
from trainer.config.layers.composite import LAYER_GROUPS, LAYERS, downloads_weights, every_layer, has_composites
from trainer.config.layers.plain import KERNELS, WRAPPABLE
from trainer.config.layers.recurrent import RECURRENT

__all__ = [
    "KERNELS",
    "LAYERS",
    "LAYER_GROUPS",
    "RECURRENT",
    "WRAPPABLE",
    "AnyLayer",
    "Composite",
    "KernelLayer",
    "Layer",
    "downloads_weights",
    "every_layer",
    "has_composites",
]

AnyLayer = Annotated[Layer, LAYERS]
