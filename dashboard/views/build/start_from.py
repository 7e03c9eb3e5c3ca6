"""Where a draft comes from and goes to as text: recipes, YAML pasted or uploaded, YAML downloaded; Undo and Redo."""

import re

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from trainer.config import Config, dump_config, load_config
from trainer.config.recipes import RECIPES
from trainer.errors import ConfigError
from trainer.format import count

__all__ = ["start_from"]

_RECIPE, _PASTED, _UPLOADED = "start-recipe", "build.yaml.text", "build.yaml.file"
_PLACE = "yaml"


def start_from(config: Config | None) -> None:
    """Draws the row of buttons. Without a valid config there is nothing to download."""
    history = state.drafts()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.button("Undo", icon=":material/undo:", disabled=not history.past, on_click=state.step_back)
        st.button("Redo", icon=":material/redo:", disabled=not history.future, on_click=state.step_forward)
        _recipes()
        _yaml(config)


def _recipes() -> None:
    titles = {recipe.name: recipe for recipe in RECIPES}

    def told(name: str) -> str:
        recipe = titles[name]
        return f"**{plain(recipe.title)}** :gray[:small[{count(recipe.parameters)} parameters; {plain(recipe.result)}]]"

    st.menu_button(
        "Start from a recipe",
        list(titles),
        key=_RECIPE,
        icon=":material/menu_book:",
        format_func=told,
        on_click=_begin_with_recipe,
    )


def _begin_with_recipe() -> None:
    chosen = state.typed(_RECIPE)
    for recipe in RECIPES:
        if recipe.name == chosen:
            state.begin_with(state.unnamed(recipe.config))


def _yaml(config: Config | None) -> None:
    with st.popover("YAML", icon=":material/code:", key="yaml", on_change="rerun") as folded:
        if folded.open:
            with st.container(key="yaml-body"):
                _yaml_body(config)


def _yaml_body(config: Config | None) -> None:
    text = dump_config(config) if config else ""
    st.download_button(
        "Download YAML",
        text,
        file_name=f"{_file_stem(config)}.yaml",
        mime="application/yaml",
        icon=":material/download:",
        disabled=config is None,
        help=None if config else "The draft has mistakes; mend them first.",
        on_click="ignore",
        width="stretch",
    )
    if config:
        st.code(text, language="yaml", height=220)
    st.file_uploader("Upload a config", ["yaml", "yml"], key=_UPLOADED, on_change=_begin_with_file, max_upload_size=1)
    st.text_area("Or paste one", key=_PASTED, height=140, placeholder="dataset: digits\nlayers:\n  - Flatten")
    st.button("Use the pasted config", on_click=_begin_with_pasted, width="stretch")
    complaint = state.notice(_PLACE)
    if complaint:
        st.error(plain(complaint), icon=":material/error:")


def _begin_with_file() -> None:
    given = state.typed(_UPLOADED)
    if given is not None:
        _begin_with_text(given.getvalue())


def _begin_with_pasted() -> None:
    _begin_with_text(state.typed(_PASTED) or "")


def _begin_with_text(text: str | bytes) -> None:
    """Takes over a config; where it cannot be read the draft stays and the sentence is shown."""
    try:
        state.begin_with(load_config(text).short())
    except ConfigError as error:
        state.set_notice(_PLACE, str(error))
    else:
        state.set_notice(_PLACE, None)


def _file_stem(config: Config | None) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", config.name or "config").strip("-.") if config else "config"
