"""The config: the complete, frozen description of one training."""

import hashlib
import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from trainer.config.callbacks import AnyCallback
from trainer.config.component import option
from trainer.config.datasets import AnyDataset
from trainer.config.layers import AnyLayer
from trainer.config.losses import AnyLoss
from trainer.config.metrics import AnyMetric
from trainer.config.optimizers import AnyOptimizer, RMSprop
from trainer.config.values import ONE_LINE, Seed, Size

__all__ = ["Config"]

_NOT_IDENTITY = frozenset({"name", "experiment"})
_Title = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=250, pattern=ONE_LINE)
]


def _as_list(value: Any) -> Any:
    """None as nothing, and one part written without its brackets as a list of one."""
    if value is None:
        return []
    return [value] if isinstance(value, str | dict) else value


class Config(BaseModel):
    """One training, whole: data, layers, how they are compiled, how long and with which seed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: _Title | None = option(None, "A name for the run; it changes nothing in the training.")
    experiment: _Title = option("Default", "The MLflow experiment, a folder of runs.")
    dataset: AnyDataset = option(..., "What is learned from.")
    layers: Annotated[tuple[AnyLayer, ...], BeforeValidator(_as_list)] = option(
        ..., "The network: layers one behind the other.", min_length=1, max_length=500
    )
    loss: AnyLoss = option(..., "What training makes small.")
    optimizer: AnyOptimizer = option(RMSprop(), "How weights are changed by gradients.")
    metrics: Annotated[tuple[AnyMetric, ...], BeforeValidator(_as_list)] = option(
        (), "What is measured beside the loss."
    )
    epochs: Annotated[Size, Field(le=1_000_000)] = option(1, "How often the whole training part is gone through.")
    batch_size: Annotated[Size, Field(le=2**24)] = option(32, "How many samples make one step.")
    seed: Seed = option(0, "The seed of weights, order and noise; same seed, same result.")
    callbacks: Annotated[tuple[AnyCallback, ...], BeforeValidator(_as_list)] = option(
        (), "What is done between epochs."
    )

    def canonical_json(self) -> str:
        """Every field with its default filled in, keys sorted, no white space."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON without `name` and `experiment`: 64 hex digits."""
        return self._hash_without(_NOT_IDENTITY)

    @property
    def group(self) -> str:
        """The digest that leaves out `seed` too: equal for repeats of one training."""
        return self._hash_without(_NOT_IDENTITY | {"seed"})

    def _hash_without(self, left_out: frozenset[str] | set[str]) -> str:
        kept = self.model_dump(mode="json", exclude=set(left_out))
        text = json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def short(self) -> dict[str, Any]:
        """What a person would write: only the fields that differ from their defaults."""
        from trainer.config.short import shortened

        return shortened(self)
