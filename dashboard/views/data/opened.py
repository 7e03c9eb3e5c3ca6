"""An open file: what it is, its problems, what to predict from it, its columns, and samples."""

import streamlit as st

from dashboard import state
from dashboard.components.errors import errors_shown
from dashboard.components.markdown import plain
from dashboard.data_state import Opened, data
from dashboard.draft import judge
from dashboard.loaders import own_data
from dashboard.loaders.own_data import Found
from dashboard.views.data.columns import draw_columns
from dashboard.views.data.dialect import draw_date_formats, draw_dialect
from dashboard.views.data.fields import Form, draw_fields
from dashboard.views.data.keeping import draw_keeping
from dashboard.views.data.labels import draw_labels
from dashboard.views.data.problems import draw_problems
from dashboard.views.data.samples import draw_samples
from dashboard.views.data.versions import draw_changes, draw_versions
from trainer.config import DATASETS, FieldKind, FieldSpec, describe
from trainer.data.profile import FileKind, Profile
from trainer.format import counted, readable_bytes

__all__ = ["draw_opened"]

# A network that any dataset can have: only the dataset of this config is validated.
_ANY_NETWORK = {"layers": ["Flatten"], "loss": "MeanSquaredError"}
_USE, _SERIES = "data.use", "series"
_TABLES = (FileKind.CSV, FileKind.PARQUET, FileKind.XLSX)
_DRAWN_ELSEWHERE = frozenset({"path", "columns", "delimiter", "encoding", "decimal", "sheet"})
_OF_TABLES = frozenset({"target", "column", "task", "weight", "missing"})


def draw_opened(opened: Opened, file: Found) -> None:
    """Draw the file. Raises DataError if it cannot be read with these fields."""
    _head(opened)
    try:
        about = own_data.profiled(file, opened.fields)
    except ValueError:
        # The dialect may be what is wrong, so that it stays changeable.
        draw_dialect(file.kind, opened, None)
        raise
    _facts(about)
    entry = own_data.entry_of(opened.name) if opened.name else None
    if entry is not None:
        draw_changes(entry, about)
    left, right = st.columns([0.38, 0.62], gap="medium")
    with left:
        complaints = _complaints(opened, file)
        with st.container(border=True, key="data-problems", gap="small"):
            draw_problems(about)
        task = st.container(border=True, key="data-task", gap="small")
        with task:
            _settings(opened, file, about, complaints)
        with st.container(border=True, key="data-keep", gap="small"):
            schema = draw_keeping(opened, file, about, is_valid=not complaints)
        if "labels" in _fields_of(opened.kind(file.kind)):
            with task:
                draw_labels(opened, about, schema)
        if entry is not None:
            draw_versions(entry)
    with right, errors_shown():
        # A table of pictures has no fields for how it is written: it is always detected.
        if opened.kind(file.kind) != FileKind.IMAGES:
            draw_dialect(file.kind, opened, about)
        draw_date_formats(opened)
        if file.kind is FileKind.IMAGES:
            draw_samples(file, about)
        draw_columns(opened, about, has_roles="columns" in _fields_of(opened.kind(file.kind)))
        if file.kind is not FileKind.IMAGES:
            draw_samples(file, about)


def _head(opened: Opened) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="data-head"):
        st.title(plain(opened.name or opened.path.rstrip("/").rpartition("/")[2]), anchor=False, width="stretch")
        if data.past:
            st.button("Undo", icon=":material/undo:", key="data-undo", on_click=data.undo)
        st.button("Open another", icon=":material/folder_open:", key="data-close", on_click=data.close)


def _facts(about: Profile) -> None:
    is_folder = about.kind in (FileKind.IMAGES, FileKind.TEXT)
    words = [
        about.kind.value,
        counted(about.rows, "file" if is_folder else "row"),
        *([] if is_folder else [counted(len(about.columns), "column")]),
        readable_bytes(about.size),
    ]
    # The digest tells whether two machines have the same file.
    st.caption(f"{plain(' · '.join(words))} · SHA-256 `{about.digest[:12]}…`")
    if about.notes:
        st.caption(plain(" ".join(about.notes)))


def _fields_of(kind: str) -> dict[str, FieldSpec]:
    cls = DATASETS.members.get(kind)
    return {spec.name: spec for spec in describe(cls)} if cls else {}


def _complaints(opened: Opened, file: Found) -> dict[str, str]:
    """Return what is wrong with the fields, by the field's name; empty if a config can have them."""
    if file.kind not in DATASETS.members:
        return {"": f"Fitboard cannot train on {file.kind} yet."}
    whole = {"name": str(file.kind), "path": str(file.path), **opened.fields}
    found = judge({"dataset": whole, **_ANY_NETWORK}).validation_messages
    return {where.removeprefix("dataset").removeprefix("."): what for where, what in found}


def _settings(opened: Opened, file: Found, about: Profile, complaints: dict[str, str]) -> None:
    st.markdown("## What to predict")
    if file.kind in _TABLES:
        _use_as(opened, file)
    # A folder has no columns to choose from: the class is the name of the subfolder.
    hidden = _DRAWN_ELSEWHERE | (_OF_TABLES if file.kind in (FileKind.IMAGES, FileKind.TEXT) else frozenset())
    specs = [spec for name, spec in _fields_of(opened.kind(file.kind)).items() if name not in hidden]
    form = Form(opened=opened, columns=tuple(column.name for column in about.columns), complaints=complaints)
    parts = ("validation_fraction", "test_fraction", "split_seed")
    draw_fields([spec for spec in specs if not spec.advanced and spec.name not in parts and _is_plain(spec)], form)
    st.markdown("## How to divide the samples")
    draw_fields([spec for spec in specs if not _is_plain(spec)], form)
    draw_fields([spec for spec in specs if spec.name in parts], form)
    advanced = [spec for spec in specs if spec.advanced]
    if advanced:
        with st.expander("More"):
            draw_fields(advanced, form)


def _use_as(opened: Opened, file: Found) -> None:
    """Draw the choice whether rows are samples, the steps of time series, or paths of pictures."""
    own = str(file.kind)
    uses = {own: "a sample", _SERIES: "a step of a time series"}
    if file.kind is not FileKind.XLSX:
        uses["images"] = "a picture"
    if opened.kind(own) not in uses:
        return
    if state.typed(_USE) != opened.kind(own):
        state.follow(_USE, opened.kind(own))
    st.segmented_control(
        "A row is", list(uses), key=_USE, required=True, on_change=_change_use, args=(own,),
        format_func=uses.__getitem__,
    )  # fmt: skip


def _change_use(own: str) -> None:
    chosen = state.typed(_USE)
    if chosen is None or state.is_echo(_USE) or data.opened is None:
        return
    data.edit(data.opened.used_as(chosen, own, DATASETS.members[chosen].model_fields))


def _is_plain(spec: FieldSpec) -> bool:
    return spec.kind is not FieldKind.COMPONENT and spec.name != "split"
