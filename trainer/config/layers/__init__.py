"""Every layer that a config can hold."""

from collections.abc import Mapping
from typing import Annotated, Final

from trainer.config.component import Registry
from trainer.config.layers.base import KernelLayer, Layer
from trainer.config.layers.plain import KERNELS, PLAIN_GROUPS, WRAPPABLE
from trainer.config.layers.recurrent import RECURRENT
from trainer.config.layers.wrappers import SpectralNormalization, TimeDistributed

__all__ = ["KERNELS", "LAYERS", "LAYER_GROUPS", "RECURRENT", "WRAPPABLE", "AnyLayer", "KernelLayer", "Layer"]

LAYER_GROUPS: Final[Mapping[str, tuple[type[Layer], ...]]] = {
    **PLAIN_GROUPS,
    "Wrappers": (TimeDistributed, SpectralNormalization),
}
"""The layers in the groups of Keras's documentation, those of each group as forms list them."""

LAYERS = Registry.of("layer", [layer for layers in LAYER_GROUPS.values() for layer in layers], exact=True)

AnyLayer = Annotated[Layer, LAYERS]
