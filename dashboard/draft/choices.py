"""The choices of a field: common ones first, each with a short description."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dashboard.draft.kinds import summary
from dashboard.draft.layer_words import LAYER_WORDS
from trainer.config import LAYERS, Registry
from trainer.config.layers.application import APPLICATIONS
from trainer.config.values import ACTIVATIONS

__all__ = ["COMMON_ACTIVATIONS", "common_first", "described", "described_kind"]

COMMON_ACTIVATIONS: Final = ("relu", "softmax", "sigmoid", "tanh", "gelu", "silu", "leaky_relu", "elu", "linear")
"""The activations that most networks use, in the order in which they are offered."""

_ACTIVATIONS: Final[Mapping[str, str]] = {
    "celu": "continuously differentiable elu",
    "elu": "exp(x) − 1 below 0",
    "exponential": "exp(x)",
    "gelu": "x · Φ(x)",
    "hard_shrink": "0 within ±0.5",
    "hard_sigmoid": "piecewise sigmoid",
    "hard_silu": "piecewise silu",
    "hard_tanh": "x within ±1",
    "leaky_relu": "0.2 · x below 0",
    "linear": "x",
    "log_sigmoid": "log(sigmoid(x))",
    "log_softmax": "log probabilities",
    "mish": "x · tanh(softplus(x))",
    "relu": "max(0, x)",
    "relu6": "min(max(0, x), 6)",
    "selu": "scaled elu",
    "sigmoid": "between 0 and 1",
    "silu": "x · sigmoid(x)",
    "soft_shrink": "shrinks x by 0.5",
    "softmax": "probabilities",
    "softplus": "log(exp(x) + 1)",
    "softsign": "x / (|x| + 1)",
    "sparse_plus": "piecewise softplus",
    "sparse_sigmoid": "(x + 1) / 2 within ±1",
    "sparsemax": "sparse probabilities",
    "squareplus": "smooth relu",
    "tanh": "between −1 and 1",
    "tanh_shrink": "x − tanh(x)",
    "threshold": "0 up to a threshold",
}

_YEARS: Final[Mapping[str, int]] = {
    "VGG": 2014,
    "InceptionV3": 2015,
    "ResNet": 2015,
    "DenseNet": 2016,
    "InceptionResNetV2": 2016,
    "Xception": 2016,
    "MobileNet": 2017,
    "NASNet": 2017,
    "MobileNetV2": 2018,
    "EfficientNetB": 2019,
    "MobileNetV3": 2019,
    "EfficientNetV2": 2021,
    "ConvNeXt": 2022,
}


def _year(name: str) -> int:
    return _YEARS[max((family for family in _YEARS if name.startswith(family)), key=len)]


_FIELDS: Final[Mapping[str, Mapping[Any, str]]] = {
    "activation": _ACTIVATIONS,
    "model": {name: f"published in {_year(name)}" for name in APPLICATIONS},
    "weights": {"imagenet": "trained on ImageNet"},
    "pooling": {"avg": "mean of each channel", "max": "maximum of each channel"},
    "recurrent_activation": _ACTIVATIONS,
    "padding": {"valid": "no padding", "same": "keeps the size", "causal": "past values only"},
    "sampler": {
        "default": "chosen for the space",
        "tpe": "learns from earlier trials",
        "cmaes": "for many trials of numbers",
        "random": "independent draws",
        "grid": "every combination",
        "sobol": "evenly spread",
        "gp": "for few, expensive trials",
    },
    "pruner": {"none": "train all to the end", "median": "end those below the median", "hyperband": "in brackets"},
    "scale": {"unit": "to 0…1", "standardize": "mean 0, deviation 1", "none": "as stored"},
    "color_mode": {"rgb": "3 channels", "grayscale": "1 channel", "rgba": "4 channels, with the opacity"},
    "inputs": {"numbers": "numeric features", "tokens": "integer ids"},
    "channels": {"last": "height, width, channels", "first": "channels, height, width"},
    "task": {
        "auto": "from the labels",
        "classification": "predict a class",
        "regression": "predict values",
        "multilabel": "several labels at once",
    },
    "precision": {
        "float32": "32 bits",
        "mixed_float16": "16 bits, for GPUs",
        "mixed_bfloat16": "16 bits, for TPUs and newer GPUs",
    },
    "reduction": {"sum_over_batch_size": "mean", "sum": "sum", "mean": "as sum_over_batch_size"},
    "curve": {"ROC": "true and false positives", "PR": "precision and recall"},
    "use_cudnn": {"auto": "where possible", True: "required", False: "never"},
    "merge": {
        "concatenate": "side by side",
        "add": "summed",
        "average": "averaged",
        "maximum": "largest values",
        "minimum": "smallest values",
        "multiply": "multiplied",
    },
    "standardize": {
        "lower_and_strip_punctuation": "in lower case, without punctuation",
        "lower": "in lower case",
        "strip_punctuation": "without punctuation",
    },
    "tokens": {"whitespace": "words between white space", "character": "single characters"},
    "delimiter": {
        ",": "comma",
        ";": "semicolon",
        "|": "vertical bar",
        "tab": "tab character",
        "space": "space character",
    },
    "decimal": {".": "point", ",": "comma"},
    "split": {"time": "earliest to latest", "id": "whole series"},
    "gaps": {"keep": "windows cross them", "split": "no window crosses one"},
    "merge_mode": {"sum": "added", "mul": "multiplied", "concat": "side by side", "ave": "averaged"},
    "average": {"micro": "over all samples", "macro": "over classes", "weighted": "by class size"},
    "class_aggregation": {
        "uniform_average": "outputs weighted equally",
        "variance_weighted_average": "weighted by variance",
    },
    "output_mode": {
        "int": "the index",
        "one_hot": "a vector each",
        "multi_hot": "which occur",
        "count": "how often each occurs",
    },
    "interpolation": {
        "nearest": "repeats pixels",
        "bilinear": "linear in both directions",
        "area": "mean of the pixels covered",
        "bicubic": "cubic in both directions",
        "lanczos3": "sharp, radius 3",
        "lanczos5": "sharp, radius 5",
    },
    "fill_mode": {
        "reflect": "mirrored at the edge",
        "constant": "the fill_value",
        "wrap": "from the opposite edge",
        "nearest": "the nearest pixel",
    },
    "window": {"hann": "cosine", "hamming": "raised cosine", "rectangular": "no weighting"},
    "scaling": {"density": "power per frequency", "spectrum": "power"},
    "side": {"real": "real part", "imag": "imaginary part"},
    "mode": {
        "horizontal": "left and right",
        "vertical": "up and down",
        "horizontal_and_vertical": "both",
        "log": "logarithm of the power",
        "magnitude": "absolute values",
        "psd": "power density",
        "real": "real part",
        "imag": "imaginary part",
        "angle": "phase",
        "stft": "real and imaginary part",
        "auto": "from the metric",
        "min": "lower is better",
        "max": "higher is better",
        "fan_in": "number of inputs",
        "fan_out": "number of outputs",
        "fan_avg": "mean of both",
        "rows": "orthogonal rows",
        "columns": "orthogonal columns",
    },
    "distribution": {
        "normal": "truncated at 2 σ",
        "truncated_normal": "truncated at 2 σ",
        "untruncated_normal": "not truncated",
        "uniform": "equally likely",
    },
    "summation_method": {"interpolation": "mid-point", "minoring": "lower bound", "majoring": "upper bound"},
}


def common_first(name: str, choices: Sequence[Any]) -> list[Any]:
    """Return the choices of the field `name`, common activations first; those that cannot be built are left out."""
    if not name.endswith("activation"):
        return list(choices)
    possible = [choice for choice in choices if choice in ACTIVATIONS]
    first = [choice for choice in COMMON_ACTIVATIONS if choice in possible]
    return [*first, *(choice for choice in possible if choice not in first)]


def described(name: str, choice: Any) -> str:
    """Return a choice of the field `name` with its description: `relu · max(0, x)`."""
    words = _FIELDS.get(name, {}).get(choice)
    return f"{choice} · {words}" if words else str(choice)


def described_kind(registry: Registry, kind: str) -> str:
    """Return a kind of part with its description: `Dense · fully connected`."""
    cls = registry.members.get(kind)
    if cls is None:
        return kind
    words = LAYER_WORDS.get(kind, "") if registry is LAYERS else ""
    return f"{kind} · {words or summary(cls).rstrip('.')}"
