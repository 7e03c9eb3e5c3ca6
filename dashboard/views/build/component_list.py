"""Metrics and callbacks: a row for each, and a menu that adds one."""

import streamlit as st

from dashboard import state
from dashboard.draft import Draft, Validation, start, summary
from dashboard.views.build.form import component_form
from trainer.config import REGISTRIES, Registry

__all__ = ["component_list"]


def component_list(name: str, draft: Draft, validation: Validation, *, title: str, explanation: str) -> None:
    """Draw the parts in a list field of the config, such as `metrics`, each with its form."""
    registry = REGISTRIES[name]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(title, help=explanation, width="stretch")
        _menu(name, registry)
    for card, fields in draft.cards(name):
        kind = str(fields.get(registry.key))
        cls = registry.members.get(kind)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f":small[**{kind}**]", help=summary(cls) if cls else None, width="stretch")
            st.button(
                f"Remove {kind}",
                icon=":material/close:",
                key=f"icon-remove-{name}-{card}",
                help="Remove",
                type="tertiary",
                on_click=_remove,
                args=(name, card),
            )
        if cls is not None:
            component_form(cls, (name, card), draft, validation)


def _menu(name: str, registry: Registry) -> None:
    key = f"add-{name}"
    st.menu_button(
        f"Add to {name}",
        list(registry.members),
        key=f"icon-{key}",
        icon=":material/add:",
        type="tertiary",
        format_func=lambda kind: f"**{kind}** :gray[:small[{summary(registry.members[kind])}]]",
        on_click=_add,
        args=(name, f"icon-{key}"),
    )


def _add(name: str, key: str) -> None:
    kind = state.typed(key)
    if kind in REGISTRIES[name].members:
        state.edit(state.drafts().now.add(name, start(REGISTRIES[name], kind)))


def _remove(name: str, card: int) -> None:
    draft = state.drafts().now
    # A second click arrives before the page is drawn without the card.
    if card in draft.ids[name]:
        state.edit(draft.remove(name, card))
