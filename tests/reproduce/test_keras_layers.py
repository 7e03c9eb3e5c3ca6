"""Every layer of a config is read back from what Keras writes of it."""

import json
from typing import Any

import pytest

from tests.support.components import made, variants
from trainer.config import LAYERS
from trainer.config.layers import Composite
from trainer.engine.backend import keras
from trainer.engine.build import Names, build_layer
from trainer.reproduce.keras_layers import layer_of


def _written(layer: Any) -> Any:
    return json.loads(json.dumps(keras.saving.serialize_keras_object(build_layer(layer, Names()))))


# Keras writes the layers of a block, and knows no block.
_BLOCKS = frozenset(kind for kind, member in LAYERS.members.items() if issubclass(member, Composite))


@pytest.mark.parametrize("kind", [kind for kind in LAYERS.members if kind not in _BLOCKS])
def test_every_layer_comes_back(kind: str) -> None:
    member = LAYERS.members[kind]
    for layer in (made(member), *(other for _, others in variants(member) for other in others)):
        document = _written(layer)
        assert _written(layer_of(document, "Layer 1")) == document, layer
