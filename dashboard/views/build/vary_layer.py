"""Vary a layer in a sweep: whether it is there, how often it is repeated, and its kind."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import state
from dashboard.draft import Draft, Path, first_kinds, place_name, read_bound, shown_bound
from dashboard.views.build.fields import key_of
from dashboard.views.build.vary_kinds import kinds_editor
from dashboard.views.build.vary_parts import small_button, value_field
from trainer.config import LAYERS

__all__ = ["layer_variation", "vary_layer_menu"]

_PRESENT, _REPEAT, _KIND = "present", "repeat", "kind"
_WORDS: Final[Mapping[str, str]] = {
    _PRESENT: "**Presence** :gray[:small[with or without the layer]]",
    _REPEAT: "**Repetition** :gray[:small[the layer several times]]",
    _KIND: "**Kind** :gray[:small[one of several layers]]",
}
_FIRST: Final[Mapping[str, Any]] = {_PRESENT: [True, False], _REPEAT: {"low": 1, "high": 3}}


def vary_layer_menu(path: Path) -> None:
    """Draw the menu of what may vary about a layer while Build shows a sweep."""
    draft = state.drafts().now
    left = _left(draft.search.domains.get(path))
    if not draft.search.on or not left:
        return
    key = f"icon-vary-{key_of(path, 'layer')}"
    st.menu_button(
        f"Vary {place_name(draft.where(path), draft.fields)}",
        left,
        key=key,
        icon=":material/tune:",
        help="Vary in the sweep",
        type="tertiary",
        format_func=_WORDS.__getitem__,
        on_click=_begin,
        args=(path, key),
    )


def layer_variation(draft: Draft, path: Path) -> None:
    """Draw what varies about the layer at a path, if anything does."""
    domain = draft.search.domains.get(path)
    if not draft.search.on or domain is None:
        return
    with st.container(key=f"varies-{key_of(path, 'layer')}", gap="xsmall"):
        if isinstance(domain, list):
            with st.container(horizontal=True, vertical_alignment="top", gap=None):
                kinds_editor(LAYERS, path, domain, label="choice")
                _stop(path, _KIND, "kind")
        elif isinstance(domain, Mapping):
            for name in domain:
                _row(path, domain, name)


def _row(path: Path, domain: Mapping[str, Any], name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=f"vary-{key_of(path, name)}"):
        if name == _REPEAT:
            given = domain[name] if isinstance(domain[name], Mapping) else {}
            for end, label in (("low", "at least, times"), ("high", "at most, times")):
                _times(path, given, end, label)
        else:
            st.markdown("With or without this layer", width="content")
        _stop(path, name, "presence" if name == _PRESENT else "repetition")


def _times(path: Path, given: Mapping[str, Any], end: str, label: str) -> None:
    key = key_of(path, f"times-{end}")
    value_field(
        label, given.get(end), key=key, read=read_bound, show=shown_bound, on_change=_set_times, args=(path, end, key),
        live="60ms", width=112,
    )  # fmt: skip


def _stop(path: Path, name: str, words: str) -> None:
    draft = state.drafts().now
    small_button(
        f"Stop varying the {words} of {place_name(draft.where(path), draft.fields)}",
        key=f"stop-{key_of(path, name)}",
        tip="Stop varying",
        on_click=_end,
        args=(path, name),
    )


def _left(domain: Any) -> list[str]:
    """Return what may vary besides what does: in a sweep file, the kind and the rest exclude each other."""
    if domain is None:
        return [_PRESENT, _REPEAT, _KIND]
    return [name for name in _FIRST if name not in domain] if isinstance(domain, Mapping) else []


def _begin(path: Path, key: str) -> None:
    draft, name = state.drafts().now, state.typed(key)
    domain = draft.search.domains.get(path)
    if name not in _left(domain):
        return
    begun = first_kinds(LAYERS, draft.part(path)) if name == _KIND else {**(domain or {}), name: _FIRST[name]}
    state.edit(draft.vary(path, begun))


def _set_times(path: Path, end: str, key: str) -> None:
    draft = state.drafts().now
    domain = draft.search.domains.get(path)
    if state.is_echo(key) or not isinstance(domain, Mapping) or _REPEAT not in domain:
        return
    repeat = domain[_REPEAT] if isinstance(domain[_REPEAT], Mapping) else {}
    changed = {**domain, _REPEAT: {**repeat, end: read_bound(state.typed(key) or "")}}
    state.edit(draft.vary(path, changed), theme="vary/" + "/".join(map(str, path)))


def _end(path: Path, name: str) -> None:
    draft = state.drafts().now
    domain = draft.search.domains.get(path)
    left = {each: given for each, given in domain.items() if each != name} if isinstance(domain, Mapping) else {}
    state.edit(draft.vary(path, left or None))
