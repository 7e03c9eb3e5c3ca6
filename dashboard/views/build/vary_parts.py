"""What the values of a search space are drawn with: a text field in step with the draft, and a button with an icon."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from dashboard import state

__all__ = ["small_button", "value_field"]


def value_field(
    label: str,
    value: Any,
    *,
    key: str,
    read: Callable[[str], Any],
    show: Callable[[Any], str],
    on_change: Callable[..., None],
    args: tuple[Any, ...],
    **options: Any,
) -> None:
    """Draw a text field for a value of the draft.

    Args:
        label: its label.
        value: the value in the draft.
        key: the key of the widget, and of the text in the session.
        read: returns what a text means. Text that means the value stays as typed.
        show: returns the text of a value.
        on_change: sets the draft to what the text means.
        args: its arguments.
        options: further options of `st.text_input`.
    """
    held = state.typed(key)
    if held is None or read(held) != value:
        state.follow(key, show(value))
    st.text_input(label, key=key, autocomplete="off", on_change=on_change, args=args, **options)


def small_button(
    label: str, *, key: str, tip: str, on_click: Callable[..., None], args: tuple[Any, ...],
    icon: Literal[":material/close:", ":material/tune:"] = ":material/close:",
) -> None:  # fmt: skip
    """Draw a button of which only the icon is shown; the label is for screen readers."""
    st.button(label, key=f"icon-{key}", icon=icon, help=tip, type="tertiary", on_click=on_click, args=args)
