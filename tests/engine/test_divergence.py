import numpy as np
import pytest

from tests.support.engine import config_on, splits_of
from trainer.config import Config
from trainer.data import Arrays, Splits
from trainer.engine.divergence import divergence


def _told(config: Config, *, scale: float = 1.0) -> str:
    from pathlib import Path

    splits = splits_of(config_on(), Path("unused"))
    train = Arrays(splits.train.x * np.float32(scale), splits.train.y)
    changed = Splits(**{**vars(splits), "train": train})
    return divergence(config, changed, float("nan"), epoch=3, step=40)


@pytest.mark.parametrize(
    ("changes", "scale", "words"),
    [
        ({"optimizer": {"name": "Adam", "learning_rate": 1.0}}, 1, "learning rate 1 is most likely too high .*0.001"),
        ({}, 255, "not scaled .it reaches 255."),
        ({}, float("nan"), "data themselves"),
        ({"loss": "KLDivergence"}, 1, "logarithm"),
        ({}, 1, "try a tenth"),
    ],
)
def test_sentence_names_the_epoch_and_the_likely_cause(changes: dict[str, object], scale: float, words: str) -> None:
    with np.errstate(invalid="ignore"):
        told = _told(config_on(**changes), scale=scale)
    assert told.startswith("The loss became NaN (not a number) in epoch 3, within its first 40 steps: ")
    import re

    assert re.search(words, told), told
