from typing import Any

import pytest

from dashboard.draft import UNSET, Draft, History, Validation, change_kind, judge, layers_in_order, start
from trainer.config import LAYERS, REGISTRIES
from trainer.config.check import CheckReport, Edit, LayerReport
from trainer.config.recipes import RECIPES

FIELDS: dict[str, Any] = {
    "dataset": "digits",
    "layers": ["Flatten", {"layer": "Dense", "units": 128, "activation": "relu"}, {"layer": "Dense", "units": 10}],
    "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
    "optimizer": "adam",
    "metrics": ["acc"],
}


def kinds(draft: Draft) -> list[str]:
    return [str(fields["layer"]) for _, fields in draft.cards("layers")]


def test_draft_opens_bare_names_and_gives_every_card_an_id_of_its_own() -> None:
    draft = Draft.of(FIELDS)
    assert draft.fields["optimizer"] == {"name": "Adam"}
    assert draft.fields["metrics"] == [{"name": "accuracy"}]
    ids = [card for name in ("layers", "metrics", "callbacks") for card in draft.ids[name]]
    assert len(ids) == len(set(ids)) == 4


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_draft_of_a_config_gives_the_same_config_back(recipe: Any) -> None:
    assert judge(Draft.of(recipe.config.short()).plain()).config == recipe.config


def test_moving_a_card_takes_its_id_along() -> None:
    draft = Draft.of(FIELDS)
    first, second, third = draft.ids["layers"]
    moved = draft.move("layers", first, 1)
    assert moved.ids["layers"] == (second, first, third)
    assert kinds(moved) == ["Dense", "Flatten", "Dense"]


def test_moving_beyond_an_end_stays_at_the_end() -> None:
    draft = Draft.of(FIELDS)
    assert draft.move("layers", draft.ids["layers"][0], -1) == draft
    assert draft.move("layers", draft.ids["layers"][2], 1) == draft


def test_duplicate_stands_behind_its_original_with_a_new_id() -> None:
    draft = Draft.of(FIELDS)
    doubled = draft.duplicate("layers", draft.ids["layers"][1])
    assert doubled.fields["layers"][2] == doubled.fields["layers"][1]
    assert doubled.ids["layers"][2] not in draft.ids["layers"]
    changed = doubled.change(("layers", doubled.ids["layers"][2], "units"), 3)
    assert changed.fields["layers"][1]["units"] == 128


def test_add_after_a_card_inserts_there_and_else_before_the_output() -> None:
    draft = Draft.of(FIELDS)
    inside = draft.add("layers", {"layer": "Dropout", "rate": 0.2}, after=draft.ids["layers"][0])
    assert kinds(inside) == ["Flatten", "Dropout", "Dense", "Dense"]
    assert kinds(draft.add("layers", {"layer": "Dropout", "rate": 0.2})) == ["Flatten", "Dense", "Dropout", "Dense"]
    assert draft.add("callbacks", {"callback": "TerminateOnNaN"}).fields["callbacks"] == [
        {"callback": "TerminateOnNaN"}
    ]


def _known(**changes: Any) -> list[str] | None:
    config = judge(Draft.of({**FIELDS, **changes}).plain()).valid_part
    return None if config is None else [layer.kind for layer in config.layers]


@pytest.mark.parametrize(
    ("changes", "layers"),
    [
        ({}, ["Flatten", "Dense", "Dense"]),
        (
            {"layers": ["Flatten", {"layer": "Dense", "units": 128}, {"layer": "Dense", "units": "x"}]},
            ["Flatten", "Dense"],
        ),
        ({"layers": ["Flatten", {"layer": "Dens", "units": 1}, {"layer": "Dense", "units": "x"}]}, ["Flatten"]),
        ({"layers": ["Flatten", {"layer": "Dense", "units": 3, "unit": 1}]}, ["Flatten"]),
        ({"layers": [{"layer": "Dense"}, "Flatten"]}, None),
        ({"layers": []}, None),
        ({"optimizer": {"name": "Adam", "learning_rate": "fast"}}, ["Flatten", "Dense", "Dense"]),
        ({"loss": "nonsense"}, ["Flatten", "Dense", "Dense"]),
        ({"loss": {"name": "Huber", "delta": -1}, "epochs": 0, "name": "\0"}, ["Flatten", "Dense", "Dense"]),
        (
            {"metrics": ["none"], "callbacks": [{"callback": "EarlyStopping", "patience": -1}]},
            ["Flatten", "Dense", "Dense"],
        ),
        ({"dataset": {"name": "digits", "validation_fraction": 2}}, ["Flatten", "Dense", "Dense"]),
        ({"dataset": {"name": "npz"}}, None),
        ({"dataset": "digitz"}, None),
    ],
)
def test_wrong_field_leaves_what_comes_before_it_known(changes: dict[str, Any], layers: list[str] | None) -> None:
    assert _known(**changes) == layers


