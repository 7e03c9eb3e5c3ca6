"""The layers that change the images of training batches at random."""

from typing import Annotated

from trainer.config.component import Registry
from trainer.config.layers import LAYERS
from trainer.config.layers.base import Layer

__all__ = ["AUGMENTATIONS", "AnyAugmentation"]

# Layers that change images in evaluation too, such as Equalization, belong to the network.
_ALSO = ("RandAugment", "AugMix")

AUGMENTATIONS = Registry.of(
    "augmentation",
    [cls for name, cls in LAYERS.members.items() if (name.startswith("Random") or name in _ALSO)],
    exact=True,
)

AnyAugmentation = Annotated[Layer, AUGMENTATIONS]
