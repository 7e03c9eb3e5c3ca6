from trainer.config import (
    Config,
    LayerChange,
    aligned_layers,
    brief,
    differences,
    find_recipe,
    load_config,
    with_overrides,
)

_BASE = find_recipe("quickstart-digits").config


def _with_layers(*layers: str) -> Config:
    return load_config("dataset: digits\nloss: mse\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers))


def test_differences_of_equal_configs_are_none() -> None:
    assert differences([_BASE, _BASE, _BASE]) == ()
    assert differences([_BASE]) == ()
    assert differences([]) == ()


def test_differences_leave_out_name_and_experiment() -> None:
    assert differences([_BASE, with_overrides(_BASE, ["name=other", "experiment=Other"])]) == ()


def test_differences_tell_the_path_and_every_value() -> None:
    configs = [
        _BASE,
        with_overrides(_BASE, ["optimizer.learning_rate=0.01"]),
        with_overrides(_BASE, ["layers.2.units=64"]),
    ]
    assert differences(configs) == (
        ("layers.2.units", (128, 128, 64)),
        ("optimizer.learning_rate", (0.001, 0.01, 0.001)),
    )


def test_differences_of_many_configs_have_the_value_of_each_in_their_order() -> None:
    wide, fast = with_overrides(_BASE, ["layers.2.units=64"]), with_overrides(_BASE, ["optimizer.learning_rate=0.01"])
    assert differences([wide, _BASE, wide, fast, _BASE]) == (
        ("layers.2.units", (64, 128, 64, 128, 128)),
        ("optimizer.learning_rate", (0.001, 0.001, 0.001, 0.01, 0.001)),
    )


def test_differences_show_one_layer_more_as_one_line() -> None:
    one = _with_layers("Flatten", "{layer: Dense, units: 128}", "{layer: Dense, units: 10}")
    other = _with_layers(
        "Flatten",
        "{layer: Dense, units: 128}",
        "{layer: Dense, units: 64, activation: relu}",
        "{layer: Dense, units: 10}",
    )
    assert differences([one, other]) == (("layers.3", (None, "Dense(units=64, activation=relu)")),)
    assert differences([other, one]) == (("layers.3", ("Dense(units=64, activation=relu)", None)),)


def test_differences_show_another_kind_of_layer_whole() -> None:
    one = _with_layers("Flatten", "{layer: Dropout, rate: 0.1}", "{layer: Dense, units: 1}")
    other = _with_layers("Flatten", "BatchNormalization", "{layer: Dense, units: 2}")
    assert differences([one, other]) == (
        ("layers.2", ("Dropout(rate=0.1)", "BatchNormalization")),
        ("layers.3.units", (1, 2)),
    )


def test_differences_of_other_parts_show_names_and_what_is_set() -> None:
    other = with_overrides(_BASE, ["optimizer={name: SGD, learning_rate: 0.001, momentum: 0.9}"])
    assert differences([_BASE, other]) == (("optimizer", ("Adam", "SGD")), ("optimizer.momentum", (None, 0.9)))


def test_differences_show_a_schedule_beside_a_number() -> None:
    other = with_overrides(
        _BASE, ["optimizer.learning_rate={name: CosineDecay, initial_learning_rate: 0.1, decay_steps: 100}"]
    )
    (found,) = differences([_BASE, other])
    assert found == ("optimizer.learning_rate", (0.001, "CosineDecay(initial_learning_rate=0.1, decay_steps=100)"))


def test_brief_leaves_out_defaults() -> None:
    assert [brief(layer) for layer in _BASE.layers] == [
        *("Flatten", "Dense(units=128, activation=relu)", "Dropout(rate=0.2)", "Dense(units=10)")
    ]


def _changes(*configs: Config) -> list[tuple[LayerChange, tuple[int | None, ...]]]:
    return [(row.change, row.numbers) for row in aligned_layers(configs)]


def test_layers_are_aligned_with_their_own_numbers() -> None:
    one = _with_layers("Flatten", "{layer: Dense, units: 8}", "{layer: Dropout, rate: 0.1}", "{layer: Dense, units: 1}")
    other = _with_layers(
        "Flatten",
        "{layer: Dense, units: 4}",
        "BatchNormalization",
        "{layer: Dense, units: 9}",
        "{layer: Dense, units: 1}",
    )
    assert _changes(one, one) == [(LayerChange.SAME, (number, number)) for number in range(1, 5)]
    assert _changes(one, other) == [
        (LayerChange.SAME, (1, 1)),
        (LayerChange.CHANGED, (2, 2)),
        (LayerChange.REPLACED, (3, 3)),
        (LayerChange.ADDED, (None, 4)),
        (LayerChange.SAME, (4, 5)),
    ]
    assert (LayerChange.REMOVED, (4, None)) in _changes(other, one)
    assert aligned_layers([]) == ()


def test_changed_layer_has_the_fields_that_differ_in_any_config() -> None:
    one, other = (_with_layers(f"{{layer: Dense, units: {units}}}") for units in (1, 2))
    third = _with_layers("{layer: Dense, units: 2, activation: relu}")
    (row,) = aligned_layers([one, other, third])
    assert row.fields == (("units", (1, 2, 2)), ("activation", (None, None, "relu")))
