from dashboard.views.run.layers import layer_rows
from trainer.config import find_recipe
from trainer.config.check import CheckReport, LayerReport

CONFIG = find_recipe("quickstart-digits").config


def test_layer_rows_have_shapes_and_parameters_beside_the_settings() -> None:
    shapes = [("Flatten", (None, 64), 0), ("Dense", (None, 128), 8320), ("Dropout", (None, None, 128), 0)]
    known = tuple(LayerReport(layer=kind, output_shape=shape, parameters=size) for kind, shape, size in shapes)
    rows = layer_rows(CONFIG, CheckReport(ok=False, input_shape=(None, 8, 8), layers=known))
    assert [(row["#"], row["layer"], row["output shape"], row["parameters"]) for row in rows] == [
        ("", "Input", "8 × 8", ""),
        ("1", "Flatten", "64", "0"),
        ("2", "Dense", "128", "8,320"),
        ("3", "Dropout", "? × 128", "0"),
        ("4", "Dense", "", ""),
    ]
    assert rows[2]["settings"] == "units 128, activation relu"


def test_layer_rows_without_a_report_are_those_of_the_config() -> None:
    rows = layer_rows(CONFIG, None)
    assert [row["layer"] for row in rows] == ["Input", "Flatten", "Dense", "Dropout", "Dense"]
    assert {row["output shape"] for row in rows} == {""}
