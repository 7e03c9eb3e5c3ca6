"""Configs whose exported scripts are run: every dataset without a download, and every kind of part that computes."""

import pickle
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.keras_data import housing, reuters
from tests.support.picture_files import picture_cases
from tests.support.series_files import series_cases
from tests.support.tables import table_cases
from tests.support.text_files import text_cases
from trainer.config import OPTIMIZERS, RECIPES, Config, parse_config
from trainer.data import store_download
from trainer.home import Home

__all__ = ["cases", "make_keras_data", "make_starts"]

_PREDICT = {"layer": "Dense", "units": 3, "activation": "softmax"}
_MULTICLASS: dict[str, Any] = {
    "dataset": "iris",
    "layers": [{"layer": "Dense", "units": 8, "activation": "relu"}, _PREDICT],
    "loss": "SparseCategoricalCrossentropy",
    "metrics": "accuracy",
    "epochs": 2,
}
_BINARY: dict[str, Any] = {
    "dataset": {"name": "moons", "samples": 200},
    "layers": [{"layer": "Dense", "units": 8, "activation": "tanh"}, {"layer": "Dense", "units": 1}],
    "loss": {"name": "BinaryCrossentropy", "from_logits": True},
    "optimizer": "adam",
    "epochs": 2,
}
_DIGITS: dict[str, Any] = {
    "dataset": "digits",
    "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
    "optimizer": "adam",
    "metrics": "accuracy",
    "epochs": 2,
}
_AUGMENT = [
    {"layer": "RandomTranslation", "height_factor": 0.1, "width_factor": 0.1},
    {"layer": "RandomContrast", "factor": 0.2},
]
_TEN = {"layer": "Dense", "units": 10}
_DROPOUT = {"layer": "Dropout", "rate": 0.1}
_RELU = {"layer": "Dense", "units": 16, "activation": "relu"}


def cases(folder: Path) -> Iterator[tuple[str, Config]]:
    """Yield names and configs; the data files that they use are written to `folder`."""
    # One case shows a dataset and an optimizer, since a case takes a second in each of two processes.
    fields = {**_with_optimizers({**_networks(), **_data(folder)}), **_training(), **_starts(folder)}
    yield from ((name, parse_config(each)) for name, each in fields.items())
    for recipe in RECIPES:
        # Their data would have to be downloaded.
        if recipe.config.dataset.kind not in {"mnist", "imdb"}:
            yield recipe.name, recipe.config.model_copy(update={"epochs": 2})


def _data(folder: Path) -> dict[str, dict[str, Any]]:
    one = {"layers": [{"layer": "Dense", "units": 1}], "loss": "mse", "metrics": ["mae"], "epochs": 2}
    flat = {"layers": ["Flatten", _TEN]}
    return {
        "wine": {**_MULTICLASS, "dataset": {"name": "wine", "validation_fraction": 0.0}},
        "breast-cancer": {**_BINARY, "dataset": {"name": "breast_cancer", "scale": "unit", "test_fraction": 0.0}},
        "all-to-train": {
            **_BINARY,
            "dataset": {"name": "moons", "samples": 50, "validation_fraction": 0.0, "test_fraction": 0.0},
        },
        "circles": {
            **_BINARY,
            "dataset": {"name": "circles", "samples": 101, "factor": 0.3, "noise": 0.0, "folds": 3, "fold": 2},
        },
        "too-few-to-stratify": {**_MULTICLASS, "dataset": {"name": "spirals", "arms": 3, "samples": 10}},
        "digits-in-pieces": {
            **_DIGITS,
            **flat,
            "dataset": {"name": "digits", "scale": "standardize", "split_seed": 7},
            "augment": _AUGMENT,
        },
        "housing": {**one, "dataset": "california_housing", "batch_size": 512},
        "reuters": {
            "dataset": {"name": "reuters", "maxlen": 5, "num_words": 1000},
            "layers": [
                {"layer": "Embedding", "input_dim": 1000, "output_dim": 4, "mask_zero": True},
                {"layer": "GRU", "units": 4},
                {"layer": "Dense", "units": 46, "activation": "softmax"},
            ],
            "loss": "SparseCategoricalCrossentropy",
            "batch_size": 256,
            "optimizer": "adam",
        },
        **table_cases(folder),
        **text_cases(folder),
        **picture_cases(folder),
        **series_cases(folder),
        **{f"npz-{name}": {**each, "dataset": _npz(folder / f"{name}.npz", name)} for name, each in _own(one).items()},
    }


