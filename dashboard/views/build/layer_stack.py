"""The layers as cards to edit, move, duplicate and remove."""

from typing import NamedTuple

import streamlit as st

from dashboard import state
from dashboard.draft import Draft, Validation, layers_in_order
from dashboard.views.build.form import component_form
from dashboard.views.build.kind_select import complain, kind_select
from dashboard.views.build.layer_menu import layer_button
from dashboard.views.build.network_way import output_words
from dashboard.views.build.vary_layer import layer_variation, vary_layer_menu
from trainer.config import LAYERS
from trainer.config.check import LayerReport

__all__ = ["layer_stack"]

_LIST = "layers"


class _Action(NamedTuple):
    name: str
    label: str
    icon: str
    disabled: bool


def layer_stack(draft: Draft, validation: Validation) -> None:
    """Draw a card per layer, and the button that adds a layer."""
    cards = draft.cards(_LIST)
    for place, (card, fields) in enumerate(cards):
        report = validation.built(draft.where((_LIST, card)))
        with st.container(border=True, key=f"card-{card}", gap="xsmall"):
            _head(place, card, str(fields.get(LAYERS.key)), len(cards), report)
            layer_variation(draft, (_LIST, card))
            complain(draft, validation, (_LIST, card))
            cls = LAYERS.members.get(str(fields.get(LAYERS.key)))
            if cls is not None:
                # Freezing a layer without weights has no effect.
                hidden = ("freeze",) if report is not None and not report.parameters else ()
                component_form(cls, (_LIST, card), draft, validation, hidden=hidden)
    if not cards:
        st.caption("No layers yet. The last layer is the output: for classification, a Dense with one unit per class.")
        complain(draft, validation, (_LIST,))
    layer_button("Add layer", (_LIST,), small=False)


def _head(place: int, card: int, kind: str, many: int, report: LayerReport | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"head-{card}"):
        st.markdown(f":gray[{place + 1}]", width=18)
        kind_select(
            LAYERS,
            (_LIST, card),
            kind,
            label=f"Kind of layer {place + 1}",
            label_visibility="collapsed",
            kinds=layers_in_order(),
        )
        _side(place, card, many, report)


def _side(place: int, card: int, many: int, report: LayerReport | None) -> None:
    """Draw the output shape and parameters of the layer, and its buttons."""
    with st.container(
        key=f"side-{card}", horizontal=True, vertical_alignment="center", gap=None, width="content", wrap=False
    ):
        st.markdown(output_words(report), width="content")
        vary_layer_menu((_LIST, card))
        for action in _actions(place, many):
            st.button(
                f"{action.label} layer {place + 1}",
                icon=action.icon,
                key=f"icon-{action.name}-{card}",
                help=action.label,
                type="tertiary",
                disabled=action.disabled,
                on_click=_do,
                args=(action.name, card),
            )
        layer_button(f"Insert a layer after {place + 1}", (_LIST, card), small=True)


def _actions(place: int, many: int) -> tuple[_Action, ...]:
    return (
        _Action("up", "Move up", ":material/arrow_upward:", place == 0),
        _Action("down", "Move down", ":material/arrow_downward:", place == many - 1),
        _Action("copy", "Duplicate", ":material/content_copy:", False),
        _Action("remove", "Remove", ":material/close:", False),
    )


def _do(action: str, card: int) -> None:
    draft = state.drafts().now
    # A second click arrives before the page is drawn without the card.
    if card not in draft.ids[_LIST]:
        return
    match action:
        case "up":
            state.edit(draft.move(_LIST, card, -1))
        case "down":
            state.edit(draft.move(_LIST, card, 1))
        case "copy":
            state.edit(draft.duplicate(_LIST, card))
        case _:
            state.edit(draft.remove(_LIST, card))
