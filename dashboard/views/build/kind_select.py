"""The kind of a part and its error: what every form of a part begins with."""

import re
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import UNSET, Draft, Path, Validation, change_kind, described_kind
from dashboard.views.build.fields import key_of
from trainer.config import Registry

__all__ = ["complain", "kind_select"]

_FIRST_RATE = "initial_learning_rate"


def kind_select(registry: Registry, path: Path, kind: str | None, *, label: str, **options: Any) -> None:
    """Draw the select box for the kind of the part at a path; an optional part also offers `none` or `constant`."""
    nothing: str | None = options.pop("nothing", None)
    key = key_of(path, "kind")
    shown = kind or nothing
    if state.typed(key) != shown:
        state.follow(key, shown)
    st.selectbox(
        label,
        [*([nothing] if nothing else []), *options.pop("kinds", registry.members)],
        key=key,
        format_func=lambda each: described_kind(registry, each),
        on_change=_choose,
        args=(registry, path, key),
        **options,
    )


def complain(draft: Draft, validation: Validation, path: Path) -> None:
    """Draw the error of the field or part at a path, if there is one, and a red frame around the field."""
    where = draft.where(path)
    complaint = validation.at(where) or (validation.sweep.at(where) if validation.sweep else None)
    if complaint:
        # Streamlit's widgets (1.67) take no error message, so a style rule frames the field.
        st.html(f"<style>{_marked(path)} {{ outline: 1.5px solid rgb(255, 75, 75); outline-offset: -1px; }}</style>")
        st.markdown(f":red[:small[:material/error: **{plain(path[-1])}**: {plain(complaint)}]]")


def _marked(path: Path) -> str:
    """Return the CSS selector of the boxes of the widgets at a path, whatever their kind.

    A path consists of field names of the schema and ids of cards, so it never contains text that a user typed.
    """
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", key_of(path, "" if isinstance(path[-1], str) else "kind"))
    return f'[class*="st-key-{name}"] :is([data-baseweb="input"], [data-baseweb="select"], textarea)'


def _choose(registry: Registry, path: Path, key: str) -> None:
    """Change the kind; a constant rate becomes the initial rate of a schedule, and vice versa."""
    if state.is_echo(key):
        return
    draft, kind = state.drafts().now, state.typed(key)
    part = draft.part(path)
    if kind not in registry.members:
        state.edit(draft.change(path, part.get(_FIRST_RATE, UNSET)))
        return
    value = draft.value(path)
    fields = change_kind(part, registry, kind)
    if isinstance(value, int | float) and _FIRST_RATE in fields:
        fields[_FIRST_RATE] = value
    state.edit(draft.change(path, fields))
