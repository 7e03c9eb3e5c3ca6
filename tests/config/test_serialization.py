import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.configs import IDENTIFIERS, PATIENT, configs
from trainer.config import (
    Config,
    dump_config,
    dump_fields,
    find_recipe,
    load_config,
    parse_config,
    read_mapping,
    read_value,
    with_overrides,
)
from trainer.config import validation_messages as validation_messages
from trainer.errors import ConfigError

_BASE = "dataset: digits\nlayers: [Flatten]\nloss: mse\n"
_TAG = "has a YAML tag"
_CONFIG = find_recipe("quickstart-digits").config


def _layer(fields: str) -> str:
    return _BASE.replace("Flatten", fields)


_BAD: dict[str, tuple[str | bytes, str]] = {
    "unknown_key": (_BASE + "epoch: 3", "epoch: unknown field; did you mean 'epochs'?"),
    "unknown_key_like_none": (_BASE + "qqqq: 3", "qqqq: unknown field; expected one of name, experiment"),
    "unknown_key_with_the_name_of_a_type": (_BASE + "int: 3", "int: unknown field"),
    "unknown_key_with_the_name_of_a_layer": (_layer("{layer: Flatten, Dense: 3}"), "layers.1.Dense: unknown field"),
    "unknown_layer": (_layer("Flaten"), "layers.1: unknown layer 'Flaten'; did you mean 'Flatten'?"),
    "layer_field": (
        _layer("{layer: Dense, unit: 3}"),
        "layers.1.unit: unknown field; did you mean 'units'?",
    ),
    "nested_field": (
        _layer("{layer: Dense, units: 3, kernel_initializer: {name: he_normal, sed: 3}}"),
        "layers.1.kernel_initializer.sed: unknown field; expected one of name.",
    ),
    "wrapped_field": (
        _layer("{layer: Bidirectional, wrapped: {layer: LSTM, unit: 3}}"),
        "layers.1.wrapped.unit: unknown field",
    ),
    "wrapped_layer": (
        _layer("{layer: Bidirectional, wrapped: Dense}"),
        "unknown recurrent layer 'Dense'; expected one of",
    ),
    "no_kind": (_layer("{units: 3}"), "layers.1: missing `layer`; add it to name the layer."),
    "missing_field": (_layer("Dense"), "layers.1.units: this field is required."),
    "missing_keys": ("dataset: digits", "layers: this field is required. loss: this field is required"),
    "no_layers": (_BASE.replace("[Flatten]", "[]"), "layers: expected a list of at least 1 item, got []."),
    "data_set": (_BASE.replace("digits", "mnits"), "unknown dataset 'mnits'; did you mean 'mnist'?"),
    "choice": (
        _BASE.replace("digits", "{name: digits, scale: units}"),
        "dataset.scale: unknown value 'units'; did you mean 'unit'?",
    ),
    "choice_or_flag": (_layer("{layer: LSTM, units: 3, use_cudnn: 3}"), "expected one of auto, true, false, got 3."),
    "text_for_a_number": (_layer("{layer: Dense, units: '3'}"), "layers.1.units: expected an integer, got '3'."),
    "fraction_for_a_count": (
        _layer("{layer: Dense, units: 3.5}"),
        "layers.1.units: expected an integer, got 3.5.",
    ),
    "true_for_a_number": (_layer("{layer: Dense, units: true}"), "layers.1.units: expected an integer, got true."),
    "below_the_range": (_layer("{layer: Dense, units: 0}"), "layers.1.units: expected a value of at least 1, got 0."),
    "above_the_range": (
        _layer("{layer: Dense, units: 10000000000000}"),
        "expected a value of at most 1,099,511,627,776, got",
    ),
    "nan": (_layer("{layer: Dropout, rate: .nan}"), "layers.1.rate: expected a finite number, got nan."),
    "infinity": (_BASE + "optimizer: {name: sgd, learning_rate: 1e999}", "expected a finite number, got inf."),
    "400_digits": (_layer("{layer: Dense, units: 1" + "0" * 400 + "}"), "The number on line 2 has 401 digits"),
    "three_sizes": (
        _layer("{layer: Conv2D, filters: 3, kernel_size: [3, 3, 3]}"),
        "expected a list of at most 2 items, got",
    ),
    "learning_rate": (
        _BASE + "optimizer: {name: sgd, learning_rate: fast}",
        "expected a number or a schedule with its `name`, got",
    ),
    "nested_lists": (_layer("[Flatten]"), "layers.1: expected a name or a mapping of fields, got ['Flatten']."),
    "many_mistakes": (_BASE + "epochs: x\nseed: y\nbatch_size: z\nfoo: 3", "(and 1 more)"),
    "alias": (_BASE + "x: &a [1]\ny: *a", "The config uses a YAML alias (*name); write the value out instead."),
    "bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "The config uses a YAML alias"),
    "python_call": (_BASE + "name: !!python/object/apply:os.system ['ls']", _TAG),
    "python_name": (_BASE + "name: !!python/name:os.system", _TAG),
    "own_tag": (_BASE + "name: !foo bar", _TAG + " (!…) on line 4"),
    "binary_tag": (_BASE + "name: !!binary aGk=", _TAG),
    "key_twice": (_BASE + "loss: mae", "Duplicate key 'loss' on line 4; remove one of the two."),
    "list_as_key": ("[1]: 2", "The key on line 1 is a list or a mapping"),
    "empty": ("", "The config is empty; it needs at least dataset, layers and loss."),
    "comment": ("# nothing", "The config is empty"),
    "list": ("- a", "The config is a list; expected fields"),
    "text": ("hello", "The config is a single string; expected fields"),
    "two_documents": (_BASE + "---\n" + _BASE, "on line 4: expected a single document"),
    "no_yaml": ("a: [1", "The config is not valid YAML on line 1"),
    "nul": ("a: \x00", "not valid YAML: unacceptable character #x0000"),
    "deep": ("[" * 100_000, "The config is nested too deeply"),
    "long": ("a" * 1_000_001, "The config is larger than 1,000,000 bytes."),
    "many": ("a: [" + "1," * 60_000 + "]", "has too many values"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00", "The config is not UTF-8 text"),
    "utf16": (_BASE.encode("utf-16"), "The config is not UTF-8 text"),
}


@pytest.mark.parametrize(("text", "message"), _BAD.values(), ids=_BAD)
def test_load_config_says_what_is_wrong(text: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(text)
    said = str(raised.value)
    assert message in said
    assert not said.startswith("The config is not valid YAML: The")
    assert ".." not in said


@pytest.mark.parametrize(
    "value",
    [10**5000, 10**400, float("nan"), "\ud800", [[[]]], {"a": object()}, b"x", {1: 2}, ["x"] * 9999],
    ids=lambda _: "",
)
@pytest.mark.parametrize(
    "field", ["name", "dataset", "layers", "loss", "optimizer", "metrics", "epochs", "callbacks", "x\ny"]
)
def test_parse_config_refuses_any_wrong_value_in_a_short_sentence(field: str, value: Any) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_config({"dataset": "digits", "layers": ["Flatten"], "loss": "mse", field: value})
    assert len(str(raised.value).encode()) < 2000
    assert "\n" not in str(raised.value)


@PATIENT
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_load_config_takes_or_refuses_any_text(text: str | bytes) -> None:
    with pytest.raises(ConfigError):
        load_config(text)


@PATIENT
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(IDENTIFIERS | st.sampled_from(["name", "layer", "units", "learning_rate"]), inner)
        ),
    ),
    st.sampled_from(list(Config.model_fields)),
)
def test_parse_config_takes_or_refuses_any_value(value: Any, field: str) -> None:
    fields = {"dataset": "digits", "layers": ["Flatten"], "loss": "mse", field: value}
    with contextlib.suppress(ConfigError):
        parse_config(fields)


