"""The list of all layers with a search, under the headings of Keras's documentation, and the buttons that open it."""

import html
from collections.abc import Mapping
from pathlib import Path as FilePath

import streamlit as st

from dashboard import state
from dashboard.draft import Path, start, summary
from trainer.config import LAYER_GROUPS, LAYERS

__all__ = ["insert_layer", "layer_button", "layer_menu"]

_HERE = FilePath(__file__).parent
_KEY = "build.layer-menu"
_LIST = "layers"


def _options() -> str:
    """Return the list as HTML: headings, and each layer with its help."""
    parts = []
    for place, (group, members) in enumerate(LAYER_GROUPS.items()):
        parts.append(f'<div role="group" aria-labelledby="fitboard-group-{place}">')
        parts.append(f'<div class="heading" id="fitboard-group-{place}">{html.escape(group)}</div>')
        for member in members:
            kind, words = member.kind_of(), html.escape(summary(member))
            parts.append(
                f'<div role="option" id="fitboard-layer-{kind}" data-kind="{kind}" data-group="{html.escape(group)}">'
                f"<b>{kind}</b><span>{words}</span></div>"
            )
        parts.append("</div>")
    return "".join(parts)


# One list for every button: a menu at each card would send all layers once for each card.
_component = st.components.v2.component(
    "fitboard_layer_menu",
    html=(_HERE / "layer_menu.html").read_text(encoding="utf-8").replace("<!-- options -->", _options()),
    css=(_HERE / "layer_menu.css").read_text(encoding="utf-8"),
    js=(_HERE / "layer_menu.js").read_text(encoding="utf-8"),
    # Without a shadow root, so that the buttons of the page are in the same document.
    isolate_styles=False,
)


def layer_menu() -> None:
    """Draw the list, which stays closed until one of the buttons is pressed. Call it once per page."""
    with st.container(key="layer-menu"):
        _component(key=_KEY, on_choice_change=_insert_chosen)


def layer_button(label: str, path: Path, *, small: bool) -> None:
    """Draw a button that opens the list.

    Args:
        label: what the button says.
        path: where the chosen layer goes: after the layer at a path such as `("layers", 7)`, or into the list at a path
            such as `("layers",)`, there before the output.
        small: whether the button shows an icon alone.
    """
    where = "-".join(str(step) for step in path)
    st.button(
        label,
        key=f"icon-insert-{where}" if small else f"insert-{where}",
        icon=":material/add:",
        type="tertiary" if small or len(path) > 1 else "secondary",
        width="content" if small or len(path) > 1 else "stretch",
    )


def _insert_chosen() -> None:
    chosen = (state.typed(_KEY) or {}).get("choice")
    if isinstance(chosen, Mapping):
        insert_layer(str(chosen.get("where")), str(chosen.get("kind")))


def insert_layer(where: str, kind: str) -> None:
    """Insert a layer where a button says: `layers`, `layers-7` after card 7, `layers-7-layers-0` inside it.

    Nothing happens if that place is gone, as after a second click.
    """
    draft = state.drafts().now
    path: Path = tuple(int(step) if step.isdecimal() else step for step in where.split("-"))
    if kind not in LAYERS.members or path[0] != _LIST or (len(path) > 1 and path[1] not in draft.ids[_LIST]):
        return
    if len(path) < 3:
        state.edit(draft.add(_LIST, start(LAYERS, kind), after=int(path[1]) if len(path) > 1 else None))
        return
    holder, after = (path[:-1], int(path[-1])) if isinstance(path[-1], int) else (path, None)
    held = draft.items(holder)
    place = len(held) if after is None else after + 1
    origins: list[int | None] = list(range(len(held)))
    held.insert(place, start(LAYERS, kind))
    origins.insert(place, None)
    state.edit(draft.rearrange(holder, held, origins))
