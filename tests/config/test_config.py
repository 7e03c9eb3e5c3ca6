import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.configs import PATIENT, configs
from trainer.config import (
    REGISTRIES,
    Config,
    Registry,
    dump_config,
    find_recipe,
    load_config,
    parse_config,
    with_overrides,
)
from trainer.errors import ConfigError

_CONFIG = find_recipe("quickstart-digits").config


@PATIENT
@given(configs(), st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9))
def test_digest_does_not_depend_on_name_and_experiment(config: Config, word: str) -> None:
    renamed = config.model_copy(update={"name": word, "experiment": word})
    assert (renamed.digest, renamed.group) == (config.digest, config.group)
    assert parse_config(json.loads(config.canonical_json())).digest == config.digest


@PATIENT
@given(configs(), st.integers(0, 2**32 - 1))
def test_group_does_not_depend_on_the_seed(config: Config, seed: int) -> None:
    other = config.model_copy(update={"seed": seed})
    assert other.group == config.group
    assert (other.digest == config.digest) == (seed == config.seed)


_MANY_PARTS = {
    "dataset": {"name": "npz", "path": "own.npz", "scale": "unit", "task": "regression"},
    "layers": [
        {"layer": "Conv2D", "filters": 4, "kernel_size": 3},
        "BatchNormalization",
        {"layer": "Bidirectional", "wrapped": {"layer": "LSTM", "units": 3}},
        {"layer": "Dense", "units": 1, "kernel_regularizer": "L2"},
    ],
    "loss": "Huber",
    "metrics": ["mae", {"name": "AUC", "curve": "PR"}],
    "optimizer": {
        "name": "SGD",
        "momentum": 0.9,
        "learning_rate": {"name": "CosineDecay", "initial_learning_rate": 0.1, "decay_steps": 50},
    },
    "callbacks": [{"callback": "EarlyStopping", "monitor": "val_loss"}],
    "seed": 7,
    "epochs": 3,
    "batch_size": 8,
}


@pytest.mark.parametrize(
    ("recipe", "digest"),
    [
        ("quickstart-digits", "eaedae45f8d1eda59494793ea916fb1192775f1969f97cd0556913400b4fd882"),
        ("quickstart-mnist", "fe3a84163ab46403f1fd8799eb663f5c32fd4d7d4a9e3930824f2085d41e520c"),
        ("cnn-digits", "5155869cf7964de0b6b58b6e7531eb5a885d35fc1bd154d005e4f9805072cd59"),
        ("moons-mlp", "6b65792bfda3202d8e727c24961bdf432491eccb2cc624067cff15a0a283b39f"),
        ("spirals-mlp", "eeba7e10b1578d8b5bcc67c1cac298b972c6dac4b1b23f0a1d2b880831a0a01a"),
        ("iris-mlp", "b1d36be76a75e1cc1f82ef4158fde1c7eca8ad47e1d43f6ae9be61e9da47b17b"),
        ("diabetes-regression", "6c427926d9335e145050e87879f3b6a80aa9d1d768858fa1aab77ddd49c23f47"),
        ("imdb-embedding", "2f97ff673c68347f9ca101be46ec2056c62514835bf97c5f8e38afd6ecc5a240"),
    ],
)
def test_digest_of_a_recipe_is_the_same_in_every_version(recipe: str, digest: str) -> None:
    """Stores hold these digests: a new field is left out of them at its default."""
    assert find_recipe(recipe).config.digest == digest


def test_digest_of_many_parts_is_the_same_in_every_version() -> None:
    config = parse_config(_MANY_PARTS)
    assert config.digest == "a1f5c24723a470c7e0fd52e1b0c620d80a54678ffdbff07c9f15d865506f457a"
    assert config.group == "c42f4fd4fc5ec5f5d11a94e24c1acb370b5a664644c417d05cb019793c68abff"


def test_digest_tells_configs_apart_but_not_their_names() -> None:
    assert _CONFIG.digest == with_overrides(_CONFIG, ["name=other"]).digest
    assert _CONFIG.digest != with_overrides(_CONFIG, ["epochs=6"]).digest


def test_defaults_written_out_change_no_digest() -> None:
    written = with_overrides(_CONFIG, ["optimizer.learning_rate=0.001", "layers.2.use_bias=true", "callbacks=[]"])
    assert written.digest == _CONFIG.digest