def _own(one: dict[str, Any]) -> dict[str, dict[str, Any]]:
    two = {**one, "layers": [{"layer": "Dense", "units": 2}]}
    deep = {**_MULTICLASS, "layers": ["Flatten", _RELU, {"layer": "Dropout", "rate": 0.2}, _PREDICT]}
    pooled = {**_MULTICLASS, "layers": ["GlobalAveragePooling2D", _RELU, _PREDICT]}
    embedding = {"layer": "Embedding", "input_dim": 9, "output_dim": 4}
    averaged = {"name": "AdamW", "use_ema": True, "clipnorm": 1.0, "gradient_accumulation_steps": 2}
    smoothed = {
        "loss": {"name": "CategoricalCrossentropy", "label_smoothing": 0.1},
        "metrics": ["accuracy", "AUC", {"name": "AUC", "curve": "PR"}, "F1Score", "Precision", "Recall"],
    }
    # Most show a way to train too, which would take as long in a case of its own.
    return {
        "bytes": {**deep, "precision": "mixed_float16", "optimizer": "nadam"},
        "gaps": {**_MULTICLASS, "class_weight": "balanced", "loss": "CategoricalCrossentropy"},
        "onehot": {**_MULTICLASS, **smoothed},
        "values": two,
        "vector": one,
        "weights": {
            **_MULTICLASS,
            "layers": [{"layer": "Dense", "units": 8, "activation": "relu", "freeze": True}, _PREDICT],
        },
        "weights-and-parts": {**_MULTICLASS, "optimizer": averaged},
        "channels-first": {**pooled, "precision": "mixed_bfloat16"},
        "tokens": {**_MULTICLASS, "layers": [embedding, "Flatten", _PREDICT]},
    }


def _npz(path: Path, name: str) -> dict[str, Any]:
    random = np.random.default_rng(5)
    y = random.integers(0, 3, 60)
    table = np.column_stack([random.normal(size=(60, 3)), np.full(60, 0.1)])
    arrays: dict[str, Any] = {
        "bytes": {
            **{f"x_{part}": random.integers(0, 256, (60, 4, 4)).astype(np.uint8) for part in ("train", "test")},
            **{f"y_{part}": y.astype(np.uint8) for part in ("train", "test")},
        },
        "gaps": {"x": table.astype(np.float32), "y": np.array([3, 7, 11])[y]},
        "onehot": {"x": table, "y": np.eye(3)[y]},
        "values": {"x": table.astype(np.float32) * 1e3, "y": table[:, :2]},
        "vector": {"x": np.arange(60), "y": table[:, 0]},
        "weights": {"x": table, "y": y, "sample_weight": np.linspace(0, 3, 60)},
        "weights-and-parts": {
            **{f"x_{part}": table + shift for shift, part in enumerate(("train", "val", "test"))},
            **{f"y_{part}": np.array([3, 7, 11])[y] for part in ("train", "val", "test")},
            "sample_weight": np.arange(60)[:, None],
        },
        "channels-first": {"x": random.integers(0, 4000, (60, 3, 9, 8)).astype("uint16"), "y": y},
        "tokens": {"x": random.integers(0, 9, (60, 5)), "y": y},
    }[name]
    np.savez(path, **arrays)
    more = {
        "onehot": {"scale": "unit"},
        "vector": {"scale": "unit", "folds": 4, "fold": 4},
        "channels-first": {"channels": "first", "scale": "standardize"},
        "tokens": {"inputs": "tokens"},
        "weights": {"folds": 5, "fold": 1},
    }
    return {"name": "npz", "path": str(path), **more.get(name, {})}


