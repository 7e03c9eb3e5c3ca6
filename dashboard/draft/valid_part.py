"""The valid part of an invalid draft, so that the page can still show its shapes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from trainer.config import Config

__all__ = ["valid_part"]

# Stands in for a loss that is invalid or missing; no shape depends on it.
_ANY_LOSS: Final = "MeanSquaredError"


def valid_part(fields: Mapping[str, Any], wrong: Iterable[str]) -> Config | None:
    """Return the config with the layers before the first invalid one, and defaults for other invalid fields.

    `wrong` are the places of the errors (`layers.2.units`, counted from 1). None if no layer is left or the dataset
    is unknown.
    """
    kept: dict[str, Any] = dict(fields)
    layers: Any = kept.get("layers")
    count = len(layers) if isinstance(layers, list) else 0
    for place in wrong:
        first, _, rest = place.partition(".")
        inner = rest.partition(".")[0]
        if first == "layers":
            count = min(count, int(inner) - 1) if inner.isdigit() else 0
        elif first == "loss":
            kept["loss"] = _ANY_LOSS
        elif first == "dataset" and inner and isinstance(kept["dataset"], Mapping):
            kept["dataset"] = {name: value for name, value in kept["dataset"].items() if name != inner}
        else:
            kept.pop(first, None)
    if count < 1:
        return None
    try:
        return Config.model_validate({**kept, "layers": layers[:count]})
    except ValidationError:
        return None
