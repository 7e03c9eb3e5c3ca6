"""The preparation of pictures."""

import numpy as np

from trainer.data.preparation import ImagePreparation


def test_every_byte_is_divided_as_in_float64() -> None:
    values = np.arange(256, dtype=np.uint8)
    found = ImagePreparation(column="image", image_size=(1, 1)).scaled(values)
    assert found.tobytes() == (np.arange(256) / 255).astype(np.float32).tobytes()
