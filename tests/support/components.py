"""Components of a config for tests: the required fields of each kind, and other values for each of its fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from trainer.config import Component, FieldKind, FieldSpec, Registry, describe

__all__ = ["REQUIRED", "made", "variants"]

_START = {"initial_learning_rate": 0.1, "decay_steps": 50}

REQUIRED: Mapping[str, Mapping[str, Any]] = {
    "Activation": {"activation": "relu"},
    **{f"Adaptive{kind}Pooling{rank}D": {"output_size": 2} for kind in ("Average", "Max") for rank in (1, 2, 3)},
    "AlphaDropout": {"rate": 0.5},
    "Application": {"model": "MobileNetV3Small", "weights": None},
    **{f"AveragePooling{rank}D": {"pool_size": 2} for rank in (1, 2, 3)},
    "Bidirectional": {"wrapped": {"layer": "GRU", "units": 3}},
    "CategoryEncoding": {"num_tokens": 20},
    "CenterCrop": {"height": 5, "width": 3},
    **{f"Conv{rank}D{more}": {"filters": 4, "kernel_size": 2} for rank in (1, 2, 3) for more in ("", "Transpose")},
    **{f"ConvLSTM{rank}D": {"filters": 3, "kernel_size": 2} for rank in (1, 2, 3)},
    "Dense": {"units": 3},
    "DepthwiseConv1D": {"kernel_size": 2},
    "DepthwiseConv2D": {"kernel_size": 2},
    "Discretization": {"bin_boundaries": [-0.5, 0.5]},
    "Dropout": {"rate": 0.5},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3},
    "Embedding": {"input_dim": 20, "output_dim": 3},
    "GaussianDropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 0.1},
    "Hashing": {"num_bins": 7},
    "IntegerLookup": {"vocabulary": [30, 10, 40]},
    "IoU": {"num_classes": 4, "target_class_ids": [1]},
    "MeanIoU": {"num_classes": 4},
    "Normalization": {"mean": 0.5, "variance": 2.0},
    "OneHotIoU": {"num_classes": 4, "target_class_ids": [1]},
    "OneHotMeanIoU": {"num_classes": 4},
    "Parallel": {"layers": [{"layer": "Dense", "units": 3}, "Identity"]},
    "Permute": {"dims": [2, 1]},
    "PositionalEmbedding": {"sequence_length": 9},
    "PrecisionAtRecall": {"recall": 0.5},
    "RandomBrightness": {"factor": 0.1},
    "RandomColorDegeneration": {"factor": 0.5},
    "RandomContrast": {"factor": 0.1},
    "RandomHue": {"factor": 0.5},
    "RandomPosterization": {"factor": 3},
    "RandomRotation": {"factor": 0.1},
    "RandomSaturation": {"factor": 0.5},
    "RandomSharpness": {"factor": 0.5},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.2},
    "RecallAtPrecision": {"precision": 0.5},
    "RepeatVector": {"n": 3},
    "Rescaling": {"scale": 2.0},
    "Residual": {"layers": [{"layer": "Dense", "units": 5}]},
    "Resizing": {"height": 5, "width": 3},
    "SelfAttention": {"num_heads": 2, "key_dim": 3},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    **{f"SeparableConv{rank}D": {"filters": 4, "kernel_size": 2} for rank in (1, 2)},
    **{f"SpatialDropout{rank}D": {"rate": 0.5} for rank in (1, 2, 3)},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "SpectralNormalization": {"wrapped": {"layer": "Dense", "units": 3}},
    "Stack": {"layers": [{"layer": "Dense", "units": 3}, "Identity"]},
    "TimeDistributed": {"wrapped": {"layer": "Dense", "units": 3}},
    "Reshape": {"target_shape": [-1]},
    "TransformerBlock": {"intermediate_dim": 7, "num_heads": 5},
    "GRU": {"units": 3},
    "LSTM": {"units": 3},
    "SimpleRNN": {"units": 3},
    "CosineDecay": _START,
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 20},
    "ExponentialDecay": {**_START, "decay_rate": 0.5},
    "InverseTimeDecay": {**_START, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [40], "values": [0.1, 0.01]},
    "PolynomialDecay": _START,
}
"""The required fields of each kind."""

# Fields that are valid only together with others.
_TOGETHER: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("PiecewiseConstantDecay", "boundaries"): {"values": [0.1, 0.05, 0.01], "boundaries": [3, 7]},
    ("PiecewiseConstantDecay", "values"): {"values": [0.3, 0.2]},
    **{(f"Conv{rank}DTranspose", "output_padding"): {"output_padding": 1, "strides": 2} for rank in (1, 2, 3)},
    ("Normalization", "mean"): {"mean": [0.25, 0.5], "variance": [2.0, 3.0]},
    ("Normalization", "variance"): {"mean": [0.5, 0.5], "variance": [2.0, 3.0]},
    ("STFTSpectrogram", "fft_length"): {"fft_length": 512},
    ("STFTSpectrogram", "frame_length"): {"frame_length": 128},
    ("Permute", "dims"): {"dims": [1, 2]},
    ("RandomZoom", "height_factor"): {"height_factor": [-0.25, 0.5]},
    ("RandomZoom", "width_factor"): {"width_factor": [-0.25, 0.5]},
    ("RandomGaussianBlur", "kernel_size"): {"kernel_size": [5, 1]},
    ("Hashing", "salt"): {"salt": 5, "output_mode": "one_hot"},
    ("AUC", "num_labels"): {"multi_label": True, "num_labels": 3},
}


def made(member: type[Component], **fields: Any) -> Component:
    """Return a component of that kind, with its required fields and these."""
    return member.model_validate({member.key: member.kind_of(), **REQUIRED.get(member.kind_of(), {}), **fields})


def variants(member: type[Component]) -> Iterator[tuple[str, tuple[Component, ...]]]:
    """Yield for every field the components with other values in it than the usual one."""
    usual = made(member)
    for spec in describe(member):
        together = _TOGETHER.get((member.kind_of(), spec.name))
        values = _values(spec, getattr(usual, spec.name))
        found = [made(member, **together)] if together else [_with(member, spec.name, value) for value in values]
        others = tuple(each for each in found if each and getattr(each, spec.name) != getattr(usual, spec.name))
        assert others, f"{member.kind_of()}.{spec.name} has no other value"
        yield spec.name, others


def _with(member: type[Component], name: str, value: Any) -> Component | None:
    """Return the component with one field set, or None if the field does not accept the value."""
    try:
        return made(member, **{name: value})
    except ValidationError:
        return None


def _values(spec: FieldSpec, usual: Any) -> Iterator[Any]:
    # Candidates; `variants` keeps those that the field accepts.
    if spec.kind is FieldKind.FLAG:
        yield not usual
    elif spec.kind is FieldKind.TEXT:
        yield from ("val_accuracy", "c")
    elif spec.kind is FieldKind.TEXTS:
        yield ["dense"]
    elif spec.kind is FieldKind.NUMBERS:
        yield from ([number] * max(spec.length, 1) for number in (3, 2, 1, 0.25))
        if spec.single:
            yield from (0.125, 5)
    elif spec.kind is FieldKind.MAPPING:
        yield {"age": spec.choices[0] if spec.choices else "years"}
    elif spec.kind is FieldKind.CHOICE:
        yield from (choice for choice in spec.choices if choice is not None)
    elif spec.registry is not None:
        yield from _components(spec.registry)
    else:
        yield from (2, 4) if spec.whole else (0.25, 0.125, -0.25)
    if spec.kind is FieldKind.RATE:
        yield 0.0625


def _components(registry: Registry) -> Iterator[Mapping[str, Any]]:
    """Yield a component of each kind, with another number than by default if it has one."""
    for member in registry.members.values():
        numbers = (spec for spec in describe(member) if spec.kind is FieldKind.NUMBER)
        changed = [
            variant
            for spec in numbers
            for value in (0.25, 0.0625, 3)
            if (variant := _with(member, spec.name, value)) and variant != made(member)
        ]
        yield (changed or [made(member)])[0].model_dump(mode="json")
