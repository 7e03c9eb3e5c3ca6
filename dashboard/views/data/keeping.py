"""Keeping a dataset under a name, using it in Build, its YAML, and removing it."""

import re
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.access.people import Role
from dashboard.access.rights import reason_against
from dashboard.components.errors import errors_shown
from dashboard.components.markdown import plain, sentence
from dashboard.data_state import Opened, data
from dashboard.loaders import datasets, own_data
from dashboard.loaders.own_data import Found
from dashboard.navigation import BUILD, go
from trainer.config import dump_fields
from trainer.config.starts import first_config
from trainer.data import Kind, Schema, Task
from trainer.data.profile import Profile
from trainer.errors import FitboardError
from trainer.format import count, counted, readable_bytes

__all__ = ["draw_keeping", "draw_removal", "removal_button"]

_NAME, _COPY, _COPIES = "data.keep.name", "data.keep.copy", "data.remove.copies"
_PLACE = "data.keep"
_TASKS = {
    Task.CLASSIFICATION: "Classification",
    Task.MULTILABEL: "Several labels at once",
    Task.REGRESSION: "Regression",
}


def draw_keeping(opened: Opened, file: Found, about: Profile, *, is_valid: bool) -> Schema | None:
    """Draw the sizes of the parts, the name to keep the dataset under, and its YAML; return the sizes and classes."""
    schema = _schema(opened, file) if is_valid else None
    if schema is not None:
        _sizes(schema)
    if state.typed(_NAME) is None or data.naming != (opened.path, opened.name):
        state.follow(_NAME, opened.name or _suggested(about.name))
        data.naming = (opened.path, opened.name)
    name = st.text_input("Name", key=_NAME, help="Build lists the dataset under this name.").strip()
    if not own_data.is_in_home(file.path):
        st.checkbox("Keep a copy in the home", key=_COPY, help="Otherwise the file is read where it is.")
    earlier = own_data.entry_of(name)
    against = reason_against(Role.RUN) or (None if schema else "Choose what to predict first.")
    label = f"Keep as version {len(earlier.versions) + 1}" if _is_new(name, about) and earlier else "Keep"
    with st.container(horizontal=True, gap="small"):
        st.button(
            label, type="primary", key="data-keep-button", icon=":material/bookmark:", disabled=bool(against),
            help=against, on_click=_keep, args=(opened, file),
        )  # fmt: skip
        if st.button("Use in Build", key="data-build", icon=":material/construction:", disabled=schema is None):
            _use(opened, file, schema)
        if opened.name:
            removal_button(opened.name)
    complaint = state.notice(_PLACE)
    if complaint:
        st.error(sentence(complaint), icon=":material/error:")
    with st.expander("YAML"):
        st.code(dump_fields({"dataset": _whole(opened, file)}), language="yaml", wrap_lines=True)
    return schema


def _whole(opened: Opened, file: Found) -> dict[str, Any]:
    return {"name": str(file.kind), "path": str(file.path), **opened.fields}


def _is_new(name: str, about: Profile) -> bool:
    entry = own_data.entry_of(name)
    return entry is not None and entry.newest.digest != about.digest


def _schema(opened: Opened, file: Found) -> Schema | None:
    """Return the sizes and shapes, None with the reason drawn if the file does not fit the fields."""
    dataset = datasets.dataset_of(_whole(opened, file))
    if dataset is None:
        return None
    with errors_shown(), st.spinner("Dividing the samples…"):
        return datasets.schema(dataset)
    return None


def _sizes(schema: Schema) -> None:
    if schema.task is Task.CLASSIFICATION:
        answer = counted(schema.classes or 0, "class", "classes")
    else:
        answer = counted(schema.outputs, "label" if schema.task is Task.MULTILABEL else "number")
    shape = " × ".join(count(size) for size in schema.input_shape)
    st.markdown(f"**{_TASKS[schema.task]}**: {shape} inputs, {answer}")
    st.caption(
        f"train {count(schema.train)} · validation {count(schema.validation)} · test {count(schema.test)}",
    )
    for remark in schema.remarks:
        st.caption(plain(remark))


def _suggested(name: str) -> str:
    stem = name.rpartition(".")[0] or name
    return re.sub(r"[^\w .+-]+", " ", stem).strip(" .+-_")[:60]


def _keep(opened: Opened, file: Found) -> None:
    """Keep the dataset; the page then shows it under its name."""
    name = (state.typed(_NAME) or "").strip()
    state.set_notice(_PLACE, None)
    try:
        entry, changed = own_data.keep(name, file, opened.fields, copy=bool(state.typed(_COPY)))
    except FitboardError as error:
        state.set_notice(_PLACE, str(error))
        return
    data.edit(Opened.of(entry))
    data.name, data.path = entry.name, ""
    data.done = " ".join([f"Kept {entry.name}, version {len(entry.versions)}.", *changed])


def _use(opened: Opened, file: Found, schema: Schema | None) -> None:
    """Begin a config on the dataset in Build; Undo there brings the former one back."""
    if schema is None:
        return
    state.begin_with(
        first_config(
            _whole(opened, file),
            input_shape=schema.input_shape,
            classes=schema.classes,
            outputs=schema.outputs,
            vocabulary=schema.vocabulary,
            is_multilabel=schema.task is Task.MULTILABEL,
            targets=schema.targets if schema.kind is Kind.SERIES else (),
        )
    )
    go(BUILD)


def removal_button(name: str) -> None:
    """Draw the button that asks whether to remove a kept dataset."""
    against = reason_against(Role.ADMINISTER)
    st.button(
        "Remove", icon=":material/delete:", key="data-remove", disabled=bool(against), help=against, on_click=_ask,
        args=(name,),
    )  # fmt: skip


def _ask(name: str) -> None:
    data.removing = name


def draw_removal() -> None:
    """Draw the question, if it was asked."""
    entry = own_data.entry_of(data.removing) if data.removing else None
    if entry is None:
        return
    copies = [version for version in entry.versions if version.copy_path]
    st.dialog(f"Remove {plain(entry.name)}", on_dismiss=_leave)(_question)(
        entry.name, len(copies), sum(version.size for version in copies)
    )


def _leave() -> None:
    data.removing = ""


def _question(name: str, copies: int, size: int) -> None:
    st.markdown("The dataset leaves this list and Build's. Files outside of the home stay, and so do its runs.")
    if copies:
        words = f"Also delete {counted(copies, 'file')} in the home ({readable_bytes(size)})"
        st.checkbox(words, key=_COPIES, help="Reruns of runs on them then need the files from elsewhere.")
    if st.button("Remove", type="primary", key="data-remove-sure"):
        with errors_shown():
            own_data.remove(name, copies=bool(copies and state.typed(_COPIES)))
            _leave()
            data.close()
            data.done = f"Removed {name}."
            st.rerun()