def _networks() -> dict[str, dict[str, Any]]:
    regular = {
        "layer": "Dense",
        "units": 16,
        "activation": "relu",
        "use_bias": False,
        "kernel_initializer": "HeNormal",
        "kernel_regularizer": {"name": "L1L2", "l1": 0.001},
        "activity_regularizer": "L2",
        "kernel_constraint": {"name": "MaxNorm", "max_value": 1.5},
    }
    drawn = {**regular, "kernel_initializer": {"name": "VarianceScaling", "scale": 0.5}, "units": 12}
    return {
        "convolution": {
            **_DIGITS,
            "layers": [
                {"layer": "Reshape", "target_shape": [8, 8, 1]},
                {"layer": "Conv2D", "filters": 4, "kernel_size": 3, "padding": "same", "strides": [1, 2]},
                {"layer": "BatchNormalization", "momentum": 0.9},
                {"layer": "Activation", "activation": "gelu"},
                {"layer": "AveragePooling2D", "pool_size": 2},
                "GlobalMaxPooling2D",
                _TEN,
            ],
        },
        "initializers": {
            **_DIGITS,
            "layers": ["Flatten", regular, {"layer": "GaussianNoise", "stddev": 0.1}, drawn, _TEN],
        },
        "augmented": {
            **_DIGITS,
            "layers": [
                {"layer": "Reshape", "target_shape": [8, 8, 1]},
                {"layer": "RandomZoom", "height_factor": [-0.2, 0.2]},
                {"layer": "ZeroPadding2D", "padding": [[1, 0], [0, 1]]},
                {"layer": "SeparableConv2D", "filters": 4, "kernel_size": 3},
                {"layer": "GroupNormalization", "groups": 2},
                "PReLU",
                {"layer": "SpatialDropout2D", "rate": 0.2},
                {"layer": "TimeDistributed", "wrapped": {"layer": "Conv1D", "filters": 3, "kernel_size": 2}},
                "Flatten",
                {"layer": "Normalization", "mean": 0.5, "variance": 2.0},
                {"layer": "SpectralNormalization", "wrapped": _TEN},
            ],
        },
        "blocks": {
            **_DIGITS,
            "layers": [
                {"layer": "PositionalEmbedding", "sequence_length": 9},
                {"layer": "Residual", "layers": [{"layer": "Dense", "units": 8, "activation": "relu"}, _DROPOUT]},
                {
                    "layer": "Parallel",
                    "layers": [
                        {"layer": "Stack", "layers": ["LayerNormalization", {"layer": "Dense", "units": 5}]},
                        {"layer": "SelfAttention", "num_heads": 2, "key_dim": 3, "use_causal_mask": True},
                        {"layer": "Residual", "layers": [{"layer": "Residual", "layers": [_DROPOUT]}]},
                    ],
                },
                {"layer": "Dense", "units": 12},
                {"layer": "TransformerBlock", "intermediate_dim": 16, "num_heads": 3, "dropout": 0.1},
                {"layer": "TransformerBlock", "intermediate_dim": 6, "num_heads": 4, "normalize_first": True},
                {"layer": "SelfAttention", "num_heads": 2, "key_dim": 2, "freeze": True},
                "GlobalAveragePooling1D",
                {"layer": "Parallel", "layers": [_TEN, _TEN], "merge": "average"},
            ],
        },
        "recurrent": {
            **_DIGITS,
            "layers": [
                {"layer": "Conv1D", "filters": 4, "kernel_size": 3, "padding": "causal"},
                {
                    "layer": "Bidirectional",
                    "wrapped": {"layer": "LSTM", "units": 4, "return_sequences": True, "dropout": 0.2},
                    "merge_mode": "sum",
                },
                "LayerNormalization",
                {"layer": "SimpleRNN", "units": 4, "recurrent_dropout": 0.1},
                {"layer": "Rescaling", "scale": 0.5},
                _TEN,
            ],
            "batch_size": 100,
        },
        "seeds": {
            **_DIGITS,
            "layers": [
                "Flatten",
                {"layer": "Dropout", "rate": 0.5, "seed": 9},
                {"layer": "Dropout", "rate": 0.1},
                _TEN,
            ],
            "seed": 2**32 - 1,
        },
    }


