"""Show what the augmentation of a config makes of one sample."""

import base64

import numpy as np
from numpy.typing import NDArray

from trainer.config import Config
from trainer.config.check import AugmentedSample, Severity
from trainer.data import Schema, describe, preview
from trainer.data.scaling import Scaling, fit_scaling
from trainer.data.source import AnyArray
from trainer.engine.augment import build_augmentation
from trainer.engine.backend import keras
from trainer.engine.failures import BUILD_ERRORS, reason
from trainer.engine.rules.augment import augment_problems
from trainer.engine.rules.situation import Situation
from trainer.errors import DataError
from trainer.home import Home

__all__ = ["augment_sample"]

_VARIANTS = 4
# Enough for the mean and the deviation of a picture's values; training uses those of all its samples.
_FITTED_ON = 500


def augment_sample(config: Config, *, home: Home, sample: int, count: int) -> AugmentedSample:
    """Return a sample and four variants, each drawn for itself.

    Args:
        config: the config, of which the dataset, the augmentation and the seed matter.
        home: where the data are.
        sample: which of the `count` samples that `preview` chooses, from 0. It also changes what is drawn.
        count: the number of samples to choose from.
    """
    try:
        schema, found = describe(config.dataset, home=home), preview(config.dataset, home=home, count=count)
        if found is None or not len(found.x):
            return AugmentedSample(problem="The dataset is not downloaded yet.")
        scaling = _scaling(config, schema, home)
    except DataError as error:
        return AugmentedSample(problem=str(error))
    for problem in augment_problems(Situation(config=config, schema=schema, shapes=())):
        if problem.severity is Severity.ERROR:
            return AugmentedSample(problem=problem.message)
    one = np.asarray(found.x[sample % len(found.x)])[None]
    keras.utils.set_random_seed(config.seed + sample)
    try:
        augmentation = build_augmentation(config, schema)
        if augmentation is None:
            return AugmentedSample(problem="The config has no augmentation.")
        x = scaling.apply(one)
        drawn = [np.asarray(augmentation(x, training=True)) for _ in range(_VARIANTS)]
    except BUILD_ERRORS as error:
        return AugmentedSample(problem=reason(error))
    images = _as_bytes(np.concatenate([x, *drawn]).astype(np.float64) * scaling.spread + scaling.center, schema)
    return AugmentedSample(shape=images.shape, images=base64.b64encode(images.tobytes()).decode())


def _scaling(config: Config, schema: Schema, home: Home) -> Scaling:
    """Return the scaling of the samples; that of `standardize` as far as a part of them tells."""
    largest = schema.largest
    if largest is None and schema.value_range is not None:
        largest = max(map(abs, schema.value_range)) or None
    if schema.scale == "none" or (schema.scale == "unit" and largest is not None):
        return fit_scaling(np.ones((1, 1)), schema.scale, largest=largest)
    some = preview(config.dataset, home=home, count=_FITTED_ON)
    return fit_scaling(some.x, schema.scale, largest=largest) if some is not None else Scaling()


def _as_bytes(images: AnyArray, schema: Schema) -> NDArray[np.uint8]:
    """Return images (samples, height, width[, channels]) from 0 to 255, by the range of the data where it is known."""
    finite = np.nan_to_num(images)
    if schema.largest is not None:
        low, high = 0.0, schema.largest
    else:
        low, high = schema.value_range or (float(finite.min()), float(finite.max()))
    scaled = (finite - low) / ((high - low) or 1.0) * 255
    return scaled.clip(0, 255).round().astype(np.uint8)
