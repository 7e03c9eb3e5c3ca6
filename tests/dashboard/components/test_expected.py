from pathlib import Path

import numpy as np
import pytest

from dashboard.components.expected import expected_metrics, expected_results
from trainer.config import Config, parse_config

PARTS = {"x_val": (8, 4), "y_val": (8,), "x_test": (8, 4), "y_test": (8,)}


def config_of(path: Path, fraction: float) -> Config:
    dataset = {"name": "npz", "path": str(path), "validation_fraction": fraction, "test_fraction": fraction}
    return parse_config(
        {
            "dataset": dataset,
            "layers": [{"layer": "Dense", "units": 2}],
            "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
            "optimizer": "Adam",
            "epochs": 2,
        }
    )


@pytest.mark.parametrize(
    ("own", "fraction", "prefixes"),
    [
        ((), 0.0, {""}),
        (("x_val", "y_val"), 0.0, {"", "val_"}),
        (("x_test", "y_test"), 0.0, {"", "test_"}),
        (tuple(PARTS), 0.0, {"", "val_", "test_"}),
        ((), 0.2, {"", "val_", "test_"}),
    ],
)
def test_parts_of_a_file_have_their_places_from_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: tuple[str, ...], fraction: float, prefixes: set[str]
) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    x, y = np.arange(160.0).reshape(40, 4), np.arange(40) % 2
    given = {name: (x if name.startswith("x") else y)[: PARTS[name][0]] for name in own}
    np.savez(tmp_path / "own.npz", x_train=x, y_train=y, **given)
    config = config_of(tmp_path / "own.npz", fraction)
    assert {name.removesuffix("loss") for name in expected_metrics(config)} == prefixes
    assert expected_results(config) == (("val_loss",) if "val_" in prefixes else ("loss",))


def test_parts_of_a_file_that_is_gone_are_those_of_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    assert expected_metrics(config_of(tmp_path / "gone.npz", 0.0)) == ("loss",)
