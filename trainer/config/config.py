"""The config: the complete, immutable description of one training."""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

from trainer.config.augmentations import AnyAugmentation
from trainer.config.callbacks import AnyCallback
from trainer.config.component import option, without_defaults
from trainer.config.datasets import AnyDataset
from trainer.config.layers import AnyLayer
from trainer.config.losses import AnyLoss
from trainer.config.metrics import AnyMetric
from trainer.config.optimizers import AnyOptimizer, RMSprop
from trainer.config.short import shortened
from trainer.config.values import ONE_LINE, ClassWeights, Flag, Seed, Size
from trainer.config.weights import AnyWeights

__all__ = ["Config", "Vary"]

# Labels only: changing them leaves the trained weights as they are.
_NOT_IDENTITY = frozenset({"name", "experiment"})
# Fields that configs of earlier versions did not have.
_LATER = frozenset({"augment", "class_weight", "jit_compile", "precision", "weights"})
# MLflow's database stores at most 250 characters of a run's name.
_Title = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=250, pattern=ONE_LINE)
]


class Vary(StrEnum):
    """What differs between repeats of a config: the seed alone, or also the random split or the fold of the data."""

    SEED = "seed"
    SPLIT = "split"
    FOLD = "fold"


# The field of the dataset that repeats of a group do not share.
_VARIED = {Vary.SEED: frozenset[str](), Vary.SPLIT: frozenset({"split_seed"}), Vary.FOLD: frozenset({"fold"})}


def _as_list(value: Any) -> Any:
    """Read null as an empty list, and a single component without brackets as a list of one."""
    if value is None:
        return []
    return [value] if isinstance(value, str | dict) else value


class Config(BaseModel):
    """One training: its dataset, layers, compile arguments, length and seed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: _Title | None = option(None, "Name of the run; it has no effect on training.")
    experiment: _Title = option("Default", "MLflow experiment that the run belongs to.")
    dataset: AnyDataset = option(..., "Dataset to train, validate and test on.")
    layers: Annotated[tuple[AnyLayer, ...], BeforeValidator(_as_list)] = option(
        ..., "Layers of the Sequential model, from input to output.", min_length=1, max_length=500
    )
    loss: AnyLoss = option(..., "Loss function that training minimizes.")
    # The default of Keras's own `compile`.
    optimizer: AnyOptimizer = option(RMSprop(), "Optimizer that updates the weights.")
    metrics: Annotated[tuple[AnyMetric, ...], BeforeValidator(_as_list)] = option(
        (), "Metrics to compute in addition to the loss."
    )
    epochs: Annotated[Size, Field(le=1_000_000)] = option(1, "Number of passes over the training data.")
    batch_size: Annotated[Size, Field(le=2**24)] = option(32, "Number of samples per gradient update.")
    seed: Seed = option(
        0, "Seed of the initial weights, the sample order and all random layers; the same seed gives the same result."
    )
    callbacks: Annotated[tuple[AnyCallback, ...], BeforeValidator(_as_list)] = option(
        (), "Callbacks to apply during training, such as EarlyStopping."
    )

    weights: AnyWeights | None = option(
        None, "Weights to start from, those of a run or of a file; by default they are random.", advanced=True
    )
    augment: Annotated[tuple[AnyAugmentation, ...], BeforeValidator(_as_list)] = option(
        (),
        "Layers that change the images of each training batch at random, such as RandomFlip. Neither evaluation nor "
        "the saved model has them.",
        max_length=50,
    )
    class_weight: ClassWeights = option(
        None,
        "Weights of the classes in the loss during training, by the class's name or number, 1 for those not named; "
        "balanced weights every class by the inverse of its frequency in the training data.",
        advanced=True,
    )
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = option(
        "float32",
        "Dtype policy of the layers. The mixed ones compute in 16 bits and keep float32 weights, which is faster on "
        "recent GPUs and slower on CPUs; the last layer always computes in float32.",
        advanced=True,
    )
    jit_compile: Flag = option(
        False, "Whether to compile the training step with XLA. On CPUs this is often slower.", advanced=True
    )

    @model_serializer(mode="wrap")
    def _without_later_fields(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return without_defaults(self, serialize, _LATER)

    def with_data_at(self, path: str | None) -> "Config":
        """Return the config with the file of its dataset at another path, if one is given."""
        if path is None:
            return self
        return self.model_copy(update={"dataset": self.dataset.model_copy(update={"path": path})})

    def canonical_json(self) -> str:
        """Return every field, defaults included, as JSON with sorted keys and no white space."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON without `name` and `experiment`: 64 hex digits."""
        return self._hash_without(_NOT_IDENTITY)

    @property
    def group(self) -> str:
        """The digest without `seed`: equal for runs that differ only in their seed."""
        return self._hash_without(_NOT_IDENTITY | {"seed"})

    def group_over(self, vary: Vary) -> str:
        """The digest of a group of repeats: `group`, or one without the dataset's `split_seed` or `fold` too."""
        return self._hash_without(_NOT_IDENTITY | {"seed"}, _VARIED[vary])

    def _hash_without(self, left_out: frozenset[str] | set[str], of_dataset: frozenset[str] = frozenset()) -> str:
        # Runs are found again by this digest, so that one byte more or less would separate them from all earlier runs.
        kept = self.model_dump(mode="json", exclude=set(left_out))
        kept["dataset"] = {field: value for field, value in kept["dataset"].items() if field not in of_dataset}
        text = json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def short(self) -> dict[str, Any]:
        """Return only the fields that differ from their defaults, as a person would write them."""
        return shortened(self)
