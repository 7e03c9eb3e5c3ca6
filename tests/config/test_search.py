"""Search spaces and the files of sweeps."""

import itertools
import random
from typing import Any

import pytest

from tests.support.sweeps import NETWORK, SEARCH, sweep_of
from trainer.config import Config
from trainer.config.search import Choices, Range, Space, load_sweep
from trainer.errors import ConfigError


def _refusal(search: str, sweep: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        load_sweep(f"{NETWORK}search: {search}\n" + (f"sweep: {sweep}\n" if sweep else ""))
    return str(caught.value)


def _drawn(space: Space, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    return space.values(lambda each: each.domain.at(chance.random()))


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("{}", "The search space is empty; add a path"),
        ("[1]", "search: expected paths such as optimizer.learning_rate"),
        ("{optimizer.lr: [0.1, 0.2]}", "`optimizer.lr` is not in this config; did you mean optimizer.learning_rate?"),
        ("{layers.9.units: [1, 2]}", "Layer 9 does not exist"),
        ("{layers.2.units: {low: 64, high: 16}}", "`layers.2.units`: expected low below high, got low 64 and high 16."),
        ("{layers.2.units: {low: 1.5, high: 16}}", "expected an integer for low, got 1.5"),
        ("{layers.2.units: {low: 1}}", "missing `high`"),
        ("{layers.2.units: {low: 0, high: 8}}", "layers.2.units: expected a value of at least 1, got 0."),
        ("{layers.3.rate: {low: 0.1, high: 1.5}}", "layers.3.rate: expected a value of at most 1, got 1.5."),
        ("{layers.3.rate: {low: 0, high: 0.5, log: true}}", "a logarithmic range must begin above 0, got low 0."),
        ("{layers.3.rate: {low: 0.1, high: 0.5, log: true, step: 0.1}}", "a range has either log or step"),
        ("{layers.3.rate: {low: 0.1, high: 0.5, step: 0}}", "expected a step above 0"),
        ("{layers.3.rate: {low: .nan, high: 0.5}}", "`layers.3.rate`: expected a finite number for low, got NaN."),
        ("{layers.3.rate: [0.1, .nan]}", "layers.3.rate: expected a finite number"),
        ("{layers.3.rate: {low: small, high: 0.5}}", 'expected a finite number for low, got "small".'),
        ("{layers.3.rate: {low: true, high: 2}}", "expected a finite number for low, got true."),
        ("{layers.3.rate: {low: 0.1, hihg: 0.5}}", "unknown field \"hihg\"; did you mean 'high'?"),
        ("{layers.3.rate: [0.1]}", "expected at least two choices, got [0.1]."),
        ("{layers.3.rate: [0, 0.0]}", "`layers.3.rate`: the choices 0 and 0.0 are the same; remove one."),
        ("{layers.2.use_bias: [1, true]}", "layers.2.use_bias: expected a boolean (true or false), got 1."),
        ("{layers.3.rate: 0.1}", "expected a list of choices or a range {low: …, high: …}, got 0.1."),
        ("{layers.2.activation: {low: 1, high: 2}}", "`layers.2.activation` is not a number"),
        ("{layers.3: {present: [true]}}", "expected present: [true, false], got [true]."),
        ("{layers.3: {present: [1, 0]}}", "expected present: [true, false], got [1, 0]."),
        ("{layers.3: {repeat: {low: 0, high: 2}}}", "expected 1 to 100 copies, got 0 to 2."),
        ("{optimizer: {present: [true, false]}}", "only an item of a list"),
        ("{layers.2.units: {low: 1, high: 4, step: 1e-300}}", "expected an integer for step"),
        ("{optimizer.learning_rate: {low: 0.1, high: 1e300, step: 1e-300}}", "makes more than 1,000,000,000 values"),
        ("{layers.2: {presence: [true, false]}}", "expected a list of choices, {present: [true, false]} or {repeat"),
        ("{layers.2.present: [true, false]}", "is not a path; write layers.2: {present: [true, false]}."),
        ("{layers.2.repeat: {low: 1, high: 3}}", "is not a path; write layers.2: {repeat: {low: 1, high: 4}}."),
        ("{layers.2: [Dense, Dropout]}", 'Choice 1 of `search.layers.2` ("Dense"): layers.2.units: this field is'),
        (
            "{layers.2.kernel_regularizer: [null, {name: L2, l2: -1}]}",
            'Choice 2 of `search.layers.2.kernel_regularizer` ({"name": "L2", "l2": -1}): '
            "layers.2.kernel_regularizer.l2: expected a value of at least 0, got -1.",
        ),
        ("{layers.2.units: [8, -1]}", "layers.2.units: expected a value of at least 1, got -1."),
        ("{name: [a, b]}", "`name` has no effect on training"),
        ("{seed: {low: 0, high: 9}}", "`seed`: the best of several seeds is luck"),
        ("{dataset: [digits, iris]}", "`dataset`: trials with another name of the dataset"),
        ("{dataset.split_seed: [0, 1]}", "are not validated on the same samples"),
        ("{dataset.validation_fraction: {low: 0.1, high: 0.3}}", "are not validated on the same samples"),
        (
            "{layers.2: [{layer: Dense, units: -1}, {layer: Dense, units: 2}]}",
            "expected a value of at least 1, got -1.",
        ),
    ],
)
def test_space_that_is_not_valid_is_refused_in_one_sentence(search: str, words: str) -> None:
    assert words in _refusal(search)


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        ("{sampler: grid}", "`optimizer.learning_rate` has infinitely many values"),
        ("{sampler: tpee}", "unknown value 'tpee'; did you mean 'tpe'?"),
        ("{trails: 5}", "unknown field \"trails\"; did you mean 'trials'?"),
        ("{trials: 0}", "sweep.trials: expected a value of at least 1, got 0."),
        ("{time: soon}", "'soon' is not a time limit"),
        ("{confirm: many}", "expected trials and seeds such as 3x5"),
        ("{confirm: '0x5'}", "expected trials and seeds such as 3x5"),
        ("{confirm: true}", 'sweep.confirm: expected trials and seeds such as 3x5, or no, got "True".'),
        ("{confirm: 5}", 'expected trials and seeds such as 3x5, or no, got "5".'),
        ("{confirm: 999x999}", "sweep.confirm: 999x999 takes 998,001 runs; expected at most 1,000."),
        ("{time: 30}", "sweep.time: '30' is not a time limit"),
        ("{sampler: cmaes}", "The sampler cmaes needs at least 2 ranges of numbers, got 1"),
        ("{objective: 5}", "expected a string, got 5."),
        ("{objective: val_acuracy}", "does not log \"val_acuracy\"; did you mean 'val_accuracy'?"),
        ("{objective: test_accuracy}", "must not choose the winner; use a validation metric such as val_accuracy."),
        ("{objective: accuracy}", "accuracy is measured on the training data, where overfitting looks like success;"),
        ("{objective: [val_accuracy, loss]}", "loss is measured on the training data, where overfitting looks like"),
        ("{objective: epoch_seconds}", "does not measure results on the validation data; expected one of val_loss,"),
        ("{objective: acuracy}", "does not log \"acuracy\"; did you mean 'val_accuracy'?"),
        ("{objective: [val_accuracy, val_loss], pruner: median}", "The pruner median needs a single objective"),
        ("{objective: [val_accuracy, val_loss], sampler: cmaes}", "The sampler cmaes needs a single objective"),
        ("{objective: [val_loss, val_loss]}", "the same metric is listed twice"),
        ("{direction: up}", 'expected maximize or minimize, got "up".'),
        ("{direction: [maximize, minimize]}", "expected one for each of 1 objectives, got 2."),
        ("7", "sweep: expected settings such as trials: 50, got 7."),
    ],
)
def test_setting_that_is_not_valid_is_refused_in_one_sentence(sweep: str, words: str) -> None:
    assert words in _refusal("{optimizer.learning_rate: {low: 1e-4, high: 1e-1, log: true}}", sweep)


