"""A network with blocks comes back from what Keras writes of it as the layers that it was built of."""

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.support.engine import config_on
from trainer.config import Config, parse_config
from trainer.config.layers import Layer
from trainer.config.layers.composite import Composite, Parallel, Residual, Stack
from trainer.data import describe
from trainer.engine.backend import keras
from trainer.engine.build import build_sequential
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.reproduce.keras_model import read_keras_model

_PLAIN: list[Any] = [
    {"layer": "Dense", "units": 8, "activation": "relu"},
    {"layer": "Dense", "units": 8, "use_bias": False, "kernel_regularizer": "l2"},
    {"layer": "Dropout", "rate": 0.25},
    {"layer": "Conv1D", "filters": 8, "kernel_size": 3, "padding": "same"},
    {"layer": "BatchNormalization", "momentum": 0.5},
    {"layer": "LSTM", "units": 8, "return_sequences": True},
    {"layer": "TimeDistributed", "wrapped": {"layer": "Dense", "units": 8}},
    {"layer": "Activation", "activation": "gelu"},
    "LayerNormalization",
    "Identity",
]


def _drawn(random: np.random.Generator, depth: int) -> Any:
    """Return a random layer that keeps the shape (steps, 8), with blocks down to this depth."""
    kind = random.integers(0, 12 if depth else 7)
    frozen = {"freeze": True} if random.random() < 0.2 else {}
    flag = bool(random.integers(0, 2))
    if kind < 4:
        layer = _PLAIN[random.integers(0, len(_PLAIN))]
        return {**(layer if isinstance(layer, dict) else {"layer": layer}), **frozen}
    if kind == 4:
        return {"layer": "PositionalEmbedding", "sequence_length": int(random.integers(8, 12)), **frozen}
    if kind == 5:
        sizes = {"num_heads": int(random.integers(1, 4)), "key_dim": 3, "value_dim": 5 if flag else None}
        return {"layer": "SelfAttention", **sizes, "use_causal_mask": flag, "dropout": 0.5 * flag, **frozen}
    if kind == 6:
        sizes = {"num_heads": 2, "intermediate_dim": int(random.integers(3, 9)), "normalize_first": flag}
        causal = {"use_causal_mask": bool(random.integers(0, 2)), "dropout": 0.1 * int(random.integers(0, 2))}
        return {"layer": "TransformerBlock", **sizes, **causal, **frozen}
    inner = [_drawn(random, depth - 1) for _ in range(random.integers(1, 4))]
    if kind < 9:
        return {"layer": "Residual", "layers": inner, **frozen}
    if kind < 11:
        merges = ["add", "average", "maximum", "minimum", "multiply"]
        return {"layer": "Parallel", "layers": inner, "merge": merges[random.integers(0, 5)], **frozen}
    return {"layer": "Stack", "layers": inner, **frozen}


def _config(layers: Sequence[Any], **fields: Any) -> Config:
    return config_on(layers=[*layers, "Flatten", {"layer": "Dense", "units": 10}], **fields)


def _network(config: Config) -> Any:
    # Operations are numbered over all models of a process.
    keras.utils.clear_session()
    return build_sequential(config, describe(config.dataset, home=Home("unused")))


def _plain(layers: Sequence[Layer], *, freeze: bool = False) -> tuple[Layer, ...]:
    """Return layers without what leaves no trace: stacks in a chain, a Parallel of one, and where freezing is said."""
    found: list[Layer] = []
    for layer in layers:
        cold = freeze or layer.freeze
        if isinstance(layer, Stack) or (isinstance(layer, Parallel) and len(layer.layers) == 1):
            found += _plain(layer.layers, freeze=cold)
        elif isinstance(layer, Residual):
            found.append(layer.model_copy(update={"layers": _plain(layer.layers, freeze=cold), "freeze": False}))
        elif isinstance(layer, Parallel):
            branches = [_plain([branch], freeze=cold) for branch in layer.layers]
            whole = tuple(each[0] if len(each) == 1 else Stack(layers=each) for each in branches)
            found.append(layer.model_copy(update={"layers": whole, "freeze": False}))
        else:
            found.append(layer.model_copy(update={"freeze": cold}))
    return tuple(found)


def _read(content: str) -> Config:
    found = read_keras_model(io.BytesIO(content.encode()), "m.json")
    return parse_config({"dataset": "digits", "loss": "mse", **found.fields})


@pytest.mark.parametrize("seed", range(12))
def test_network_of_drawn_blocks_comes_back(seed: int) -> None:
    random = np.random.default_rng(seed)
    precision = ["float32", "mixed_float16"][random.integers(0, 2)]
    config = _config([_drawn(random, 3) for _ in range(random.integers(1, 4))], precision=precision)
    network = _network(config)
    found = _read(network.to_json())
    assert found.layers == _plain(config.layers)
    assert found.precision == config.precision
    if any(isinstance(layer, Composite) for layer in found.layers):
        # The names are those of the order of building, so that the whole graph is the same.
        assert json.loads(_network(found).to_json()) == json.loads(network.to_json())


