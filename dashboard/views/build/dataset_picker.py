"""The data: which set, what is in it, how it is split."""

import streamlit as st

from dashboard import loaders, state
from dashboard.components.markdown import plain
from dashboard.draft import Draft, Validation, change_kind
from dashboard.loaders import datasets
from dashboard.views.build.form import complain, component_form
from dashboard.views.build.samples import show_samples
from trainer.config import DATASETS, DatasetConfig
from trainer.data import Schema, Task, keep_upload, offline_names
from trainer.errors import FitboardError
from trainer.format import count, readable_bytes

__all__ = ["dataset_picker"]

_KEY, _UPLOAD, _PLACE = "build.dataset", "build.dataset.file", "dataset"
_SPLIT = ("scale", "inputs", "channels", "validation_fraction", "test_fraction", "split_seed")
_DRAWN = frozenset({"moons", "circles", "spirals"})


def dataset_picker(draft: Draft, validation: Validation) -> None:
    """Draws the card: the choice, samples, sizes and the fields of the dataset."""
    name = str(draft.part(("dataset",)).get("name"))
    with st.container(border=True, key="panel-data", gap="xsmall"):
        if state.typed(_KEY) != name:
            state.follow(_KEY, name)
        st.selectbox("dataset", _by_group(), key=_KEY, format_func=_told, on_change=_choose, help=_about(name))
        complain(draft, validation, ("dataset",))
        cls = DATASETS.members.get(name)
        if cls is None:
            return
        if name == "npz":
            _own_file()
        _contents(draft)
        component_form(cls, ("dataset",), draft, validation, folded=_SPLIT)


def _contents(draft: Draft) -> None:
    """Samples and sizes, where the fields are right and the file can be read."""
    dataset = datasets.dataset_of(draft.part(("dataset",)))
    if dataset is None:
        return
    try:
        schema = datasets.schema(dataset)
    except FitboardError as error:
        st.error(plain(error), icon=":material/error:")
        return
    available = datasets.is_available(dataset)
    if available:
        show_samples(dataset, schema)
    else:
        size = readable_bytes(schema.download_bytes) if schema.download_bytes else "a file"
        st.info(
            f"Not on this machine yet: the first training downloads {size}, once. Samples are shown from then on.",
            icon=":material/download:",
        )
    _facts(schema, downloaded=available and schema.download_bytes is not None)


def _facts(schema: Schema, *, downloaded: bool) -> None:
    shape = " × ".join(count(size) for size in schema.input_shape)
    answer = f"{schema.classes} classes" if schema.task is Task.CLASSIFICATION else "regression"
    words = [f"**{count(schema.samples)}** samples", shape, answer, *(["downloaded"] if downloaded else [])]
    st.markdown(" · ".join(words))
    st.caption(
        f"train {count(schema.train)} · validation {count(schema.validation)} · test {count(schema.test)}",
        help="Training learns from the first, is measured on the second after every epoch, on the third at the end.",
    )
    for remark in schema.remarks:
        st.caption(plain(remark))


def _by_group() -> list[str]:
    offline = offline_names()
    ranks = {name: (name not in offline, name in _DRAWN, name == "npz") for name in DATASETS.members}
    return sorted(DATASETS.members, key=lambda name: ranks[name])


def _told(name: str) -> str:
    """A dataset's name and the group that it is in."""
    if name == "npz":
        return "npz · your own file"
    if name in _DRAWN:
        return f"{name} · drawn"
    if name in offline_names():
        return f"{name} · ready"
    return f"{name} · {'downloaded' if datasets.is_available(_default(name)) else 'to download'}"


def _about(name: str) -> str:
    cls = DATASETS.members.get(name)
    return "What is learned from. " + plain((cls.__doc__ or "").strip() if cls else "")


def _default(name: str) -> DatasetConfig:
    found = DATASETS.members[name]()
    if not isinstance(found, DatasetConfig):
        raise TypeError(name)
    return found


def _choose() -> None:
    draft = state.drafts().now
    state.edit(draft.change(("dataset",), change_kind(draft.part(("dataset",)), DATASETS, state.typed(_KEY))))


def _own_file() -> None:
    st.file_uploader("Upload an npz file", ["npz"], key=_UPLOAD, on_change=_take_file, label_visibility="collapsed")
    complaint = state.notice(_PLACE)
    if complaint:
        st.error(plain(complaint), icon=":material/error:")


def _take_file() -> None:
    """Keeps an uploaded file and names it in the draft; one that cannot be used leaves the draft as it is."""
    given = state.typed(_UPLOAD)
    state.set_notice(_PLACE, None)
    if given is None:
        return
    try:
        path = keep_upload(given.getvalue(), home=loaders.context().home, name=given.name)
    except FitboardError as error:
        state.set_notice(_PLACE, str(error))
    else:
        state.edit(state.drafts().now.change(("dataset", "path"), str(path)))
