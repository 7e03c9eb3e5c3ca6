"""A Keras model becomes the layers of a config, or the refusal names its layer and why."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.engine import config_on, splits_of
from tests.support.tables import people, table_config
from tests.support.text_files import reviews, text_config
from trainer.config import Config, parse_config
from trainer.engine.backend import keras
from trainer.engine.build import build_model
from trainer.engine.serving import takes_raw
from trainer.engine.start_weights import load_start_weights
from trainer.engine.state import weights_sha256
from trainer.errors import ConfigError
from trainer.reproduce.keras_model import ImportedModel, read_keras_model

_CONV: list[Any] = [
    keras.Input((8, 8, 1)),
    keras.layers.Conv2D(4, 3, padding="same", kernel_regularizer="l2"),
    keras.layers.BatchNormalization(trainable=False),
    keras.layers.ReLU(),
    keras.layers.Flatten(),
    keras.layers.Dense(10, activation="softmax"),
]
_FIELDS = [
    {"layer": "Conv2D", "filters": 4, "kernel_size": (3, 3), "padding": "same", "kernel_regularizer": "L2"},
    {"layer": "BatchNormalization", "freeze": True},
    "ReLU",
    "Flatten",
    {"layer": "Dense", "units": 10, "activation": "softmax"},
]


def _read(content: bytes | str, name: str = "m.keras") -> ImportedModel:
    return read_keras_model(io.BytesIO(content.encode() if isinstance(content, str) else content), name)


def _functional(*layers: Any) -> Any:
    entry = keras.Input((4,))
    found = entry
    for layer in layers:
        found = layer(found)
    return keras.Model(entry, found)


def _config(found: ImportedModel) -> Config:
    return parse_config({"dataset": "digits", "loss": "mse", **found.fields})


@pytest.mark.parametrize("form", ["keras", "json"])
def test_chain_becomes_the_layers_of_a_config(form: str, tmp_path: Path) -> None:
    model = keras.Sequential(_CONV)
    model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9), loss="sparse_categorical_crossentropy")
    model.save(tmp_path / "m.keras")
    found = _read((tmp_path / "m.keras").read_bytes() if form == "keras" else model.to_json())
    assert parse_config({"dataset": "digits", **found.fields}) == parse_config(
        {
            "dataset": "digits",
            "layers": _FIELDS,
            "loss": "SparseCategoricalCrossentropy",
            "optimizer": {"name": "SGD", "learning_rate": 0.05, "momentum": 0.9},
        }
    )
    assert found.input_shape == (8, 8, 1)
    assert found.has_weights is (form == "keras")


def test_functional_chain_and_mixed_precision_are_read() -> None:
    model = _functional(
        keras.layers.Dense(3, dtype="mixed_bfloat16"),
        keras.layers.Dropout(0.5, dtype="mixed_bfloat16"),
        keras.layers.Dense(2),
    )
    assert _config(_read(model.to_json())).precision == "mixed_bfloat16"
    assert [layer.kind for layer in _config(_read(model.to_json())).layers] == ["Dense", "Dropout", "Dense"]


_BLOCKS: list[Any] = [
    {"layer": "Residual", "layers": [{"layer": "Dense", "units": 8}]},
    {"layer": "TransformerBlock", "num_heads": 2, "intermediate_dim": 5},
    "Flatten",
]


@pytest.mark.parametrize("blocks", [False, True])
@pytest.mark.parametrize("kind", ["digits", "images", "table", "texts"])
def test_exported_network_comes_back_with_its_weights_and_without_its_preparation(
    kind: str, blocks: bool, tmp_path: Path
) -> None:
    made = {
        "digits": lambda: config_on(dataset={"name": "digits", "scale": "standardize"}),
        "images": lambda: config_on(dataset={"name": "digits"}, precision="mixed_float16"),
        "table": lambda: table_config(people(tmp_path / "people.csv")),
        "texts": lambda: text_config(reviews(tmp_path / "reviews.csv")),
    }
    config = made[kind]()
    if blocks:
        inner = _BLOCKS[:1] if kind == "table" else _BLOCKS
        first = inner if kind in {"digits", "images"} else [config.layers[0], {"layer": "Dense", "units": 8}, *inner]
        config = parse_config({**config.model_dump(), "layers": [*first, config.layers[-1]]})
    splits = splits_of(config, tmp_path)
    model = build_model(config, splits.schema)
    takes_raw(model, splits).save(tmp_path / "m.keras")
    found = parse_config({**config.model_dump(), **_read((tmp_path / "m.keras").read_bytes()).fields})
    assert found.layers == config.layers
    assert found.precision == config.precision
    again = build_model(found, splits.schema)
    assert load_start_weights(again, tmp_path / "m.keras", skip_mismatch=False) == weights_sha256(model)


class _Custom(keras.layers.Layer):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return x


def _identity(x: Any) -> Any:
    return x


def _joined(merge: Any) -> Any:
    entry = keras.Input((4,))
    return keras.Model(entry, merge([entry, keras.layers.Dense(4)(entry)]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: _joined(keras.layers.Subtract()), r"Layer 2 \(Subtract\) takes 2 inputs, which configs cannot say"),
        (lambda: _functional(_Custom()), r"Layer 1 \(_Custom\) is not a layer of Keras"),
        (
            lambda: _functional(keras.layers.Dense(2), keras.layers.Lambda(lambda x: x)),
            r"Layer 2 \(Lambda\) is not among the layers of a config",
        ),
        (
            lambda: keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(data_format="channels_first")]),
            r"Layer 1 \(Flatten\) .*channels_first",
        ),
        (
            lambda: _functional(keras.layers.Dense(2, activation=_identity)),
            r"Layer 1 \(Dense\) has a function or object \(function\) that configs cannot say",
        ),
        (lambda: _functional(keras.layers.Dense(2, dtype="float64")), "have the dtypes float64; expected float32"),
    ],
)
def test_refusal_names_the_layer_and_why(make: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        _read(make().to_json())


def _zipped(**members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_json", ".json"), content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "m.keras is not a model"),
        (b"\x00\xff", "m.keras is not a model"),
        (b"[" * 100_000, "m.keras is not a model"),
        (b"[1]", "m.keras is not a model"),
        (b"PK\x03\x04" + bytes(50), "m.keras is damaged or not a .keras file"),
        (_zipped(other_json="{}"), "m.keras is damaged or not a .keras file"),
        (_zipped(config_json=" " * 20_000_001), "more than 20.0 MB of JSON"),
        (b'{"class_name": "Sequential"}', "has no Sequential or Functional model"),
        (b'{"class_name": "Sequential", "config": {"layers": 3}}', "has no list of layers"),
        (b'{"class_name": "Sequential", "config": {"layers": []}}', "has no layers"),
        (b'{"class_name": "Sequential", "config": {"layers": [{}]}}', r"Layer 1 \(\?\)"),
        (
            json.dumps({"class_name": "Functional", "config": {"layers": [{"class_name": "InputLayer"}] * 2}}).encode(),
            "has 2 inputs",
        ),
        (
            json.dumps(
                {
                    "class_name": "Sequential",
                    "config": {"layers": [{"class_name": "Dense", "config": {"units": -1}}]},
                }
            ).encode(),
            r"Layer 1 \(Dense\) does not fit a config: units: expected a value of at least 1, got -1",
        ),
    ],
)
def test_file_that_is_no_model_is_refused_in_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        _read(content)
