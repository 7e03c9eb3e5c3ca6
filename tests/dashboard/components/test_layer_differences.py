"""The layers of compared configs in words."""

from dashboard.components.layer_differences import layer_rows
from trainer.config import Config, LayerChange, load_config


def _config(*layers: str) -> Config:
    return load_config("dataset: digits\nloss: mse\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers))


def test_only_what_differs_has_a_row_of_its_own() -> None:
    shared = ("Flatten", "{layer: Dense, units: 32}", "{layer: Dropout, rate: 0.5}")
    one = _config(*shared, "{layer: Dense, units: 8}", "{layer: Dense, units: 1}")
    other = _config(*shared, "{layer: Dense, units: 9}", "BatchNormalization", "{layer: Dense, units: 1}")
    assert layer_rows([one, other]) == (
        (LayerChange.SAME, ("1–3 Flatten, Dense, Dropout", "1–3 Flatten, Dense, Dropout")),
        (LayerChange.CHANGED, ("4 Dense: units=8", "4 Dense: units=9")),
        (LayerChange.ADDED, ("–", "5 BatchNormalization")),
        (LayerChange.SAME, ("5 Dense", "6 Dense")),
    )
    assert layer_rows([one, one]) == ()


def test_long_list_of_shared_layers_is_cut() -> None:
    many = ["{layer: Dense, units: 3}"] * 60
    (same, _) = layer_rows([_config(*many), _config(*many, "Flatten")])
    assert same.cells[0].startswith("1–60 Dense, Dense")
    assert len(same.cells[0]) <= 80
