"""Cached variants that the augmentation of a draft makes of a sample, as the inspector draws them."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from pydantic import ValidationError

from dashboard.loaders.context import context
from dashboard.loaders.datasets import changed_at
from trainer.config import Config, DatasetConfig
from trainer.config.check import AugmentedSample
from trainer.execution import inspector_client
from trainer.home import Home

__all__ = ["Variants", "variants"]

# Seconds a page waits for the inspector before it is drawn without the pictures.
_PATIENCE = 1.0


class Variants(NamedTuple):
    """Images (1 + variants, height, width[, channels]), the sample first; none where `problem` says why."""

    images: NDArray[np.uint8]
    problem: str | None


class _NotYetError(Exception):
    """Raised inside a cached function: Streamlit caches return values, not exceptions."""


@st.cache_data(show_spinner=False, max_entries=100)
def _augmented(canonical: str, path: str, changed: float, sample: int, count: int) -> AugmentedSample:
    fields = Config.model_validate_json(canonical).model_dump(mode="json")
    found = inspector_client.augment(fields, Home.resolve(path), _PATIENCE, sample=sample, count=count)
    if found is None:
        raise _NotYetError
    return found


def variants(
    dataset: DatasetConfig, augment: Sequence[Mapping[str, Any]], *, sample: int, count: int
) -> Variants | None:
    """Return a sample with its variants, or None while the inspector loads Keras.

    Args:
        dataset: the dataset.
        augment: the plain fields of the layers of the augmentation.
        sample: which of the `count` samples of the dataset's preview, from 0.
        count: the number of samples in the preview.
    """
    try:
        # The rest of a draft may be invalid, and changes no variant.
        config = Config.model_validate(
            {"dataset": dataset, "augment": augment, "layers": ["Flatten"], "loss": "MeanSquaredError"}
        )
        canonical = config.model_dump_json()
        found = _augmented(canonical, str(context().home.path), changed_at(dataset), sample, count)
    except ValidationError:
        return Variants(np.empty(0, np.uint8), "Fix the errors of the augmentation first.")
    except _NotYetError:
        return None
    return Variants(np.frombuffer(base64.b64decode(found.images), np.uint8).reshape(found.shape or 0), found.problem)
