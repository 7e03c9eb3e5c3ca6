"""The menu of all layers, in the groups of Keras's documentation."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.draft import group_of, layers_in_order, summary
from trainer.config import LAYERS

__all__ = ["layer_menu"]

_ICONS = {
    "Core": ":material/grid_view:",
    "Activation": ":material/bolt:",
    "Convolution": ":material/blur_on:",
    "Pooling": ":material/compress:",
    "Recurrent": ":material/segment:",
    "Preprocessing": ":material/tune:",
    "Image augmentation": ":material/image:",
    "Normalization": ":material/graphic_eq:",
    "Regularization": ":material/shield:",
    "Reshaping": ":material/straighten:",
    "Wrappers": ":material/layers:",
    "Blocks": ":material/account_tree:",
}


def layer_menu(label: str, key: str, on_click: Callable[..., None], *args: Any, small: bool) -> None:
    """Draw the menu; the chosen kind is in the state under `key` when `on_click(*args)` is called."""
    st.menu_button(
        label,
        layers_in_order(),
        key=key,
        icon=":material/add:",
        type="tertiary" if small else "secondary",
        format_func=_option,
        on_click=on_click,
        args=args,
        width="content" if small else "stretch",
    )


def _option(kind: str) -> str:
    group = group_of(kind)
    return f"{_ICONS[group]} **{kind}** :gray[:small[{summary(LAYERS.members[kind])}]]"