_OUTPUT = {"layer": "Dense", "units": 10}
_HIDDEN = {"layer": "Dense", "units": 10, "activation": "relu"}


@pytest.mark.parametrize(
    ("layers", "kind", "place"),
    [
        ([], "Dense", 0),
        (["Flatten"], "Dense", 1),
        (["Flatten", _OUTPUT], "Dense", 1),
        (["Flatten", _HIDDEN], "Dense", 2),
        (["Flatten", _HIDDEN, {**_OUTPUT, "activation": "softmax"}], "Dropout", 2),
        (["Flatten", _OUTPUT, {"layer": "Activation", "activation": "softmax"}], "Dense", 1),
        (["Flatten", _OUTPUT, {"layer": "Activation", "activation": "relu"}], "Dense", 3),
        (["Flatten", _OUTPUT, {"layer": "Dropout", "rate": 0.5}], "Dense", 3),
        (["Flatten", _HIDDEN, _OUTPUT], "Conv2D", 0),
        (["Flatten", _HIDDEN, _OUTPUT, {"layer": "Rescaling", "scale": 1e6}], "Dense", 2),
        (["Flatten", _HIDDEN, {"layer": "Rescaling", "scale": 0.1}], "Dense", 3),
        ([{"layer": "Conv2D"}, "GlobalMaxPooling2D", _OUTPUT], "MaxPooling2D", 1),
        ([{"layer": "Embedding"}, "GlobalMaxPooling1D", _OUTPUT], "LSTM", 1),
        ([{"layer": "Conv2D"}, _OUTPUT], "Flatten", 1),
        ([{"layer": "Conv2D"}, _OUTPUT], "GlobalMaxPooling2D", 1),
        ([{"layer": "Embedding"}, _OUTPUT], "LSTM", 1),
    ],
)
def test_new_layer_goes_where_the_network_has_room_for_it(layers: list[Any], kind: str, place: int) -> None:
    draft = Draft.of({**FIELDS, "layers": layers})
    added = draft.add("layers", {"layer": kind})
    assert kinds(added)[place] == kind
    assert [card for card in added.ids["layers"] if card != draft.made] == list(draft.ids["layers"])
    assert added.ids["layers"][place] == draft.made


def test_ids_are_not_given_out_twice_even_after_removing() -> None:
    draft = Draft.of(FIELDS)
    removed = draft.remove("layers", draft.ids["layers"][2])
    assert removed.add("layers", {"layer": "Flatten"}).ids["layers"][-1] not in draft.ids["layers"]


def test_change_opens_parts_on_the_way() -> None:
    draft = Draft.of(FIELDS)
    card = draft.ids["layers"][1]
    changed = draft.change(("layers", card, "kernel_initializer"), {"name": "Constant"})
    changed = changed.change(("layers", card, "kernel_initializer", "value"), 0.5)
    assert changed.fields["layers"][1]["kernel_initializer"] == {"name": "Constant", "value": 0.5}
    assert "kernel_initializer" not in draft.fields["layers"][1]


def test_change_to_unset_leaves_the_field_to_its_default() -> None:
    draft = Draft.of(FIELDS)
    card = draft.ids["layers"][1]
    assert "activation" not in draft.change(("layers", card, "activation"), UNSET).fields["layers"][1]


def test_wrong_value_is_kept_and_its_sentence_found_where_it_is() -> None:
    draft = Draft.of(FIELDS)
    path = ("layers", draft.ids["layers"][1], "units")
    wrong = draft.change(path, "12x")
    validation = judge(wrong.plain())
    assert validation.config is None
    assert wrong.where(path) == "layers.2.units"
    assert validation.at("layers.2.units") == "expected an integer, got '12x'."


