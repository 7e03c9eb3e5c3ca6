from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import config_on, splits_of
from trainer.config import Config, FailureKind, failure_kind
from trainer.data import Arrays, Splits
from trainer.engine.divergence import divergence
from trainer.engine.failures import translated
from trainer.errors import ResourceError


def _told(config: Config, *, scale: float = 1.0) -> str:
    splits = splits_of(config_on(), Path("unused"))
    train = Arrays(splits.train.x * np.float32(scale), splits.train.y)
    changed = Splits(**{**vars(splits), "train": train})
    return divergence(config, changed, float("nan"), epoch=3, step=40)


@pytest.mark.parametrize(
    ("changes", "scale", "words"),
    [
        ({"optimizer": {"name": "Adam", "learning_rate": 1.0}}, 1, "learning rate 1 is probably too high .*0.001"),
        ({}, 255, "not scaled .they reach 255."),
        ({}, float("nan"), "data contain NaN"),
        ({"loss": "KLDivergence"}, 1, "logarithm"),
        ({}, 1, "try a tenth"),
    ],
)
def test_sentence_names_the_epoch_and_the_likely_cause(changes: dict[str, object], scale: float, words: str) -> None:
    with np.errstate(invalid="ignore"):
        told = _told(config_on(**changes), scale=scale)
    assert told.startswith("The loss became NaN in epoch 3, within its first 40 steps: ")
    import re

    assert re.search(words, told), told


@pytest.mark.parametrize(
    ("changes", "scale", "kind"),
    [
        ({}, 1, FailureKind.DIVERGED),
        ({"optimizer": {"name": "Adam", "learning_rate": 1.0}}, 1, FailureKind.DIVERGED),
        ({}, 255, FailureKind.UNSCALED),
        ({"loss": "KLDivergence"}, 1, None),
    ],
)
def test_sentence_leads_to_its_fix(changes: dict[str, object], scale: float, kind: FailureKind | None) -> None:
    assert failure_kind(_told(config_on(**changes), scale=scale)) is kind


def test_sentence_of_memory_that_ran_out_leads_to_its_fix() -> None:
    with pytest.raises(ResourceError) as caught, translated("training"):
        raise MemoryError
    assert failure_kind(str(caught.value)) is FailureKind.MEMORY


def _regression(folder: Path, y: Any, **changes: Any) -> str:
    np.savez(folder / "own.npz", x=np.random.default_rng(0).normal(size=(60, 3)), y=y)
    dataset = {"name": "npz", "path": str(folder / "own.npz")}
    fields = {"layers": [{"layer": "Dense", "units": 1}], "loss": "mse", "metrics": []}
    config = config_on(dataset, **(fields | changes))
    return divergence(config, splits_of(config, folder), float("inf"), epoch=1, step=1)


def test_targets_that_are_too_large_are_not_blamed_on_the_learning_rate(tmp_path: Path) -> None:
    values = np.linspace(1, 2, 60)
    told = _regression(tmp_path, values * 1e19, optimizer={"name": "SGD", "learning_rate": 10.0})
    assert "the targets are too large (up to 1.9e+19)" in told
    assert "learning rate" not in told
    assert "end with the Rescaling layer" in _regression(tmp_path, values * 1e6, optimizer="sgd")
    rescaled = [{"layer": "Dense", "units": 1}, {"layer": "Rescaling", "scale": 1e6}]
    assert "learning rate" in _regression(tmp_path, values * 1e6, layers=rescaled)


def test_inputs_that_are_too_large_are_named() -> None:
    assert "the inputs are too large (up to 1e+18)" in _told(config_on(), scale=1e18)


def test_adafactors_division_of_0_by_0_is_named_with_the_silent_pixels() -> None:
    told = _told(config_on(optimizer="Adafactor"))
    assert "Adafactor probably computed 0 / 0" in told
    assert "inputs are 0 in every sample" in told
    assert "set epsilon_1 to 1e-12" in told
    assert "Adafactor" not in _told(config_on(optimizer={"name": "Adafactor", "epsilon_1": 1e-12}))
