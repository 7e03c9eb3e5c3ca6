from typing import Any

import pytest

from trainer.config.check import Edit, apply_edits

_FIELDS: dict[str, Any] = {"dataset": "digits", "layers": ["Flatten", {"layer": "Dense", "units": 3}], "loss": "mse"}


def _set(*path: str | int, value: Any) -> Edit:
    return Edit(action="set", path=path, value=value)


def test_apply_edits_leaves_the_original_alone() -> None:
    changed = apply_edits(_FIELDS, [_set("layers", 1, "units", value=10)])
    assert changed["layers"][1]["units"] == 10
    assert _FIELDS["layers"][1]["units"] == 3


@pytest.mark.parametrize(
    ("edit", "field", "expected"),
    [
        (_set("dataset", "scale", value="unit"), "dataset", {"name": "digits", "scale": "unit"}),
        (_set("loss", "reduction", value="sum"), "loss", {"name": "MeanSquaredError", "reduction": "sum"}),
        (_set("optimizer", "momentum", value=0.9), "optimizer", {"name": "RMSprop", "momentum": 0.9}),
        (Edit(action="insert", path=("metrics", 0), value="accuracy"), "metrics", ["accuracy"]),
        (Edit(action="remove", path=("layers", 0)), "layers", [{"layer": "Dense", "units": 3}]),
    ],
)
def test_apply_edits_writes_out_what_was_short(edit: Edit, field: str, expected: Any) -> None:
    assert apply_edits(_FIELDS, [edit])[field] == expected


def test_apply_edits_opens_bare_names_in_lists_and_single_values() -> None:
    fields = {"layers": [{"layer": "Bidirectional", "wrapped": "LSTM"}, "MaxPooling2D"], "metrics": "auc"}
    edits = [
        _set("layers", 1, "padding", value="same"),
        _set("layers", 0, "wrapped", "units", value=4),
        _set("metrics", 0, "curve", value="PR"),
    ]
    assert apply_edits(fields, edits) == {
        "layers": [
            {"layer": "Bidirectional", "wrapped": {"layer": "LSTM", "units": 4}},
            {"layer": "MaxPooling2D", "padding": "same"},
        ],
        "metrics": [{"name": "AUC", "curve": "PR"}],
    }


def test_apply_edits_takes_tuples_as_lists() -> None:
    changed = apply_edits(
        {"layers": ({"layer": "Flatten"},)}, [Edit(action="insert", path=("layers", 1), value="Flatten")]
    )
    assert changed == {"layers": [{"layer": "Flatten"}, "Flatten"]}


def test_apply_edits_opens_fields_of_a_dataset_that_were_left_out() -> None:
    edits = [
        _set("dataset", "columns", "id", value="ignore"),
        Edit(action="insert", path=("dataset", "missing", 0), value="-999"),
        Edit(action="insert", path=("dataset", "missing", 0), value="?"),
    ]
    assert apply_edits({"dataset": {"name": "csv"}}, edits)["dataset"] == {
        "name": "csv",
        "columns": {"id": "ignore"},
        "missing": ["?", "-999"],
    }
