"""How a text file is written, as detected, to be corrected by hand; and how its dates are."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.data_state import UNSET, Opened, data
from dashboard.views.data.fields import set_field
from trainer.config import DATASETS, FieldSpec, describe
from trainer.data.profile import FileKind, Profile
from trainer.format import cut

__all__ = ["draw_date_formats", "draw_dialect"]

_LONGEST_NAME = 60

# Not None, which Streamlit (1.67) offers to clear.
_DETECT = "detect"

_ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "shift_jis", "gb18030")
_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "|": "vertical bar",
    "\t": "tab",
    ".": "point",
}


def draw_dialect(kind: FileKind, opened: Opened, about: Profile | None) -> None:
    """Draw delimiter, encoding and decimal sign of a text file, or the sheet of a workbook."""
    specs = {spec.name: spec for spec in describe(DATASETS.members[kind])} if kind in DATASETS.members else {}
    if kind is FileKind.XLSX and "sheet" in specs:
        _select(specs["sheet"], opened, "first sheet", (), free=True)
    if kind is not FileKind.CSV:
        return
    found = about.dialect if about else None
    with st.container(horizontal=True, gap="small", key="data-dialect"):
        for name, choices, free in (
            ("delimiter", specs["delimiter"].choices, False),
            ("encoding", _ENCODINGS, True),
            ("decimal", specs["decimal"].choices, False),
        ):
            detected = _NAMES.get(word := getattr(found, name), word) if found and name not in opened.fields else ""
            _select(specs[name], opened, f"detected: {detected}" if detected else "detect", choices, free=free)


def _select(spec: FieldSpec, opened: Opened, nothing: str, choices: tuple[Any, ...], *, free: bool) -> None:
    key, value = f"data.field.{spec.name}", opened.fields.get(spec.name, _DETECT)
    if state.typed(key) != value:
        state.follow(key, value)
    options = [_DETECT, *choices, *([] if value in (_DETECT, *choices) else [value])]
    st.selectbox(
        spec.name,
        options,
        key=key,
        help=spec.help,
        accept_new_options=free,
        width=185,
        format_func=lambda choice: nothing if choice == _DETECT else choice if free else _NAMES.get(choice, choice),
        on_change=set_field,
        args=((spec.name,), key, lambda choice: UNSET if choice in (_DETECT, None) else choice),
    )


def draw_date_formats(opened: Opened) -> None:
    """Draw the columns whose dates have a format of their own, each with a button that reads it as text again."""
    formats = opened.fields.get("date_formats")
    for place, (name, form) in enumerate(formats.items() if isinstance(formats, Mapping) else ()):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"data-dates-{place}"):
            st.caption(f"Dates in **{plain(cut(name, _LONGEST_NAME))}** are read as `{form}`.", width="content")
            st.button(
                f"Read {cut(name, _LONGEST_NAME)} as text again",
                icon=":material/close:",
                key=f"icon-data-dates-{place}",
                help="Read as text again",
                type="tertiary",
                on_click=_read_as_text,
                args=(name,),
            )


def _read_as_text(name: str) -> None:
    if data.opened is not None:
        data.edit(data.opened.change(("date_formats", name), UNSET))
