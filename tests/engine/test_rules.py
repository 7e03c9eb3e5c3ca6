"""Each case of `rule_cases.yaml` is one mistake: it must be the only problem found, and its fix must fix it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support import schemas
from tests.support.configs import PATIENT, configs
from tests.support.shapes import shapes_of
from trainer.config import RECIPES, Config, Npz, Recipe, load_config, parse_config
from trainer.config.check import Problem, Severity, apply_edits
from trainer.data.schema import Schema
from trainer.engine.rules import find_problems

_CASES: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("rule_cases.yaml").read_text(encoding="utf-8"))
_EACH_CASE = pytest.mark.parametrize("case", _CASES.values(), ids=_CASES)


def _schema(case: Mapping[str, Any]) -> Schema:
    schema: Schema = getattr(schemas, case["data"].upper())
    return schema


def _config(case: Mapping[str, Any]) -> Config:
    name = _schema(case).name
    return parse_config({"dataset": {"name": name, "path": "x.npz"} if name == "npz" else name, **case["config"]})


def _problems(config: Config, schema: Schema) -> tuple[Problem, ...]:
    return find_problems(config, schema, shapes_of(config, schema.input_shape))


@_EACH_CASE
def test_problem_is_found_alone(case: Mapping[str, Any]) -> None:
    found = _problems(_config(case), _schema(case))
    assert [(problem.severity, problem.where) for problem in found] == [(case["severity"], case["where"])], found
    assert case["message"] in found[0].message
    assert case["fix"] in (found[0].fix or "")
    assert found[0].message.endswith(".")


@pytest.mark.parametrize("form", ["short", "whole"])
@_EACH_CASE
def test_fix_mends_the_problem(case: Mapping[str, Any], form: str) -> None:
    config, schema = _config(case), _schema(case)
    (problem,) = _problems(config, schema)
    if not case["fix"]:
        assert not problem.edits
        return
    fields = config.short() if form == "short" else config.model_dump()
    mended = parse_config(apply_edits(fields, problem.edits))
    assert mended != config
    left = [found for found in _problems(mended, schema) if found.where == problem.where]
    assert problem.message not in [found.message for found in left]
    assert all(found.severity is Severity.WARNING for found in left), left


def _mended(config: Config, schema: Schema, fixes: int) -> Config:
    for _ in range(fixes):
        config = parse_config(apply_edits(config.short(), _problems(config, schema)[0].edits))
    return config


def test_hidden_layers_behind_the_output_are_kept_before_it() -> None:
    case = _CASES["hidden_layers_behind_an_output_with_an_activation"]
    layers = _mended(_config(case), _schema(case), 1).short()["layers"]
    assert layers == [
        "Flatten",
        {"layer": "Dense", "units": 4, "activation": "relu"},
        {"layer": "Dropout", "rate": 0.2},
        {"layer": "Dense", "units": 4},
        {"layer": "Dense", "units": 10},
        {"layer": "Activation", "activation": "softmax"},
    ]


_REGRESSION = """
dataset: {name: npz, path: x.npz}
layers: [{layer: Dense, units: 8, activation: relu}, {layer: Dense, units: 1}]
loss: mse
metrics: [R2Score, mae, {name: RootMeanSquaredError}]
callbacks: [{callback: EarlyStopping, monitor: val_mean_absolute_error, mode: min}]
"""


@pytest.mark.parametrize("schema", [schemas.DIGITS, schemas.MOONS, schemas.IRIS])
def test_regression_becomes_a_classification_with_its_metrics_in_one_fix(schema: Schema) -> None:
    config = load_config(_REGRESSION)
    first = _problems(config, schema)[0]
    assert first.where == "loss"
    assert first.fix is not None
    assert first.fix.endswith("Crossentropy and measure accuracy.")
    mended = parse_config(apply_edits(config.short(), first.edits))
    assert [metric.kind for metric in mended.metrics] == ["accuracy"]
    assert mended.callbacks[0].arguments()["monitor"] == "val_accuracy"
    assert mended.callbacks[0].arguments()["mode"] == "auto"
    left = [problem for problem in _problems(mended, schema) if problem.where.startswith(("metrics", "callbacks"))]
    assert all(problem.severity is Severity.WARNING for problem in left), left


def test_classification_becomes_a_regression_with_its_metrics_in_one_fix() -> None:
    config = load_config(
        _REGRESSION.replace("mse", "SparseCategoricalCrossentropy")
        .replace("[R2Score, mae, {name: RootMeanSquaredError}]", "[accuracy, SparseTopKCategoricalAccuracy]")
        .replace("mean_absolute_error, mode: min", "accuracy, mode: max")
    )
    (problem,) = _problems(config, schemas.DIABETES)
    assert problem.fix == "Use MeanSquaredError and measure MeanAbsoluteError."
    mended = parse_config(apply_edits(config.short(), problem.edits))
    assert [metric.kind for metric in mended.metrics] == ["MeanAbsoluteError"]
    assert mended.callbacks[0].arguments()["monitor"] == "val_mean_absolute_error"
    assert _problems(mended, schemas.DIABETES) == ()


def test_metric_that_is_measured_already_is_not_measured_twice_after_a_fix() -> None:
    config = load_config(_REGRESSION.replace("[R2Score, mae, {name: RootMeanSquaredError}]", "[mae, accuracy]"))
    problem = _problems(config, schemas.IRIS)[0]
    assert problem.fix == "Use SparseCategoricalCrossentropy."
    mended = parse_config(apply_edits(config.short(), problem.edits))
    assert [metric.kind for metric in mended.metrics] == ["accuracy"]


@pytest.mark.parametrize(
    ("schema", "loss", "units", "task"),
    [
        (schemas.WHOLE_FLOATS, "{name: SparseCategoricalCrossentropy, from_logits: true}", 3, "classification"),
        (schemas.FEW_INTEGERS, "mse", 1, "regression"),
    ],
)
def test_task_is_asked_for_first_where_labels_can_be_read_in_two_ways(
    schema: Schema, loss: str, units: int, task: str
) -> None:
    config = load_config(_REGRESSION.replace("mse", loss).replace("units: 1}", f"units: {units}}}"))
    first, second = _problems(config, schema)[:2]
    assert (first.severity, first.where) == (Severity.ERROR, "dataset.task")
    assert "may be classes or values" in first.message
    assert parse_config(apply_edits(config.short(), first.edits)).dataset == Npz(path="x.npz", task=task)
    assert second.where == "loss", "the other way is offered too"


def test_task_is_not_asked_for_where_the_loss_goes_with_the_data() -> None:
    fits = load_config(_REGRESSION)
    assert not [each for each in _problems(fits, schemas.WHOLE_FLOATS) if each.where == "dataset.task"]
    for_fractions = _problems(load_config(_REGRESSION.replace("mse", "hinge")), schemas.TWO_VALUES)
    assert for_fractions[0].where == "loss"


_LAYERS = "[Flatten, {layer: Dropout, rate: %s}, {layer: Dense, units: 10%s}]"


def _ranged(optimizer: str = "SGD", *, rate: str = "0.2", dense: str = "", loss: str = "") -> Config:
    fields = f"name: CategoricalCrossentropy, from_logits: true{loss}"
    layers = _LAYERS % (rate, dense)
    return load_config(f"{{dataset: digits, layers: {layers}, loss: {{{fields}}}, optimizer: {{name: {optimizer}}}}}")


@pytest.mark.parametrize(
    ("config", "where", "words", "value"),
    [
        (_ranged("SGD, learning_rate: 1e10"), "optimizer.learning_rate", "1e+10 is too high for SGD", 0.01),
        (_ranged("SGD, learning_rate: 10.1"), "optimizer.learning_rate", "probably diverge", 0.01),
        (_ranged("Adam, learning_rate: 1.1"), "optimizer.learning_rate", "probably diverge", 0.001),
        (_ranged("Adam, learning_rate: 0.0"), "optimizer.learning_rate", "too low to change the weights", 0.001),
        (
            _ranged("Adam, learning_rate: {name: CosineDecay, initial_learning_rate: 100, decay_steps: 9}"),
            "optimizer.learning_rate",
            "A learning rate of 100 ",
            0.001,
        ),
        (
            _ranged("Adam, learning_rate: {name: PiecewiseConstantDecay, boundaries: [3], values: [0.1, 7]}"),
            "optimizer.learning_rate",
            "A learning rate of 7 ",
            0.001,
        ),
        (_ranged("SGD, momentum: 1"), "optimizer.momentum", "past updates are never discounted; 0.9 is typical", 0.9),
        (_ranged("RMSprop, rho: 1"), "optimizer.rho", "never changes", 0.9),
        (_ranged("AdamW, weight_decay: 1"), "optimizer.weight_decay", "decay faster", 0.004),
        (_ranged(rate="0.95"), "layers.2.rate", "almost all inputs", 0.5),
        (_ranged(dense=", kernel_regularizer: {name: L2, l2: 5}"), "layers.3.kernel_regularizer.l2", "outweighs", 0.01),
        (_ranged(loss=", label_smoothing: 0.95"), "loss.label_smoothing", "hardly differ", 0.1),
    ],
)
def test_value_that_no_training_survives_is_a_warning_with_a_usual_one(
    config: Config, where: str, words: str, value: float
) -> None:
    (problem,) = _problems(config, schemas.DIGITS)
    assert (problem.severity, problem.where) == (Severity.WARNING, where)
    assert words in problem.message
    assert problem.edits[0].value == value
    assert _problems(parse_config(apply_edits(config.short(), problem.edits)), schemas.DIGITS) == ()


@pytest.mark.parametrize(
    "config",
    [
        _ranged("SGD, learning_rate: 10, momentum: 0.999"),
        _ranged("Adam, learning_rate: 1"),
        _ranged("Adadelta, learning_rate: 20"),
        _ranged("Adam, learning_rate: 1e-7"),
        _ranged(rate="0.89", dense=", kernel_regularizer: {name: L2, l2: 0.9}", loss=", label_smoothing: 0.8"),
    ],
)
def test_value_at_the_edge_of_what_is_used_is_not_spoken_of(config: Config) -> None:
    assert _problems(config, schemas.DIGITS) == ()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_recipes_have_no_problems(recipe: Recipe) -> None:
    mnist = replace(schemas.DIGITS, input_shape=(28, 28))
    known = {"digits": schemas.DIGITS, "mnist": mnist, "moons": schemas.MOONS, "iris": schemas.IRIS}
    known |= {"diabetes": schemas.DIABETES, "imdb": schemas.IMDB, "spirals": replace(schemas.MOONS, classes=3)}
    assert _problems(recipe.config, known[recipe.config.dataset.kind]) == ()


def test_shapes_that_are_not_known_are_not_judged() -> None:
    config = load_config("{dataset: digits, layers: [Flatten, {layer: Dense, units: 3}], loss: {name: mse}}")
    found = find_problems(config, replace(schemas.DIABETES, input_shape=(8, 8)), [])
    assert found == ()


def test_errors_come_before_warnings() -> None:
    loss = "SparseCategoricalCrossentropy"
    config = load_config(f"{{dataset: digits, layers: [Flatten], loss: {loss}, callbacks: EarlyStopping}}")
    found = _problems(config, replace(schemas.DIGITS, validation=0))
    assert [problem.severity for problem in found] == [Severity.ERROR, Severity.WARNING]


@pytest.mark.parametrize(
    "layers",
    [
        ["Flatten", "{layer: Dense, units: 10}", "{layer: Activation, activation: softmax}"],
        ["{layer: Dense, units: 16}", "Flatten", "{layer: Dense, units: 10, activation: softmax}"],
        ["{layer: LSTM, units: 16}", "{layer: Dense, units: 10, activation: softmax}"],
        [
            "{layer: Conv1D, filters: 10, kernel_size: 3}",
            "GlobalMaxPooling1D",
            "{layer: Activation, activation: softmax}",
        ],
        ["Flatten", "{layer: Dense, units: 10, activation: relu}", "{layer: Dense, units: 10, activation: sparsemax}"],
    ],
)
def test_sound_networks_on_digits_have_no_problems(layers: list[str]) -> None:
    config = load_config(f"{{dataset: digits, layers: [{', '.join(layers)}], loss: SparseCategoricalCrossentropy}}")
    assert _problems(config, schemas.DIGITS) == ()


def test_layer_that_becomes_its_sibling_keeps_what_is_set_in_it() -> None:
    layer = (
        "{layer: Conv1D, filters: 4, kernel_size: 3, bias_constraint: MaxNorm, kernel_regularizer: {name: L2, l2: 1}}"
    )
    config = load_config(f"{{dataset: cifar10, layers: [{layer}], loss: SparseCategoricalCrossentropy}}")
    problem = next(each for each in _problems(config, schemas.CIFAR) if each.fix == "Use Conv2D instead.")
    mended = parse_config(apply_edits(config.short(), problem.edits)).layers[0].arguments()
    assert mended["bias_constraint"].kind == "MaxNorm"
    assert mended["kernel_regularizer"].arguments() == {"l2": 1.0}
    assert mended["kernel_size"] == (3, 3)


@PATIENT
@given(configs(), st.sampled_from([schema for schema in vars(schemas).values() if isinstance(schema, Schema)]))
def test_any_config_is_judged_and_every_fix_is_a_config(config: Config, schema: Schema) -> None:
    config = config.model_copy(update={"dataset": Npz(path="x.npz", scale="none")})
    for problem in _problems(config, schema):
        assert (problem.fix is None) == (problem.edits == ())
        if problem.edits:
            parse_config(apply_edits(config.short(), problem.edits))


@pytest.mark.slow
@_EACH_CASE
def test_fixes_one_after_the_other_end_in_a_network_that_keras_builds(case: Mapping[str, Any]) -> None:
    from trainer.engine.inspect import inspect_layers

    config, schema = _config(case), _schema(case)
    assert inspect_layers(config, schema, memory_limit=2**33).ok == (case["severity"] == "warning")
    if not case["fix"]:
        return
    for _ in range(6):
        report = inspect_layers(config, schema, memory_limit=2**33)
        if not report.problems:
            return
        config = parse_config(apply_edits(config.short(), report.problems[0].edits))
    pytest.fail(f"{report.problems}")
