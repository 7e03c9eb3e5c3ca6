"""The empty state: a message, and a link to the next step."""

from collections.abc import Mapping

import streamlit as st

from dashboard.navigation import Address, link

__all__ = ["empty"]


def empty(
    text: str,
    *,
    page: Address | None = None,
    label: str = "",
    icon: str = ":material/arrow_forward:",
    query: Mapping[str, str] | None = None,
) -> None:
    """Draw a message, in Markdown, and a link to the next step. Pass what users typed through `plain`.

    Args:
        text: what will appear here, and how to get there.
        page: the page of `dashboard.navigation` to link to; no link by default.
        label: the link's label.
        icon: the link's icon.
        query: the link's query parameters.
    """
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(text, text_alignment="center")
        if page is not None:
            link(page, label=label, icon=icon, width="content", query_params=query)
        st.space("small")
