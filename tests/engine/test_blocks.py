"""Fitboard's blocks: what they compute, what is wrong inside them, and that Keras loads them by itself."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import config_on
from trainer.config import Config, dump_config, load_config
from trainer.config.check import CheckReport, apply_edits
from trainer.config.serialization import parse_config
from trainer.data import describe
from trainer.engine.backend import keras
from trainer.engine.build import build_model, build_sequential
from trainer.engine.inspect import inspect
from trainer.home import Home

_OUT = ["Flatten", {"layer": "Dense", "units": 10}]
_DENSE = {"layer": "Dense", "units": 8}
_BLOCKS = [
    {"layer": "PositionalEmbedding", "sequence_length": 8},
    {"layer": "Residual", "layers": [_DENSE, {"layer": "Residual", "layers": ["LayerNormalization"]}]},
    {"layer": "Parallel", "layers": [{"layer": "Stack", "layers": [_DENSE, "LayerNormalization"]}, "Identity"]},
    {"layer": "SelfAttention", "num_heads": 2, "key_dim": 4, "use_causal_mask": True},
    {"layer": "TransformerBlock", "intermediate_dim": 12, "num_heads": 4},
]


def _config(*layers: Any) -> Config:
    return config_on(layers=[*layers, *_OUT])


def _network(home: Path, *layers: Any) -> Any:
    config = _config(*layers)
    keras.utils.set_random_seed(1)
    return build_sequential(config, describe(config.dataset, home=Home(home)))


def _report(home: Path, *layers: Any) -> CheckReport:
    return inspect(_config(*layers), home=Home(home), memory_limit=10**12)


def _kinds(network: Any) -> list[str]:
    return [type(layer).__name__ for layer in network.layers]


def test_network_without_blocks_stays_a_sequential(tmp_path: Path) -> None:
    assert type(_network(tmp_path, _DENSE)) is keras.Sequential
    assert type(_network(tmp_path, {"layer": "Stack", "layers": [_DENSE]})) is not keras.Sequential


def test_residual_adds_its_input(tmp_path: Path) -> None:
    network = _network(tmp_path, {"layer": "Residual", "layers": [{"layer": "Rescaling", "scale": 2.0}]})
    x = np.random.default_rng(0).random((3, 8, 8)).astype(np.float32)
    added = keras.Model(network.input, network.layers[2].output)
    assert np.array_equal(added.predict(x, verbose=0), x + x * 2)


@pytest.mark.parametrize(
    ("merge", "expected"), [("concatenate", (8, 16)), ("add", (8, 8)), ("multiply", (8, 8)), ("maximum", (8, 8))]
)
def test_parallel_joins_its_branches(tmp_path: Path, merge: str, expected: tuple[int, ...]) -> None:
    network = _network(tmp_path, {"layer": "Parallel", "layers": [_DENSE, "Identity"], "merge": merge})
    joined = next(layer for layer in network.layers if type(layer).__name__.lower() == merge)
    assert joined.output.shape[1:] == expected


def test_positions_are_weights_of_the_model_and_differ_by_step(tmp_path: Path) -> None:
    network = _network(tmp_path, {"layer": "PositionalEmbedding", "sequence_length": 8})
    embedding = next(layer for layer in network.layers if type(layer).__name__ == "Embedding")
    assert any(weight is embedding.embeddings for weight in network.trainable_weights)
    added = keras.Model(network.input, network.layers[-3].output)
    zeros = np.zeros((1, 8, 8), np.float32)
    assert np.array_equal(added.predict(zeros, verbose=0)[0], np.asarray(embedding.embeddings))


def test_causal_attention_does_not_look_ahead(tmp_path: Path) -> None:
    def seen(causal: bool) -> bool:
        layer = {"layer": "SelfAttention", "num_heads": 1, "key_dim": 4, "use_causal_mask": causal}
        network = _network(tmp_path, layer)
        attended = keras.Model(network.input, network.layers[-3].output)
        x = np.random.default_rng(0).random((1, 8, 8)).astype(np.float32)
        changed = x.copy()
        changed[0, -1] += 1
        before, after = (attended.predict(each, verbose=0)[0, 0] for each in (x, changed))
        return not np.array_equal(before, after)

    assert seen(causal=False)
    assert not seen(causal=True)


@pytest.mark.parametrize("first", [False, True])
def test_transformer_block_is_that_of_the_paper(tmp_path: Path, first: bool) -> None:
    block = {"layer": "TransformerBlock", "intermediate_dim": 12, "num_heads": 4, "normalize_first": first}
    kinds = [kind for kind in _kinds(_network(tmp_path, block)) if kind not in {"InputLayer", "Flatten"}][:-1]
    attention, dense = ["MultiHeadAttention"], ["Dense", "Dense"]
    norm, add = ["LayerNormalization"], ["Add"]
    usual = [*attention, *add, *norm, *dense, *add, *norm]
    assert kinds == ([*norm, *attention, *add, *norm, *dense, *add] if first else usual)


def test_frozen_block_freezes_all_its_layers(tmp_path: Path) -> None:
    frozen = [{**each, "freeze": True} for each in _BLOCKS]
    network = _network(tmp_path, *frozen)
    # Only the output layer learns.
    assert [tuple(weight.shape) for weight in network.trainable_weights] == [(128, 10), (10,)]


def test_check_counts_what_is_built(tmp_path: Path) -> None:
    report = _report(tmp_path, *_BLOCKS)
    assert report.ok, report.problems
    network = _network(tmp_path, *_BLOCKS)
    assert report.parameters == network.count_params()
    assert [layer.layer for layer in report.layers[:5]] == [layer["layer"] for layer in _BLOCKS]


def test_problem_inside_a_block_has_its_place_and_a_fix_that_fixes_it(tmp_path: Path) -> None:
    inner = {"layer": "Residual", "layers": [{"layer": "GroupNormalization", "groups": 3}]}
    config = _config({"layer": "Parallel", "layers": ["Identity", inner]})
    report = inspect(config, home=Home(tmp_path), memory_limit=10**12)
    assert [problem.where for problem in report.problems] == ["layers.1.layers.2.layers.1.groups"]
    fixed = parse_config(apply_edits(config.short(), report.problems[0].edits))
    assert inspect(fixed, home=Home(tmp_path), memory_limit=10**12).ok


def test_wrong_rank_inside_a_block_is_told_once(tmp_path: Path) -> None:
    report = _report(tmp_path, {"layer": "Residual", "layers": [{"layer": "Conv2D", "filters": 4, "kernel_size": 3}]})
    assert [problem.where for problem in report.problems if "layers.1" in problem.where] == ["layers.1.layers.1"]


def test_residual_of_another_shape_is_explained(tmp_path: Path) -> None:
    report = _report(tmp_path, {"layer": "Residual", "layers": [{"layer": "Dense", "units": 5}]})
    (problem,) = (each for each in report.problems if each.where == "layers.1")
    assert problem.message.startswith("Residual adds its input of (8, 8) to an output of (8, 5)")


def test_blocks_are_written_and_read_as_yaml() -> None:
    config = _config(*_BLOCKS)
    assert load_config(dump_config(config)) == config


def test_saved_model_loads_without_fitboard(tmp_path: Path) -> None:
    config = _config(*_BLOCKS)
    model = build_model(config, describe(config.dataset, home=Home(tmp_path)))
    x = np.random.default_rng(0).random((5, 8, 8)).astype(np.float32)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", model.predict(x, verbose=0))
    program = (
        "import sys, keras, numpy as np\n"
        "model = keras.models.load_model('model.keras')\n"
        "y = model.predict(np.load('x.npy'), verbose=0)\n"
        # This process may have other threads and another graph optimizer than a new one.
        "np.testing.assert_allclose(y, np.load('y.npy'), rtol=1e-4, atol=1e-6)\n"
        "assert 'trainer' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