_ALIASES = {
    "optimizer": {"adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD", "adamw": "AdamW"},
    "loss": {"mse": "MeanSquaredError", "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy"},
    "metrics": {"acc": "accuracy", "rmse": "RootMeanSquaredError", "auc": "AUC", "f1_score": "F1Score"},
    "initializer": {"he_normal": "HeNormal", "zeros": "Zeros"},
    "regularizer": {"l2": "L2", "l1_l2": "L1L2"},
    "constraint": {"max_norm": "MaxNorm"},
    "callbacks": {"early_stopping": "EarlyStopping"},
    "layers": {"dense": "dense"},
}


@pytest.mark.parametrize(
    ("field", "word", "name"), [(field, *pair) for field, words in _ALIASES.items() for pair in words.items()]
)
def test_aliases_of_keras_are_understood_under_the_full_name(field: str, word: str, name: str) -> None:
    assert REGISTRIES[field].full_name(word) == name


@pytest.mark.parametrize("registry", REGISTRIES.values(), ids=REGISTRIES)
def test_families_know_every_member_by_its_own_name(registry: Registry) -> None:
    assert all(registry.full_name(name) == name == member.kind_of() for name, member in registry.members.items())
    assert all(name in registry.members for name in registry.aliases.values())


def test_config_is_frozen_and_fields_have_the_defaults_of_keras() -> None:
    config = parse_config({"dataset": "digits", "layers": ["Flatten"], "loss": "mse"})
    assert (config.optimizer.kind, config.epochs, config.batch_size, config.metrics) == ("RMSprop", 1, 32, ())
    with pytest.raises(ValueError, match="frozen"):
        config.epochs = 3  # type: ignore[misc]


def test_second_names_of_activations_are_stored_under_the_first() -> None:
    config = with_overrides(_CONFIG, ["layers.2.activation=swish"])
    assert config.layers[1].arguments()["activation"] == "silu"


def test_fields_that_earlier_versions_did_not_have_are_left_out_at_their_default() -> None:
    fields = {"dataset": "iris", "layers": [{"layer": "Dense", "units": 3}], "loss": "mse"}
    plain = parse_config(fields)
    named = {"class_weight": None, "precision": "float32", "jit_compile": False}
    written = parse_config({**fields, **named, "layers": [{"layer": "Dense", "units": 3, "freeze": False}]})
    assert plain.digest == written.digest
    assert not {*named, "freeze"} & {*plain.model_dump(), *plain.model_dump()["layers"][0]}
    for changed in ({"class_weight": {0: 2.0}}, {"precision": "mixed_float16"}, {"jit_compile": True}):
        assert parse_config({**fields, **changed}).digest != plain.digest


def test_class_weights_come_back_from_a_file_and_cannot_be_changed() -> None:
    fields = {"dataset": "iris", "layers": [{"layer": "Dense", "units": 3}], "loss": "mse"}
    config = parse_config({**fields, "class_weight": {0: 2, "setosa": 0.5}})
    assert load_config(dump_config(config)) == config
    assert hash(config) == hash(load_config(dump_config(config)))
    assert isinstance(config.class_weight, dict)
    with pytest.raises(TypeError, match="immutable"):
        config.class_weight["0"] = 3.0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "expected balanced or a weight for each class"),
        ([1, 2], "expected balanced or a weight for each class"),
        ("balance", "did you mean 'balanced'"),
        ({"a": -1}, "class_weight.a: expected a value of at least 0, got -1"),
    ],
)
def test_class_weights_that_are_none_are_refused(value: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        parse_config({"dataset": "iris", "layers": ["Flatten"], "loss": "mse", "class_weight": value})


def test_label_smoothing_of_a_loss_without_it_leads_to_the_loss_that_has_it() -> None:
    fields = {"dataset": "iris", "layers": ["Flatten"]}
    loss = {"name": "SparseCategoricalCrossentropy", "from_logits": True, "label_smoothing": 0.1}
    with pytest.raises(
        ConfigError,
        match=r"loss\.label_smoothing: SparseCategoricalCrossentropy has no label smoothing in Keras; use Categorical",
    ):
        parse_config({**fields, "loss": loss})
    parse_config({**fields, "loss": {**loss, "name": "CategoricalCrossentropy"}})
