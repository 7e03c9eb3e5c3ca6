"""How a text file is written, as detected, to be corrected by hand."""

from typing import Any

import streamlit as st

from dashboard import state
from dashboard.data_state import UNSET, Opened
from dashboard.views.data.fields import set_field
from trainer.config import DATASETS, FieldSpec, describe
from trainer.data.profile import FileKind, Profile

__all__ = ["draw_dialect"]

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
