"""The layers inside a layer, such as Residual: rows to edit, move and remove, and a menu that adds one."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.draft import Draft, Path, Validation, as_fields, layers_in_order, start
from dashboard.views.build.fields import Field, key_of
from dashboard.views.build.kind_select import complain, kind_select
from dashboard.views.build.layer_menu import layer_menu
from trainer.config import LAYERS, Component

__all__ = ["nested_stack"]

_ACTIONS = (
    ("up", "Move up", ":material/arrow_upward:"),
    ("down", "Move down", ":material/arrow_downward:"),
    ("remove", "Remove", ":material/close:"),
)


def nested_stack(
    field: Field,
    draft: Draft,
    validation: Validation,
    *,
    form: Callable[[type[Component], Path, Draft, Validation], None],
) -> None:
    """Draw the layers in a field, each with its form; `form` draws the fields of one."""
    path, layers = field.own_path, _layers(field.value)
    with st.container(key=f"inner-{key_of(path, 'stack')}", gap="xsmall"):
        for place, fields in enumerate(layers):
            own = (*path, place)
            kind = str(fields.get(LAYERS.key))
            _head(path, place, kind, len(layers))
            complain(draft, validation, own)
            cls = LAYERS.members.get(kind)
            if cls is not None:
                form(cls, own, draft, validation)
        key = key_of(path, "add")
        layer_menu("Add layer inside", key, _add, path, key, small=True)


def _layers(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list | tuple) else [value] if value else []
    return [as_fields(item, LAYERS) for item in items]


def _head(path: Path, place: int, kind: str, many: int) -> None:
    own = (*path, place)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"head-{key_of(own, 'row')}"):
        st.markdown(f":gray[{place + 1}]", width=18)
        label = f"Kind of layer {place + 1} inside"
        kind_select(LAYERS, own, kind, label=label, label_visibility="collapsed", kinds=layers_in_order())
        for name, words, icon in _ACTIONS:
            st.button(
                f"{words} layer {place + 1} inside",
                icon=icon,
                key=f"icon-{name}-{key_of(own, 'row')}",
                help=words,
                type="tertiary",
                disabled=(name == "up" and place == 0) or (name == "down" and place == many - 1),
                on_click=_do,
                args=(name, path, place),
            )


def _do(name: str, path: Path, place: int) -> None:
    draft = state.drafts().now
    layers = _held(draft, path)
    # A second click arrives before the page is drawn without the layer.
    if place >= len(layers):
        return
    layer = layers.pop(place)
    if name != "remove":
        layers.insert(place + (-1 if name == "up" else 1), layer)
    state.edit(draft.change(path, layers))


def _add(path: Path, key: str) -> None:
    draft, kind = state.drafts().now, state.typed(key)
    if kind in LAYERS.members:
        state.edit(draft.change(path, [*_held(draft, path), start(LAYERS, kind)]))


def _held(draft: Draft, path: Path) -> list[dict[str, Any]]:
    return _layers(draft.part(path[:-1]).get(str(path[-1])))