def _applied(*layers: Any, x: Any) -> Any:
    for layer in layers:
        x = layer(x)
    return x


def _hand_written(entry: Any) -> Any:
    """Return what tutorials write: operators, arguments by name, an input last, and a model in the model."""
    keras_layers = keras.layers
    x = entry + keras_layers.Dense(8)(entry)
    x = keras_layers.add([keras_layers.Dense(8)(x), x])
    y = keras_layers.MultiHeadAttention(2, 4)(query=x, value=x, key=x)
    x = keras_layers.LayerNormalization(epsilon=1e-6)(x + y)
    y = _applied(keras_layers.Dense(5, activation="relu"), keras_layers.Dense(8), x=x)
    x = keras_layers.LayerNormalization(epsilon=1e-6)(x + y)
    inner = keras.Input((8, 8))
    narrow = keras.Model(inner, keras_layers.concatenate([inner, keras_layers.Conv1D(2, 1)(inner)], axis=2))
    return _applied(narrow, keras_layers.Flatten(), keras_layers.Dense(10), x=x)


def test_functional_model_of_a_tutorial_becomes_blocks() -> None:
    entry = keras.Input((8, 8))
    found = _read(keras.Model(entry, _hand_written(entry)).to_json())
    dense = {"layer": "Dense", "units": 8}
    block = {"layer": "TransformerBlock", "intermediate_dim": 5, "num_heads": 2, "layer_norm_epsilon": 1e-6}
    narrow = {"layer": "Parallel", "layers": ["Identity", {"layer": "Conv1D", "filters": 2, "kernel_size": 1}]}
    residual = {"layer": "Residual", "layers": [dense]}
    assert found.layers == _config([residual, residual, block, narrow]).layers


def _shared(entry: Any) -> Any:
    dense = keras.layers.Dense(8)
    return dense(dense(entry))


def _crossed(entry: Any) -> Any:
    one, other = (keras.layers.Dense(8)(entry) for _ in range(2))
    third = keras.layers.Add()([one, other])
    return keras.layers.Concatenate()([third, one])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x: keras.layers.Attention()([x, x]), r"Layer 1 \(Attention\) takes 2 inputs, which configs cannot say"),
        (
            lambda x: keras.layers.Concatenate(axis=1)([x, keras.layers.Dense(8)(x)]),
            r"Layer 2 \(Concatenate\) .*axis 1",
        ),
        (lambda x: keras.layers.Dropout(0.5)(x, training=True), r"Layer 1 \(Dropout\) is called with training=True"),
        (lambda x: x + keras.ops.sin(x), r"Layer 1 \(Sin\) is not among the layers of a config"),
        (
            lambda x: keras.layers.MultiHeadAttention(1, 2)(x, keras.layers.Dense(8)(x)),
            r"Layer 2 \(MultiHead.* 2 inputs",
        ),
        (_shared, r"Layer 1 \(Dense\) is called 2 times"),
        (_crossed, r"Layer 4 \(Concatenate\) joins branches that share layers"),
    ],
)
def test_refusal_names_the_layer_that_is_not_of_a_block(make: Any, words: str) -> None:
    entry = keras.Input((8, 8))
    model = keras.Model(entry, make(entry))
    with pytest.raises(ConfigError, match=words):
        _read(model.to_json())


def test_document_that_is_no_graph_is_refused() -> None:
    def tensor(name: str) -> Any:
        return {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "keras_history": [name, 0, 0]}}

    def layer(kind: str, name: str, *sources: str) -> Any:
        nodes = [{"args": [[tensor(source) for source in sources]], "kwargs": {}}] if sources else []
        return {"class_name": kind, "name": name, "config": {"units": 4}, "inbound_nodes": nodes}

    entry = layer("InputLayer", "in")
    for layers, words in (
        ([layer("Dense", "a", "b"), layer("Dense", "b", "in")], r"Layer 1 \(Dense\) takes the output of 'b'; only"),
        ([layer("Dense", "a", "in"), layer("Dense", "b", "in")], r"Layer 1 \(Dense\) is not used by the output"),
        ([layer("Dense", "a")], r"Layer 1 \(Dense\) takes no input"),
        ([layer("Add", "a", "in", "a")], r"Layer 1 \(Add\) takes the output of 'a'; only"),
        (
            [
                *(layer("Dense", f"{n}", "in") for n in range(50)),
                *(layer("Add", f"a{n}", f"a{n - 1}" if n else "0", f"{n}") for n in range(50)),
            ],
            "more than 40 blocks inside each other",
        ),
    ):
        document = {"class_name": "Functional", "config": {"layers": [entry, *layers]}}
        with pytest.raises(ConfigError, match=words):
            _read(json.dumps(document))