@PATIENT
@given(configs())
def test_dump_config_is_read_back_as_the_same_config(config: Config) -> None:
    again = load_config(dump_config(config))
    assert again == config
    assert again.digest == config.digest


@pytest.mark.parametrize(
    "name",
    [
        "yes",
        "1e3",
        "010",
        "0x1f",
        "1:30",
        "2020-01-01",
        "# x",
        "a: b",
        "- a",
        "'",
        '"',
        "{a}",
        "null",
        "~",
        "é ü 漢 🙂",
        "a\u2028b",
        "%",
        "@a",
        "!a",
        "*a",
        "&a",
        "<b>",
        "true",
        ".5",
        "1_000",
        "=",
        "<<",
    ],
)
def test_dump_config_quotes_names_that_yaml_would_take_for_something_else(name: str) -> None:
    config = parse_config({**_CONFIG.model_dump(), "name": name})
    assert load_config(dump_config(config)).name == name


def _with_text(text: str) -> Config:
    """A config with that text in every field that takes one."""
    callback = {"callback": "EarlyStopping", "monitor": text}
    muon = {"name": "Muon", "exclude_layers": [text, f"{text} "]}
    named = {"name": f"a{text}b", "experiment": f"a{text}b", "dataset": {"name": "npz", "path": text}}
    return parse_config({"layers": ["Flatten"], "loss": "mse", "optimizer": muon, "callbacks": [callback], **named})


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1))
@example("😀 é 漢字 \U0010ffff \U0001fffe")
@example("\x7f\x85\xa0\u2028\u2029\u202e\u200d\ufeff\ufffe\uffff")
@example(" \\ud83d\\ude00 ")
def test_every_text_comes_back_from_every_form(text: str) -> None:
    config = _with_text(text)
    assert load_config(dump_config(config)) == config
    assert load_config(dump_config(config).encode()) == config
    assert load_config(config.canonical_json()) == config
    assert load_config(json.dumps(config.short(), ensure_ascii=False)) == config
    assert with_overrides(_CONFIG, [f"name={json.dumps(config.name)}"]).name == config.name


