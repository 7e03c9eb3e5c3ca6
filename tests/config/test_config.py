import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.configs import PATIENT, configs
from trainer.config import REGISTRIES, Config, Registry, find_recipe, parse_config, with_overrides

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


def test_digest_is_the_same_in_every_version() -> None:
    assert len(_CONFIG.digest) == 64
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
