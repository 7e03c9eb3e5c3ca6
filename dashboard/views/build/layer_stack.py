"""The layers as cards to edit, move, duplicate and remove."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from dashboard import state
from dashboard.draft import Draft, Validation, layers_in_order, start
from dashboard.views.build.form import component_form
from dashboard.views.build.kind_select import complain, kind_select
from dashboard.views.build.layer_menu import layer_menu
from trainer.config import LAYERS
from trainer.config.check import LayerReport
from trainer.format import count

__all__ = ["insert_layer", "layer_stack"]

_LIST = "layers"


class _Action(NamedTuple):
    name: str
    label: str
    icon: str
    disabled: bool


def layer_stack(draft: Draft, validation: Validation, reports: Sequence[LayerReport]) -> None:
    """Draw a card per layer, and the menu that adds a layer.

    `reports` are the output shapes and parameters of the layers before the first one that cannot be built.
    """
    cards = draft.cards(_LIST)
    for place, (card, fields) in enumerate(cards):
        report = reports[place] if place < len(reports) else None
        with st.container(border=True, key=f"card-{card}", gap="xsmall"):
            _head(place, card, str(fields.get(LAYERS.key)), len(cards), report)
            complain(draft, validation, (_LIST, card))
            cls = LAYERS.members.get(str(fields.get(LAYERS.key)))
            if cls is not None:
                # Freezing a layer without weights has no effect.
                hidden = ("freeze",) if report is not None and not report.parameters else ()
                component_form(cls, (_LIST, card), draft, validation, hidden=hidden)
    if not cards:
        st.caption("No layers yet. The last layer is the output: for classification, a Dense with one unit per class.")
        complain(draft, validation, (_LIST,))
    _menu("Add layer", None)


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
        st.markdown(_output(report), width="content")
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
        _menu(f"Insert a layer after {place + 1}", card)


def _output(report: LayerReport | None) -> str:
    if report is None:
        return ""
    shape = " × ".join("?" if size is None else count(size) for size in report.output_shape[1:])
    parameters = f" · **{count(report.parameters)}**" if report.parameters else ""
    return f":gray[:small[({shape}){parameters}]]"


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


def _menu(label: str, after: int | None) -> None:
    """Draw the menu of all layers by group; the chosen one is inserted after the card `after`, or before the output."""
    key = f"icon-insert-{after}" if after is not None else "add-layer"
    layer_menu(label, key, insert_layer, key, after, small=after is not None)


def insert_layer(key: str, after: int | None) -> None:
    """Add the layer chosen in the menu with that key: after the card `after`, or before the output layer."""
    draft, kind = state.drafts().now, state.typed(key)
    if kind in LAYERS.members and (after is None or after in draft.ids[_LIST]):
        state.edit(draft.add(_LIST, start(LAYERS, kind), after=after))
