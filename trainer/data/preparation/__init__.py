"""Preparations, raw samples → tensors: pure, fitted on the training part, with the bits of the Keras layers."""

from trainer.data.preparation.base import Preparation, Samples, StoredSamples, state_digest
from trainer.data.preparation.images import ImagePreparation, PictureSamples
from trainer.data.preparation.series import SeriesPreparation, Windows, fit_series
from trainer.data.preparation.table import TablePreparation, fit_table
from trainer.data.preparation.text import TextPreparation, fit_text

__all__ = [
    "ImagePreparation",
    "PictureSamples",
    "Preparation",
    "Samples",
    "SeriesPreparation",
    "StoredSamples",
    "TablePreparation",
    "TextPreparation",
    "Windows",
    "fit_series",
    "fit_table",
    "fit_text",
    "state_digest",
]
