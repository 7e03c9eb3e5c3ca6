"""The list of layers that change the images of training batches, and what they make of a sample."""

import streamlit as st

from dashboard import state
from dashboard.charts.samples import enlarged
from dashboard.components.markdown import plain
from dashboard.draft import Draft, Validation
from dashboard.loaders import augmented, datasets
from dashboard.views.build.component_list import component_list
from dashboard.views.build.samples import IMAGES_SHOWN
from trainer.config import Config, DatasetConfig, describe
from trainer.data import Kind
from trainer.errors import FitboardError

__all__ = ["augmentation"]

_FIELD = "augment"
_HELP = next(spec.help for spec in describe(Config) if spec.name == _FIELD)
_EVERY = 1.0
_WIDTH = 52


def augmentation(draft: Draft, validation: Validation) -> None:
    """Draw the list and a preview, where the samples are images or the list is not empty."""
    dataset = datasets.dataset_of(draft.part(("dataset",)))
    has_images = dataset is not None and _has_images(dataset)
    if not draft.cards(_FIELD) and not has_images:
        return
    component_list(_FIELD, draft, validation, title=_FIELD, explanation=_HELP)
    complaints = [(where, what) for where, what in validation.validation_messages if where.startswith(_FIELD)]
    for where, what in complaints:
        if where == _FIELD:
            st.markdown(f":red[:small[:material/error: {plain(what)}]]")
    if not draft.cards(_FIELD):
        st.caption("Off: the network is trained on the images as they are.")
    elif dataset is not None and has_images and not complaints and datasets.is_available(dataset):
        _preview(dataset, draft)


def _has_images(dataset: DatasetConfig) -> bool:
    try:
        return datasets.schema(dataset).kind is Kind.IMAGES
    except FitboardError:
        # The card of the dataset reports the error in place of the samples.
        return False


def _preview(dataset: DatasetConfig, draft: Draft) -> None:
    """Draw a sample and its variants; while Keras loads, look for them every second."""
    if _variants(dataset, draft) is None:
        st.fragment(_wait, run_every=_EVERY)(dataset, draft)
    else:
        st.fragment(_draw)(dataset, draft)


def _variants(dataset: DatasetConfig, draft: Draft) -> augmented.Variants | None:
    fields = [part for _, part in draft.cards(_FIELD)]
    return augmented.variants(dataset, fields, sample=state.build.augmented_sample, count=IMAGES_SHOWN)


def _wait(dataset: DatasetConfig, draft: Draft) -> None:
    if _variants(dataset, draft) is not None:
        st.rerun()
    st.caption("Augmented samples appear here when Keras is ready.")


def _draw(dataset: DatasetConfig, draft: Draft) -> None:
    found = _variants(dataset, draft)
    if found is None or found.problem is not None or not found.images.size:
        # The check reports the same with a fix, if the augmentation does not fit the images.
        st.caption(plain(found.problem) if found is not None and found.problem else "No preview.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("A sample, and as training may see it", width="stretch")
        st.button(
            "Other sample and variants",
            icon=":material/refresh:",
            key="icon-augmented",
            help="Other sample and variants",
            type="tertiary",
            on_click=_next,
        )
    with st.container(horizontal=True, key="samples-augmented", gap="small", wrap=False):
        for place, image in enumerate(enlarged(found.images)):
            st.image(image, width=_WIDTH, alt=f"Augmented variant {place}" if place else "Sample before augmentation")


def _next() -> None:
    state.build.augmented_sample += 1