@pytest.mark.parametrize("text", ["a\nb", "\t", "a\rb\x01"])
def test_path_may_hold_what_a_file_system_allows(text: str) -> None:
    config = parse_config({**_CONFIG.short(), "dataset": {"name": "npz", "path": text}})
    assert load_config(dump_config(config)) == load_config(config.canonical_json()) == config


@pytest.mark.parametrize("half", ["\ud83d", "a\udfff", "\ude00\ud83d"])
def test_half_a_character_is_refused_in_one_sentence(half: str) -> None:
    with pytest.raises(ConfigError, match=r"^name: expected a string without unpaired UTF-16 surrogates"):
        parse_config({**_CONFIG.short(), "name": half})
    with pytest.raises(ConfigError, match=r"^The text on line 1 contains an unpaired UTF-16 surrogate; "):
        load_config(json.dumps({**_CONFIG.short(), "name": half}))


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": {"name": "npz", "path": "a\0b"}},
        {"callbacks": [{"callback": "EarlyStopping", "monitor": "\0"}]},
        {"optimizer": {"name": "Muon", "exclude_layers": ["\0"]}},
    ],
)
def test_nul_is_refused_in_one_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"expected a string without NUL characters, got .*\.$"):
        parse_config({**_CONFIG.short(), **changes})


def test_dump_config_is_short_and_in_order() -> None:
    assert dump_config(_CONFIG).splitlines() == [
        "name: quickstart-digits",
        "dataset: {name: digits}",
        "layers:",
        "  - Flatten",
        "  - {layer: Dense, units: 128, activation: relu}",
        "  - {layer: Dropout, rate: 0.2}",
        "  - {layer: Dense, units: 10}",
        "loss: {name: SparseCategoricalCrossentropy, from_logits: true}",
        "optimizer: {name: Adam}",
        "metrics: [accuracy]",
        "epochs: 5",
        "batch_size: 32",
        "seed: 0",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.01", 0.01),
        ("1e-3", 0.001),
        ("-2", -2),
        ("true", True),
        ("yes", "yes"),
        ("", None),
        ("[1, 2]", [1, 2]),
        ("0o17", 15),
        ("08", 8),
    ],
)
def test_read_value(text: str, value: Any) -> None:
    assert read_value(text) == value


def test_complaints_count_from_1() -> None:
    with pytest.raises(ValidationError) as raised:
        Config.model_validate(
            {"dataset": "digits", "layers": ["Flatten", {"layer": "Dense", "units": 0}], "loss": "mse"}
        )
    assert validation_messages(raised.value) == [("layers.2.units", "expected a value of at least 1, got 0.")]


def test_fields_that_are_wrong_are_dumped_and_read_back_as_they_are() -> None:
    fields = {
        "dataset": {"name": "digits"},
        "layers": [{"layer": "Dense", "units": "1x, {2"}],
        "epochs": -3,
        "seed": None,
    }
    assert read_mapping(dump_fields(fields)) == fields