def _with_optimizers(cases: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Deal the schedules, which need several steps to show, and then the optimizers out to the cases."""
    each = {name.lower(): name for name in OPTIMIZERS.members}
    dealt = {**{name.lower(): _sgd(name, **given) for name, given in _SCHEDULES}, **each}
    found = {}
    for case, optimizer in zip_longest(cases, dealt):
        fields = cases.get(case, _MULTICLASS)
        named = "-with-".join(filter(None, (case, optimizer)))
        found[named] = {**fields, "optimizer": dealt[optimizer]} if optimizer else fields
    return found


def _training() -> dict[str, dict[str, Any]]:
    return {
        "early-stopping": {
            **_MULTICLASS,
            "optimizer": {"name": "SGD", "learning_rate": 3.0},
            "callbacks": [{"callback": "EarlyStopping", "patience": 1, "restore_best_weights": True}],
            "epochs": 20,
        },
        "plateau": {
            **_BINARY,
            "callbacks": [{"callback": "ReduceLROnPlateau", "patience": 1, "min_delta": 0.5}, "TerminateOnNaN"],
            "epochs": 4,
        },
        "class-weights": {**_BINARY, "class_weight": {"0": 3.0, "1": 0.25}},
        "frozen-recurrent": {
            **_DIGITS,
            "layers": [
                {"layer": "Bidirectional", "wrapped": {"layer": "GRU", "units": 3}, "freeze": True},
                _TEN,
            ],
            "epochs": 1,
        },
        "jit": {
            **_DIGITS,
            "layers": ["Flatten", _RELU, {"layer": "Dropout", "rate": 0.2}, _TEN],
            "jit_compile": True,
        },
        "column": {
            **_BINARY,
            "layers": [{"layer": "Dense", "units": 1, "activation": "tanh"}],
            "loss": "Hinge",
            "metrics": ["mse", "mse", "accuracy"],
            "batch_size": 7,
        },
        "classes-as-values": {**_BINARY, "loss": {"name": "Huber", "delta": 0.5}, "optimizer": "rmsprop"},
    }


def _starts(folder: Path) -> dict[str, dict[str, Any]]:
    """Return fields of configs that start from the weights in files, which `make_starts` writes."""
    block = {"layer": "Residual", "layers": [{"layer": "Dense", "units": 8}]}
    return {
        "start": {**_DIGITS, "layers": ["Flatten", _RELU, _TEN], "weights": _file(folder / "start.keras")},
        "start-in-part": {
            **_DIGITS,
            "layers": ["Flatten", _RELU, _RELU, _TEN],
            "weights": {**_file(folder / "start.keras"), "skip_mismatch": True},
        },
        "start-within": {
            **_DIGITS,
            "layers": [block, "Flatten", {**_TEN, "freeze": True}],
            "weights": _file(folder / "start-within.keras"),
        },
    }


def _file(path: Path) -> dict[str, Any]:
    return {"source": "file", "path": str(path)}


def make_starts(folder: Path) -> None:
    """Write the files of the weights to start from: networks on digits with the layers that scale raw samples."""
    from trainer.data import load
    from trainer.engine.backend import keras
    from trainer.engine.build import build_model
    from trainer.engine.serving import takes_raw

    for fields in _starts(folder).values():
        config = parse_config(fields)
        file = Path(str(fields["weights"]["path"]))
        if not file.exists():
            keras.utils.set_random_seed(5)
            splits = load(config.dataset, home=Home(folder / "home"))
            takes_raw(build_model(config, splits.schema), splits).save(file)


def _sgd(schedule: str, **given: Any) -> dict[str, Any]:
    return {"name": "SGD", "momentum": 0.9, "learning_rate": {"name": schedule, **given}}


_START = {"initial_learning_rate": 0.1}
_SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("CosineDecay", {**_START, "decay_steps": 5, "warmup_target": 0.2, "warmup_steps": 2}),
    ("CosineDecayRestarts", {**_START, "first_decay_steps": 2}),
    ("ExponentialDecay", {**_START, "decay_steps": 2, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {**_START, "decay_steps": 2, "decay_rate": 0.5}),
    ("PiecewiseConstantDecay", {"boundaries": [2, 4], "values": [0.1, 0.05, 0.01]}),
    ("PolynomialDecay", {**_START, "decay_steps": 5, "power": 2.0}),
]


def make_keras_data(folder: Path, home: Home) -> None:
    """Create random data in Keras's shapes: in the home for the trainer, pickled in `folder/keras` for the scripts."""
    (folder / "keras").mkdir(parents=True)
    for name, arrays in (("california_housing", housing()), ("reuters", reuters())):
        store_download(name, arrays, home=home)
        content = (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
        (folder / "keras" / f"{name}.pickle").write_bytes(pickle.dumps(content))