@pytest.mark.parametrize(
    ("search", "sweep"),
    [
        ("{seed: {low: 0, high: 9}}", ""),
        ("{dataset.validation_fraction: [0.1, 0.3], epochs: [1, 2]}", ""),
        ("{dataset.validation_fraction: {low: 0.1, high: 0.3}}", ""),
        ("{loss: [CategoricalCrossentropy, SparseCategoricalCrossentropy]}", "{objective: val_loss}"),
        ("{optimizer.learning_rate: {low: 0.1, high: 0.3}}", "{sampler: cmaes, confirm: 90x90}"),
        ("{optimizer.learning_rate: {low: 0.1, high: 0.3}}", "{objective: [accuracy, loss]}"),
    ],
)
def test_sweep_that_an_earlier_version_stored_is_read_though_refused_today(search: str, sweep: str) -> None:
    text = f"{NETWORK}search: {search}\n" + (f"sweep: {sweep}\n" if sweep else "")
    with pytest.raises(ConfigError):
        load_sweep(text)
    assert load_sweep(text, is_stored=True).space.dimensions


def test_sweep_without_search_says_how_to_write_one() -> None:
    with pytest.raises(ConfigError, match="The sweep has no `search`; add it"):
        load_sweep(NETWORK)


def test_objective_and_loss_that_vary_are_not_compared() -> None:
    search = "{loss: [{name: SparseCategoricalCrossentropy, from_logits: true}, {name: CategoricalHinge}]}"
    assert "values of val_loss cannot be compared" in _refusal(search, "{objective: val_loss}")


