"""The list of layers that change the images of training batches."""

import streamlit as st

from dashboard.components.markdown import plain
from dashboard.draft import Draft, Validation
from dashboard.loaders import datasets
from dashboard.views.build.component_list import component_list
from trainer.config import Config, DatasetConfig, describe
from trainer.data import Kind
from trainer.errors import FitboardError

__all__ = ["augmentation"]

_FIELD = "augment"
_HELP = next(spec.help for spec in describe(Config) if spec.name == _FIELD)


def augmentation(draft: Draft, validation: Validation) -> None:
    """Draw the list, where the samples are images or the list is not empty."""
    dataset = datasets.dataset_of(draft.part(("dataset",)))
    if not draft.cards(_FIELD) and not (dataset and _has_images(dataset)):
        return
    component_list(_FIELD, draft, validation, title=_FIELD, explanation=_HELP)
    for where, what in validation.validation_messages:
        if where == _FIELD:
            st.markdown(f":red[:small[:material/error: {plain(what)}]]")


def _has_images(dataset: DatasetConfig) -> bool:
    try:
        return datasets.schema(dataset).kind is Kind.IMAGES
    except FitboardError:
        # The card of the dataset reports the error in place of the samples.
        return False
