"""Several small parts, such as metrics or callbacks: a row each, and a menu that adds one."""

import streamlit as st

from dashboard import state
from dashboard.components.form import part_form
from dashboard.draft import Draft, Verdict, start, summary
from trainer.config import FAMILIES, Family

__all__ = ["parts_list"]


def parts_list(name: str, draft: Draft, verdict: Verdict, *, title: str, explanation: str) -> None:
    """Draws the parts in the config's field `name`, each with its form."""
    family = FAMILIES[name]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(title, help=explanation, width="stretch")
        _menu(name, family)
    for card, fields in draft.cards(name):
        kind = str(fields.get(family.key))
        cls = family.members.get(kind)
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
            part_form(cls, (name, card), draft, verdict)


def _menu(name: str, family: Family) -> None:
    key = f"add-{name}"
    st.menu_button(
        f"Add to {name}",
        list(family.members),
        key=f"icon-{key}",
        icon=":material/add:",
        type="tertiary",
        format_func=lambda kind: f"**{kind}** :gray[:small[{summary(family.members[kind])}]]",
        on_click=_add,
        args=(name, f"icon-{key}"),
    )


def _add(name: str, key: str) -> None:
    kind = state.typed(key)
    if kind in FAMILIES[name].members:
        state.edit(state.drafts().now.add(name, start(FAMILIES[name], kind)))


def _remove(name: str, card: int) -> None:
    draft = state.drafts().now
    if card in draft.ids[name]:
        state.edit(draft.remove(name, card))