@pytest.mark.parametrize(
    ("search", "objective", "words"),
    [
        ("{metrics.1: {present: [true, false]}}", "val_accuracy", "some of the metrics that vary do not log"),
        ("{metrics: [[accuracy], [MeanSquaredError]]}", "val_accuracy", "some of the metrics that vary do not log"),
        ("{metrics: [[accuracy], [accuracy, AUC]]}", "val_auc", 'this config does not log "val_auc"'),
        ("{layers.2.kernel_regularizer: [null, l2]}", "val_loss", "includes the penalty"),
    ],
)
def test_objective_that_some_trials_lack_or_measure_otherwise_is_refused(
    search: str, objective: str, words: str
) -> None:
    assert words in _refusal(search, f"{{objective: {objective}}}")


def test_argument_of_the_metric_that_is_the_objective_does_not_vary() -> None:
    text = NETWORK.replace("[accuracy]", "[{name: SparseTopKCategoricalAccuracy, k: 3}]")
    with pytest.raises(ConfigError, match=r"`metrics\.1\.k` varies what val_sparse_top_k_\w+ measures"):
        load_sweep(f"{text}search: {{metrics.1.k: [2, 3]}}\n")


def test_objective_without_validation_data_is_refused_before_training() -> None:
    text = NETWORK.replace("dataset: digits", "dataset: {name: digits, validation_fraction: 0}")
    with pytest.raises(ConfigError, match=r"for val_accuracy; set dataset\.validation_fraction above"):
        load_sweep(f"{text}search: {{layers.2.units: [8, 16]}}\n")
    with pytest.raises(ConfigError, match=r"use val_accuracy, with dataset\.validation_fraction above 0\."):
        load_sweep(f"{text}search: {{layers.2.units: [8, 16]}}\nsweep: {{objective: accuracy}}\n")


def test_setting_of_one_of_several_choices_varies_if_the_config_itself_has_a_plain_value() -> None:
    space = sweep_of(
        "search: {optimizer.learning_rate: [0.01, {name: ExponentialDecay, initial_learning_rate: 0.1, decay_steps: 9, "
        "decay_rate: 0.9}], optimizer.learning_rate.decay_rate: {low: 0.5, high: 0.99}, "
        "layers.2.kernel_regularizer: [null, {name: L2, l2: 0.01}], "
        "layers.2.kernel_regularizer.l2: {low: 1e-5, high: 1e-1, log: true}}"
    ).space
    plain = space.values(lambda each: each.domain.at(0))
    assert plain == {"optimizer.learning_rate": 0.01, "layers.2.kernel_regularizer": None}
    whole = space.values(lambda each: each.domain.at(0.9999))
    assert set(whole) == {each.name for each in space.dimensions}
    assert space.config_of(whole).model_dump()["optimizer"]["learning_rate"]["decay_rate"] == pytest.approx(0.99, 1e-3)


def test_choices_with_numbers_as_keys_are_read_back() -> None:
    sweep = sweep_of("search: {class_weight: [null, {0: 2.0, 1: 3}, balanced]}")
    assert load_sweep(sweep.dump()).digest == sweep.digest
    assert sweep.space.dimensions[0].domain.values() == (None, {"0": 2.0, "1": 3}, "balanced")


