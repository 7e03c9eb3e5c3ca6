"""Preparations, raw samples → tensors: pure, fitted on the training part, with the bits of the Keras layers."""

from trainer.data.preparation.base import Preparation, Samples, StoredSamples, state_digest
from trainer.data.preparation.images import ImagePreparation, PictureSamples
from trainer.data.preparation.table import TablePreparation, fit_table
from trainer.data.preparation.text import TextPreparation, fit_text

__all__ = [
    "ImagePreparation",
    "PictureSamples",
    "Preparation",
    "Samples",
    "StoredSamples",
    "TablePreparation",
    "TextPreparation",
    "fit_table",
    "fit_text",
    "state_digest",
]
