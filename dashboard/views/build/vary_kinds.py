"""The components that a sweep chooses from: a line for each, to be edited as YAML, and a choice of another kind."""

from typing import Any

import streamlit as st

from dashboard import state
from dashboard.draft import Path, described_kind, start
from dashboard.views.build.fields import key_of
from dashboard.views.build.vary_parts import small_button, value_field
from trainer.config import Registry
from trainer.config.serialization import read_value, write_value
from trainer.errors import ConfigError

__all__ = ["kinds_editor"]

_NONE = "none"


def kinds_editor(registry: Registry, path: Path, options: list[Any], *, label: str, optional: bool = False) -> None:
    """Draw the options of a component; with `optional`, none is an option too."""
    with st.container(key=f"kinds-{key_of(path, 'kinds')}", gap="xsmall"):
        for place, option in enumerate(options):
            with st.container(horizontal=True, vertical_alignment="bottom", gap=None):
                _option(path, place, option, f"{label} {place + 1}")
        key = key_of(path, f"another-{len(options)}")
        st.selectbox(
            f"Another {label}",
            [*([_NONE] if optional else []), *registry.members],
            index=None,
            key=key,
            format_func=lambda kind: described_kind(registry, kind),
            placeholder="Add a choice",
            label_visibility="collapsed",
            on_change=_add,
            args=(registry, path, key),
        )


def _option(path: Path, place: int, option: Any, label: str) -> None:
    key = key_of(path, f"option-{place}")
    value_field(
        label,
        option,
        key=key,
        read=_read,
        show=write_value,
        on_change=_edit,
        args=(path, place, key),
        help="One choice, with its fields as in YAML.",
    )
    small_button(f"Remove {label}", key=f"{key}-remove", tip="Remove", on_click=_remove, args=(path, place))


def _read(text: str) -> Any:
    """Return the component that was typed, or the text itself, which the search space then rejects."""
    try:
        return read_value(text)
    except ConfigError:
        return text


def _options(path: Path) -> list[Any]:
    found = state.drafts().now.search.domains.get(path)
    return list(found) if isinstance(found, list) else []


def _edit(path: Path, place: int, key: str) -> None:
    options = _options(path)
    if state.is_echo(key) or place >= len(options):
        return
    options[place] = _read(state.typed(key) or "")
    state.edit(state.drafts().now.vary(path, options))


def _remove(path: Path, place: int) -> None:
    options = _options(path)
    # A second click arrives before the page is drawn without the option.
    if place < len(options):
        del options[place]
        state.edit(state.drafts().now.vary(path, options))


def _add(registry: Registry, path: Path, key: str) -> None:
    kind, options = state.typed(key), _options(path)
    if kind is not None and path in state.drafts().now.search.domains:
        option = start(registry, kind) if kind in registry.members else None
        state.edit(state.drafts().now.vary(path, [*options, option]))
