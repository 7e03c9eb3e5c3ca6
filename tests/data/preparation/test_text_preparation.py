"""Preparation of texts: the bits of Keras's TextVectorization, fitted on the training part only."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.text_files import reviews, text_config
from trainer.data import load
from trainer.data.preparation import TextPreparation, fit_text
from trainer.data.sources.table import Table, Words
from trainer.home import Home

_LETTERS = "aB ÄßİK\t\n\x0b\x1c\xa0\u2028日🙂e\u0301!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~09\x00"


def _texts(count: int = 300) -> Table:
    draw = np.random.default_rng(0)
    texts = ["", " ", *("".join(draw.choice(list(_LETTERS), draw.integers(1, 25))) for _ in range(count))]
    return Table(columns={"t": Words(np.arange(len(texts), dtype=np.int32), tuple(texts))}, rows=np.arange(len(texts)))


@pytest.mark.parametrize("mode", ["int", "multi_hot"])
@pytest.mark.parametrize("tokens", ["whitespace", "character"])
@pytest.mark.parametrize("standardize", ["lower_and_strip_punctuation", "lower", "strip_punctuation", None])
def test_tokens_equal_those_of_keras(mode: str, tokens: str, standardize: str | None) -> None:
    import keras

    texts = _texts()
    how: dict[str, Any] = {"output_mode": mode, "standardize": standardize}
    found = fit_text(texts, "t", max_tokens=40, output_sequence_length=7, tokens=tokens, **how)
    layer = keras.layers.TextVectorization(
        vocabulary=list(found.vocabulary), split=tokens, output_sequence_length=7 if mode == "int" else None, **how
    )
    given = keras.ops.convert_to_tensor(texts.columns["t"].shown().tolist(), dtype="string")
    np.testing.assert_array_equal(found.apply(texts), np.asarray(layer(given)))
    # Keras counts the same words, but orders equally frequent ones differently.
    adapted = keras.layers.TextVectorization(max_tokens=40, split=tokens, standardize=standardize)
    adapted.adapt(given)
    frequent = found.vocabulary[:5]
    assert set(frequent) <= set(adapted.get_vocabulary())


def test_texts_outside_the_training_part_do_not_change_the_vocabulary(tmp_path: Path) -> None:
    home, path = Home(tmp_path / "home"), reviews(tmp_path / "reviews.csv")
    dataset = text_config(path, max_tokens=1000).dataset
    before = load(dataset, home=home)
    lines = path.read_text(encoding="utf-8").splitlines()
    for row in (*before.raw["validation"].rows, *before.raw["test"].rows):  # type: ignore[attr-defined]
        _, label, author = lines[row + 1].split(";")
        lines[row + 1] = f'"leaked leaked leaked";{label};{author}'
    path.write_text("\n".join(lines), encoding="utf-8")
    after = load(dataset, home=home)
    assert before.fitted is not None
    assert after.fitted is not None
    assert after.digest != before.digest
    assert after.fitted.state() == before.fitted.state()
    assert (after.test.x[:, 0] == 1).all()


def test_state_describes_the_whole_preparation(tmp_path: Path) -> None:
    splits = load(text_config(reviews(tmp_path / "reviews")).dataset, home=Home(tmp_path / "home"))
    assert splits.fitted is not None
    again = TextPreparation.from_state(json.loads(json.dumps(splits.fitted.state())))
    np.testing.assert_array_equal(again.apply(splits.raw["test"]), splits.test.x)  # type: ignore[arg-type]
    assert splits.train.x.dtype == np.int32
    assert splits.schema.vocabulary == 14


def test_no_text_is_prepared_to_none() -> None:
    texts = _texts(5)
    found = fit_text(
        texts, "t", max_tokens=9, output_mode="int", output_sequence_length=7, standardize=None, tokens="whitespace"
    )
    assert found.apply(texts.take(np.empty(0, np.intp))).shape == (0, 7)
