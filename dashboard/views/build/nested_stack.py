"""The layers inside a layer, such as Residual: rows to edit, move and remove, and buttons that add one."""

from collections.abc import Callable

import streamlit as st

from dashboard import state
from dashboard.draft import Draft, Path, Validation, layers_in_order
from dashboard.views.build.fields import Field, key_of
from dashboard.views.build.kind_select import complain, kind_select
from dashboard.views.build.layer_menu import layer_button
from dashboard.views.build.network_way import output_words
from dashboard.views.build.vary_layer import layer_variation, vary_layer_menu
from trainer.config import LAYERS, Component
from trainer.config.check import LayerReport

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
    """Draw the layers in a field, each with its output shape and its form; `form` draws the fields of one."""
    path = field.own_path
    layers = draft.items(path)
    with st.container(key=f"inner-{key_of(path, 'stack')}", gap="xsmall"):
        for place, fields in enumerate(layers):
            own = (*path, place)
            kind = str(fields.get(LAYERS.key))
            _head(path, place, kind, len(layers), validation.built(draft.where(own)))
            layer_variation(draft, own)
            complain(draft, validation, own)
            cls = LAYERS.members.get(kind)
            if cls is not None:
                form(cls, own, draft, validation)
        is_parallel = draft.part(path[:-1]).get(LAYERS.key) == "Parallel"
        layer_button("Add branch" if is_parallel else "Add layer inside", path, small=False)


def _head(path: Path, place: int, kind: str, many: int, report: LayerReport | None) -> None:
    own = (*path, place)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"head-{key_of(own, 'row')}"):
        st.markdown(f":gray[{place + 1}]", width=18)
        label = f"Kind of layer {place + 1} inside"
        kind_select(LAYERS, own, kind, label=label, label_visibility="collapsed", kinds=layers_in_order())
        with st.container(
            key=f"side-{key_of(own, 'row')}",
            horizontal=True,
            vertical_alignment="center",
            gap=None,
            width="content",
            wrap=False,
        ):
            st.markdown(output_words(report), width="content")
            vary_layer_menu(own)
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
            layer_button(f"Insert a layer after {place + 1} inside", own, small=True)


def _do(name: str, path: Path, place: int) -> None:
    draft = state.drafts().now
    layers = draft.items(path)
    # A second click arrives before the page is drawn without the layer.
    if place >= len(layers):
        return
    order = list(range(len(layers)))
    moved = order.pop(place)
    if name != "remove":
        order.insert(place + (-1 if name == "up" else 1), moved)
    state.edit(draft.rearrange(path, [layers[each] for each in order], order))