def test_edits_of_a_fix_leave_the_ids_of_other_cards() -> None:
    draft = Draft.of(FIELDS)
    mended = draft.edited(
        (
            Edit(action="insert", path=("layers", 1), value="Flatten"),
            Edit(action="set", path=("layers", 3, "units"), value=7),
            Edit(action="remove", path=("layers", 0)),
        )
    )
    assert kinds(mended) == ["Flatten", "Dense", "Dense"]
    assert mended.ids["layers"][1:] == draft.ids["layers"][1:]
    assert mended.ids["layers"][0] not in draft.ids["layers"]
    assert mended.fields["layers"][2]["units"] == 7


def test_change_kind_keeps_what_both_have() -> None:
    fields = {"layer": "Conv2D", "filters": 8, "kernel_size": 5, "activation": "tanh"}
    assert change_kind(fields, LAYERS, "Conv1D") == {**fields, "layer": "Conv1D"}
    assert change_kind(fields, LAYERS, "Dense") == {"layer": "Dense", "units": 64, "activation": "tanh"}
    assert change_kind({"layer": "Dense", "units": 3}, LAYERS, "LSTM") == {"layer": "LSTM", "units": 3}


def test_every_layer_is_in_the_menu_once() -> None:
    assert sorted(layers_in_order()) == sorted(LAYERS.members)


# They name a file, a run or a column, which only a person can choose.
_NAMING = {"npz", "csv", "parquet", "xlsx", "text", "images", "series", "group", "time", "column", "run", "file"}


@pytest.mark.parametrize(
    ("registry", "kind"),
    [(registry, kind) for registry in REGISTRIES.values() for kind in registry.members if kind not in _NAMING],
    ids=lambda value: value if isinstance(value, str) else value.noun,
)
def test_every_new_part_begins_valid(registry: Any, kind: str) -> None:
    registry.members[kind].model_validate(start(registry, kind))


def test_undo_and_redo_walk_through_the_drafts() -> None:
    first = Draft.of(FIELDS)
    second = first.remove("layers", first.ids["layers"][0])
    history = History(first).do(second)
    assert history.undo().now == first
    assert history.undo().redo().now == second
    assert history.undo().do(first.duplicate("layers", first.ids["layers"][0])).future == ()
    assert History(first).undo() == History(first).redo() == History(first)


def test_keystrokes_in_one_field_are_undone_together() -> None:
    first = Draft.of(FIELDS)
    history = History(first)
    for typed in ("1", "12", "128"):
        history = history.do(first.change(("epochs",), typed), theme="epochs")
    history = history.do(history.now.change(("seed",), 3), theme="seed")
    assert history.undo().now.fields["epochs"] == "128"
    assert history.undo().undo().now == first


def test_a_change_that_changes_nothing_is_no_step() -> None:
    first = Draft.of(FIELDS)
    assert History(first).do(Draft.of(FIELDS)).past == ()


def test_report_of_a_layer_is_found_by_its_place_inside_blocks_too() -> None:
    dense = LayerReport(layer="Dense", output_shape=(None, 5), parameters=20)
    stack = LayerReport(layer="Stack", output_shape=(None, 5), parameters=20, layers=(dense,))
    parallel = LayerReport(layer="Parallel", output_shape=(None, 5), parameters=20, layers=(stack,))
    report = CheckReport(ok=False, input_shape=(None, 4), layers=(parallel,), unbuilt=(dense,))
    validation = Validation(None, report=report)
    assert validation.built("layers.1") == parallel
    assert validation.built("layers.1.layers.1.layers.1") == dense
    assert validation.built("layers.1.layers.2") is None
    assert validation.built("layers.2") is None
    assert validation.built("layers.2.layers.1") == dense, "the layers inside a block that cannot be built"
    assert validation.built("layers.3.layers.1") is None
    assert Validation(None).built("layers.1") is None


def test_items_are_the_layers_inside_a_layer_as_fields() -> None:
    draft = Draft.of({**FIELDS, "layers": [{"layer": "Residual", "layers": "Dropout"}]})
    card = draft.ids["layers"][0]
    assert draft.items(("layers", card, "layers")) == [{"layer": "Dropout"}]
