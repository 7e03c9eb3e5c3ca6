"""Undo, redo, and recipes to start from."""

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from trainer.config.recipes import RECIPES
from trainer.format import count

__all__ = ["start_from"]

_RECIPE = "start-recipe"


def start_from() -> None:
    """Draw the buttons and the menu of recipes."""
    history = state.drafts()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="start-from"):
        st.button("Undo", icon=":material/undo:", disabled=not history.past, on_click=state.step_back)
        st.button("Redo", icon=":material/redo:", disabled=not history.future, on_click=state.step_forward)
        _recipes()


def _recipes() -> None:
    titles = {recipe.name: recipe for recipe in RECIPES}

    def described(name: str) -> str:
        recipe = titles[name]
        return f"**{plain(recipe.title)}** :gray[:small[{count(recipe.parameters)} parameters; {plain(recipe.result)}]]"

    st.menu_button(
        "Start from a recipe",
        list(titles),
        key=_RECIPE,
        icon=":material/menu_book:",
        format_func=described,
        on_click=_begin_with_recipe,
    )


def _begin_with_recipe() -> None:
    chosen = state.typed(_RECIPE)
    for recipe in RECIPES:
        if recipe.name == chosen:
            state.begin_with(state.unnamed(recipe.config))
