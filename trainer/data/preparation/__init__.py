"""Preparations, raw samples → tensors: pure, fitted on the training part, with the bits of the Keras layers."""

from trainer.data.preparation.base import Preparation, Samples, state_digest
from trainer.data.preparation.table import TablePreparation, fit_table

__all__ = ["Preparation", "Samples", "TablePreparation", "fit_table", "state_digest"]
