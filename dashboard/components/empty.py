"""The empty state: a sentence on what belongs here, and the next step."""

import streamlit as st

from dashboard.navigation import Address, link

__all__ = ["empty"]


def empty(text: str, *, page: Address | None = None, label: str = "", icon: str = ":material/arrow_forward:") -> None:
    """Say why there is nothing (Markdown; pass what users typed through `plain`) and links to the next step.

    Args:
        text: what would be here, and what to do to have it.
        page: a page of `dashboard.navigation` to go to; no link by default.
        label: the words of that link.
        icon: the link's icon.
    """
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(text, text_alignment="center")
        if page is not None:
            link(page, label=label, icon=icon, width="content")
        st.space("small")