def test_layers_that_may_all_be_absent_are_refused() -> None:
    search = "{" + ", ".join(f"layers.{number}: {{present: [true, false]}}" for number in range(1, 5)) + "}"
    assert "All layers may be absent" in _refusal(search)


def test_number_that_yaml_reads_as_text_is_a_number() -> None:
    space = sweep_of('search: {optimizer.learning_rate: {low: "1e-5", high: "1e-1", log: true}}').space
    assert space.dimensions[0].domain == Range(low=1e-5, high=0.1, log=True)
    listed = sweep_of('search: {optimizer.learning_rate: ["1e-5", 0.1]}').space
    assert listed.dimensions[0].domain == Choices(options=(1e-5, 0.1))


def test_every_drawn_trial_is_an_ordinary_config() -> None:
    space = sweep_of().space
    kinds = set()
    for seed in range(120):
        values = _drawn(space, seed)
        config = space.config_of(values)
        dense = [layer for layer in config.layers if layer.kind == "Dense"]
        assert len(dense) == values["layers.2.repeat"] + 1
        assert all(getattr(layer, "units", None) == values["layers.2.units"] for layer in dense[:-1])
        assert any(layer.kind == "Dropout" for layer in config.layers) == values["layers.3.present"]
        assert ("layers.3.rate" in values) == values["layers.3.present"], "an absent layer has no rate"
        assert ("optimizer.momentum" in values) == (config.optimizer.kind == "SGD"), "Adam has no momentum"
        assert config.optimizer.learning_rate == values["optimizer.learning_rate"]
        kinds.add((config.optimizer.kind, len(dense), values["layers.3.present"]))
    assert len(kinds) == 12, "every optimizer, number of copies and presence occurs"


def test_layers_inside_a_block_vary() -> None:
    block = "{layer: Residual, layers: [{layer: Dense, units: 16}, {layer: Dropout, rate: 0.1}]}"
    network = NETWORK.replace("{layer: Dropout, rate: 0.2}", block)
    search = (
        "{layers.3.layers.2: {present: [true, false]}, layers.3.layers.2.rate: [0.1, 0.5], "
        "layers.3: {repeat: {low: 1, high: 2}}}"
    )
    space = load_sweep(f"{network}search: {search}\n").space
    twice = space.config_of({"layers.3.layers.2.present": True, "layers.3.layers.2.rate": 0.5, "layers.3.repeat": 2})
    blocks = [layer for layer in twice.layers if layer.kind == "Residual"]
    assert [[inner.kind for inner in block.layers] for block in blocks] == [["Dense", "Dropout"]] * 2  # type: ignore[attr-defined]
    assert blocks[0].layers[1].rate == 0.5  # type: ignore[attr-defined]
    without = space.config_of({"layers.3.layers.2.present": False, "layers.3.repeat": 1})
    assert [inner.kind for inner in without.layers[2].layers] == ["Dense"]  # type: ignore[attr-defined]


def test_layers_and_names_of_components_are_choices() -> None:
    search = "{layers.3: [{layer: Dropout, rate: 0.3}, BatchNormalization], optimizer.name: [Adam, RMSprop]}"
    space = load_sweep(f"{NETWORK}search: {search}\n").space
    assert space.size == 4
    configs = [
        space.config_of({"layers.3": layer, "optimizer.name": name})
        for layer, name in itertools.product(*(each.domain.values() for each in space.dimensions))
    ]
    assert {(each.layers[2].kind, each.optimizer.kind) for each in configs} == set(
        itertools.product(("Dropout", "BatchNormalization"), ("Adam", "RMSprop"))
    )


def test_values_outside_the_space_are_refused() -> None:
    space = sweep_of().space
    with pytest.raises(ConfigError, match="`epochs` does not vary"):
        space.config_of({"epochs": 3})
    with pytest.raises(ConfigError, match=r"`layers.2.repeat`: 4 is not in the search space"):
        space.config_of({"layers.2.repeat": 4})


