"""The operations that resize pictures in a served model: the same pixels as for training, to the last bit."""

from pathlib import Path

import numpy as np
import pytest

from trainer.data.preparation import ImagePreparation
from trainer.data.sources.pictures.resizing import INTERPOLATIONS, resize
from trainer.engine.backend import keras
from trainer.engine.picture_layers import picture_inputs

_SIZES = ((7, 5), (5, 7), (1, 1), (9, 31), (64, 48), (3, 200), (13, 13), (100, 3))


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("kept", [None, "crop_to_aspect_ratio", "pad_to_aspect_ratio"])
def test_model_resizes_pictures_of_any_size_as_training_does(
    interpolation: str, kept: str | None, tmp_path: Path
) -> None:
    draw = np.random.default_rng(0)
    preparation = ImagePreparation(
        column="image",
        image_size=(13, 9),
        color_mode="rgb",
        interpolation=interpolation,
        crop_to_aspect_ratio=kept == "crop_to_aspect_ratio",
        pad_to_aspect_ratio=kept == "pad_to_aspect_ratio",
    )
    built = keras.Model(*picture_inputs(preparation))
    built.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.output_shape == (None, 13, 9, 3)
    for height, width in _SIZES:
        pixels = draw.integers(0, 256, (2, height, width, 3), np.uint8)
        wanted = [
            resize(
                each,
                (13, 9),
                interpolation=interpolation,
                crop_to_aspect_ratio=preparation.crop_to_aspect_ratio,
                pad_to_aspect_ratio=preparation.pad_to_aspect_ratio,
            )
            for each in pixels
        ]
        answers = np.asarray(loaded(pixels))
        assert answers.dtype == np.float32
        assert answers.tobytes() == preparation.scaled(np.array(wanted)).tobytes(), (height, width)


def test_model_takes_pictures_from_predict_in_bytes() -> None:
    preparation = ImagePreparation(column="a/picture", image_size=(4, 4), color_mode="grayscale")
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    model = keras.Model(*picture_inputs(preparation))
    predicted = model.predict(pixels, verbose=0)
    assert predicted.tobytes() == preparation.scaled(resize(pixels[0], (4, 4))[np.newaxis]).tobytes()
    assert model.input.name == "a_picture"
