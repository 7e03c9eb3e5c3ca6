"""The card of the dataset: its choice, a few samples, its sizes, and its split."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import loaders, state
from dashboard.components.markdown import plain
from dashboard.data_state import NAME, PATH
from dashboard.draft import Draft, Validation, change_kind
from dashboard.loaders import datasets, own_data
from dashboard.navigation import DATA, link
from dashboard.views.build.augmentation import augmentation
from dashboard.views.build.form import component_form
from dashboard.views.build.kind_select import complain
from dashboard.views.build.samples import show_samples
from trainer.config import DATASETS, DatasetConfig, FileDataset
from trainer.data import Schema, Task, keep_pictures, keep_table, keep_upload, offline_names
from trainer.data.library import Entry
from trainer.data.uploads import TABLE_ENDINGS
from trainer.errors import FitboardError
from trainer.format import count, counted, readable_bytes

__all__ = ["chosen_entry", "dataset_picker"]

_KEY, _UPLOAD, _PLACE = "build.dataset", "build.dataset.file", "dataset"
_READING = ("scale", "inputs", "channels", "delimiter", "encoding", "decimal", "weight")
_SPLIT = (*_READING, "split", "validation_fraction", "test_fraction", "split_seed")
# Begins the choice of a kept dataset, which may have the name of a kind.
_OF_KEPT = "kept: "
_GENERATED = frozenset({"moons", "circles", "spirals"})
_ENDINGS = {
    "npz": ["npz"],
    "csv": ["csv", "tsv", "txt"],
    "parquet": ["parquet"],
    "xlsx": ["xlsx"],
    "images": ["zip"],
}
_OWN = frozenset(name for name, cls in DATASETS.members.items() if issubclass(cls, FileDataset))


def dataset_picker(draft: Draft, validation: Validation) -> None:
    """Draw the choice, samples, sizes and fields of the dataset."""
    fields = draft.part(("dataset",))
    name, kept = str(fields.get("name")), _kept()
    with st.container(border=True, key="panel-data", gap="xsmall"):
        entry = chosen_entry(fields, kept.values())
        shown = name if entry is None else _OF_KEPT + entry.name
        if state.typed(_KEY) != shown:
            state.follow(_KEY, shown)
        st.selectbox(
            "dataset", [*kept, *_by_group()], key=_KEY, on_change=_choose, help=_about(name),
            format_func=lambda choice: _described_entry(kept[choice]) if choice in kept else _described(choice),
        )  # fmt: skip
        complain(draft, validation, ("dataset",))
        cls = DATASETS.members.get(name)
        if cls is None:
            return
        if name in _ENDINGS and entry is None:
            _own_file(_ENDINGS[name])
        if name in _OWN and fields.get("path"):
            query = {NAME: entry.name} if entry else {PATH: str(fields["path"])}
            link(DATA, label="Open in Data", icon=DATA.icon, query_params=query)
        _contents(draft)
        folded = (*_SPLIT, *_rare(name, str(fields.get("path", ""))))
        component_form(cls, ("dataset",), draft, validation, folded=folded)
        augmentation(draft, validation)


def _rare(name: str, path: str) -> tuple[str, ...]:
    """Return the fields that pictures hardly ever need; those in folders have no columns to choose."""
    if name != "images":
        return ()
    is_table = path.lower().endswith(TABLE_ENDINGS)
    return ("labels", "missing", "drop_duplicates", "task", *(() if is_table else ("column", "target")))


def _contents(draft: Draft) -> None:
    """Draw samples and sizes, or why the file cannot be read; nothing if a field is invalid."""
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
            f"Not downloaded yet. The first run downloads {size}; after that, samples appear here.",
            icon=":material/download:",
        )
    _facts(schema, downloaded=available and schema.download_bytes is not None)


def _facts(schema: Schema, *, downloaded: bool) -> None:
    shape = " × ".join(count(size) for size in schema.input_shape)
    answers = {
        Task.CLASSIFICATION: f"{schema.classes} classes",
        Task.MULTILABEL: f"{count(schema.outputs)} labels at once",
        Task.REGRESSION: "regression",
    }
    answer = answers[schema.task]
    words = [f"**{count(schema.samples)}** samples", shape, answer, *(["downloaded"] if downloaded else [])]
    st.markdown(" · ".join(words))
    st.caption(
        f"train {count(schema.train)} · validation {count(schema.validation)} · test {count(schema.test)}",
        help="The network is fitted to the training samples, and evaluated on the validation samples after each epoch "
        "and on the test samples at the end.",
    )
    for remark in schema.remarks:
        st.caption(plain(remark))


def _by_group() -> list[str]:
    offline = offline_names()
    # Data that need no download come first, so that a first run does not wait for one; the user's own files are last.
    ranks = {name: (name not in offline, name in _GENERATED, name in _OWN) for name in DATASETS.members}
    return sorted(DATASETS.members, key=lambda name: ranks[name])


def _described(name: str) -> str:
    """Return the name of a dataset, and whether it is included, generated or downloaded."""
    if name in _OWN:
        return f"{name} · your own file"
    if name in _GENERATED:
        return f"{name} · generated"
    if name in offline_names():
        return f"{name} · included"
    return f"{name} · {'downloaded' if datasets.is_available(_default(name)) else 'download'}"


def _about(name: str) -> str:
    cls = DATASETS.members.get(name)
    return plain((cls.__doc__ or "").strip() if cls else "")


def _default(name: str) -> DatasetConfig:
    found = DATASETS.members[name]()
    if not isinstance(found, DatasetConfig):
        raise TypeError(name)
    return found


def _choose() -> None:
    if state.is_echo(_KEY):
        return
    draft = state.drafts().now
    entry = _kept().get(state.typed(_KEY))
    if entry is not None:
        state.edit(draft.change(("dataset",), dict(entry.dataset)))
        return
    state.edit(draft.change(("dataset",), change_kind(draft.part(("dataset",)), DATASETS, state.typed(_KEY))))


def _kept() -> dict[str, Entry]:
    """Return the kept datasets that a network can be trained on, by the value of their choice."""
    return {
        _OF_KEPT + entry.name: entry for entry in own_data.entries() if entry.dataset.get("name") in DATASETS.members
    }


def chosen_entry(fields: Mapping[str, Any], entries: Iterable[Entry]) -> Entry | None:
    """Return the kept dataset of these fields: the same ones, or at least of the same kind and path."""
    alike = [
        entry
        for entry in entries
        if entry.dataset.get("path") == fields.get("path") and entry.dataset.get("name") == fields.get("name")
    ]
    dataset = datasets.dataset_of(fields)
    equal = (entry for entry in alike if dataset is not None and datasets.dataset_of(entry.dataset) == dataset)
    return next(equal, alike[0] if alike else None)


def _described_entry(entry: Entry) -> str:
    return f"{entry.name} · {entry.dataset['name']}, {counted(entry.newest.rows, 'row')}"


def _own_file(endings: Sequence[str]) -> None:
    # Its own key for each kind, so that one kind's file is not taken for another's.
    key = f"{_UPLOAD}.{endings[0]}" if endings[0] != "npz" else _UPLOAD
    label = f"Upload a file ({', '.join(endings)})" if endings[0] != "npz" else "Upload an npz file"
    st.file_uploader(label, endings, key=key, on_change=_take_file, args=(key,), label_visibility="collapsed")
    complaint = state.notice(_PLACE)
    if complaint:
        st.error(plain(complaint), icon=":material/error:")


def _take_file(key: str) -> None:
    """Store an uploaded file and set its path in the draft; an unusable file leaves the draft unchanged."""
    given = state.typed(key)
    state.set_notice(_PLACE, None)
    if given is None:
        return
    try:
        keep = {_UPLOAD: keep_upload, f"{_UPLOAD}.zip": keep_pictures}.get(key, keep_table)
        path = keep(given.getvalue(), home=loaders.context().home, name=given.name)
    except FitboardError as error:
        state.set_notice(_PLACE, str(error))
    else:
        state.edit(state.drafts().now.change(("dataset", "path"), str(path)))