def test_file_is_read_back_with_its_digest() -> None:
    sweep = sweep_of(pruner="median", trials=7, confirm="3x5", time="1h30m", jobs=2)
    again = load_sweep(sweep.dump())
    assert again == sweep
    assert again.digest == sweep.digest
    assert again.settings.confirmation == (3, 5)
    assert again.settings.seconds == 5_400


@pytest.mark.parametrize(
    ("trials", "expected"),
    [(9, None), (10, (1, 3)), (20, (1, 3)), (40, (1, 4)), (50, (1, 5)), (100, (2, 5)), (150, (3, 5)), (9_999, (3, 5))],
)
def test_winner_is_confirmed_by_default_with_a_tenth_of_the_trials(
    trials: int, expected: tuple[int, int] | None
) -> None:
    settings = load_sweep(f"{NETWORK}{SEARCH}").with_settings({"trials": trials, "time": "10m"}).settings
    assert settings.confirmation == expected
    assert settings.search_seconds == (600 if expected is None else 540)
    chosen = sweep_of(trials=trials, time="10m", confirm="2x4").settings
    assert chosen.confirmation == (2, 4)
    assert chosen.search_seconds == 600


@pytest.mark.parametrize("word", ["no", "'no'", "false"])
def test_confirmation_can_be_left_out(word: str) -> None:
    sweep = load_sweep(f"{NETWORK}{SEARCH}sweep: {{trials: 50, time: 10m, confirm: {word}}}\n")
    assert sweep.settings.confirmation is None
    assert sweep.settings.search_seconds == 600
    assert load_sweep(sweep.dump()) == sweep


def test_grid_has_no_more_trials_than_combinations() -> None:
    search = "search: {layers.2.units: [8, 16], layers.3.rate: [0.1, 0.2]}\n"
    settings = load_sweep(f"{NETWORK}{search}sweep: {{trials: 50}}\n").settings
    assert settings.sampler == "grid"
    assert settings.trials == 4
    assert settings.confirmation is None, "five runs to confirm four trials are too many"


def test_digest_tells_what_decides_the_proposals() -> None:
    base = sweep_of()
    assert base.digest == sweep_of(trials=99, jobs=3).digest, "more trials continue the same sweep"
    assert base.digest == load_sweep(f"{NETWORK.replace('name: small', 'name: other')}{SEARCH}").digest
    others = {sweep_of(seed=1).digest, sweep_of(sampler="random").digest, sweep_of(SEARCH.replace("64", "80")).digest}
    assert base.digest not in others
    assert len(others) == 3


def test_order_of_paths_does_not_change_the_space() -> None:
    head, *lines = SEARCH.strip().splitlines()
    turned = "\n".join([head, *reversed(lines)]) + "\n"
    assert sweep_of(turned).space == sweep_of().space
    assert sweep_of(turned).digest == sweep_of().digest


def test_defaults_follow_from_the_space() -> None:
    assert sweep_of().settings.objective == ("val_accuracy",)
    assert sweep_of().settings.direction == ("maximize",)
    assert str(sweep_of().settings.sampler) == "tpe"
    assert str(load_sweep(f"{NETWORK}search: {{layers.3.rate: [0.1, 0.2]}}\n").settings.sampler) == "grid"
    assert sweep_of(objective="val_loss").settings.direction == ("minimize",)


def test_stepped_range_has_no_rounding_errors_and_ends_within_it() -> None:
    domain = sweep_of("search: {layers.3.rate: {low: 0.1, high: 0.75, step: 0.1}}").space.dimensions[0].domain
    assert domain.values() == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
    assert [domain.index(value) for value in domain.values()] == list(range(7))  # type: ignore[union-attr]


def test_shares_of_a_range_are_even() -> None:
    log = Range(low=1, high=100, log=True, whole=True)
    drawn = [log.at((place + 0.5) / 10_000) for place in range(10_000)]
    assert min(drawn) == 1
    assert max(drawn) == 100
    assert abs(sum(value <= 10 for value in drawn) / 10_000 - 0.55) < 0.05
    assert {Range(low=1, high=3, whole=True).at(place / 9) for place in range(9)} == {1, 2, 3}


def test_config_itself_is_left_alone() -> None:
    space = sweep_of().space
    before: Config = space.config
    space.config_of(_drawn(space, 1))
    assert space.config == before
