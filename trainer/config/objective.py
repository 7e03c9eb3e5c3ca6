"""The objective that training minimizes; the losses of two configs are comparable only if it is the same."""

import json

from trainer.config.component import Component
from trainer.config.config import Config
from trainer.config.regularizers import Regularizer

__all__ = ["objective_of"]

# Fields of a loss that say how it is computed, not what.
_SAME_QUANTITY = {"from_logits"}


def objective_of(config: Config) -> str:
    """Return a text that is equal for equal objectives: the loss, and the layers if any adds a penalty to it."""
    loss = config.loss.model_dump(mode="json", exclude=_SAME_QUANTITY)
    has_penalty = any(_has_penalty(layer) for layer in config.layers)
    # Keras adds penalties to the logged loss, so it depends on which weights have them.
    layers = [layer.model_dump(mode="json") for layer in config.layers] if has_penalty else None
    return json.dumps([loss, layers], sort_keys=True)


def _has_penalty(part: Component) -> bool:
    parts = (value for value in part.arguments().values() if isinstance(value, Component))
    return isinstance(part, Regularizer) or any(_has_penalty(each) for each in parts)
