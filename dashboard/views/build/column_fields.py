"""Fields that name columns of the dataset's file: its columns to choose from, instead of a box to type them in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import UNSET
from dashboard.loaders import own_data
from dashboard.views.build.fields import Field, key_of, set_value
from trainer.config import FieldKind
from trainer.format import counted

__all__ = ["draw_column_field", "file_columns"]

_WIDTH, _AUTO = 240, "auto"
# A select box for each role of more columns would make each change of the page slow.
_MOST_ROLES = 60


def file_columns(field: Field) -> tuple[str, ...]:
    """Return the columns that a field can name; empty if it names none, or the file has none that can be read."""
    if not field.spec.column:
        return ()
    names = own_data.column_names(state.drafts().now.part(("dataset",)))
    return () if field.spec.kind is FieldKind.MAPPING and len(names) > _MOST_ROLES else names


def draw_column_field(field: Field, columns: Sequence[str]) -> None:
    """Draw the choice of one column, of several, or of the role of each."""
    if field.spec.kind is FieldKind.MAPPING:
        _roles(field, columns)
    elif field.spec.kind is FieldKind.TEXTS:
        _several(field, columns)
    else:
        _one(field, columns)


def _one(field: Field, columns: Sequence[str]) -> None:
    key, value = key_of(field.own_path, "column"), field.value
    if state.typed(key) != value:
        state.follow(key, value)
    st.selectbox(
        field.spec.name,
        [*columns, *([value] if value and value not in columns else [])],
        index=None,
        key=key,
        help=field.spec.help,
        placeholder="none" if field.spec.optional else "Choose a column",
        width=_WIDTH,
        on_change=set_value,
        args=(field, key, lambda name: UNSET if name is None else name),
    )


def _several(field: Field, columns: Sequence[str]) -> None:
    key = key_of(field.own_path, "columns")
    value = [field.value] if isinstance(field.value, str) else list(field.value or ())
    if state.typed(key) != value:
        state.follow(key, value)
    st.multiselect(
        field.spec.name,
        [*columns, *(name for name in value if name not in columns)],
        key=key,
        help=field.spec.help,
        placeholder="Choose a column",
        width=_WIDTH,
        on_change=set_value,
        args=(field, key, _plainest),
    )


def _plainest(names: Sequence[str]) -> Any:
    return UNSET if not names else names[0] if len(names) == 1 else list(names)


def _roles(field: Field, columns: Sequence[str]) -> None:
    """Draw a popover with the role of each column."""
    held = field.value if isinstance(field.value, Mapping) else {}
    key = key_of(field.own_path, "roles")
    words = f"{counted(len(held), 'role')} set" if held else "roles inferred"
    with st.popover(f"{field.spec.name}: {words}", key=key, help=field.spec.help):
        for place, name in enumerate(columns):
            _role(field, held, name, f"{key}.{place}")


def _role(field: Field, held: Mapping[str, Any], name: str, key: str) -> None:
    value = held.get(name, _AUTO)
    if state.typed(key) != value:
        state.follow(key, value)
    roles = (_AUTO, *field.spec.choices)
    st.selectbox(
        plain(name),
        [*roles, *([] if value in roles else [value])],
        key=key,
        width=_WIDTH,
        on_change=set_value,
        args=(field, key, _with_role(held, name)),
    )


def _with_role(held: Mapping[str, Any], name: str) -> Callable[[str], Any]:
    def meaning(role: str) -> Any:
        others = {each: of for each, of in held.items() if each != name}
        return {**others, name: role} if role != _AUTO else others or UNSET

    return meaning
