"""The network on texts as it is served: raw texts in, and the bits of the trained network out."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.engine import Memory, splits_of
from tests.support.text_files import reviews, text_config
from trainer.data.sources.missing import MISSING
from trainer.engine.serving import raw_columns, takes_raw
from trainer.engine.state import weights_sha256
from trainer.engine.train import train
from trainer.tracking.write.class_answers import ClassAnswers, raw_inputs


@pytest.mark.parametrize("mode", ["int", "multi_hot"])
def test_served_network_takes_raw_texts_and_gives_the_bits_of_the_trained_one(mode: str, tmp_path: Path) -> None:
    import keras

    config = text_config(reviews(tmp_path / "reviews.csv"), output_mode=mode)
    splits = splits_of(config, tmp_path)
    outcome, model = train(config, splits, Memory())
    takes_raw(model, splits).save(tmp_path / "served.keras")
    loaded = keras.models.load_model(tmp_path / "served.keras")
    assert weights_sha256(loaded) == outcome.weights_sha256
    rows = {"columns": raw_columns(splits), "missing": MISSING, "decimal": ".", "targets": []}
    texts = [{"review": f"  {text}\n"} for text in splits.raw["test"].shown()[:, 0]]
    expected = model.predict(splits.test.x, verbose=0)
    np.testing.assert_array_equal(loaded.predict(raw_inputs(texts, rows), verbose=0), expected)

    class Network:
        def get_raw_model(self) -> object:
            return loaded

    answers = ClassAnswers(Network(), ["bad", "good"], "logits", rows).predict(texts)
    assert answers["class"].tolist() == [["bad", "good"][place] for place in expected.argmax(axis=1)]
