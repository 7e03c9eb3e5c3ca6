"""The widget of one field, kept in step with the draft."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.draft import Path, common_first, described, explained, in_step, read, shown, shown_briefly
from trainer.config import FieldKind, FieldSpec

__all__ = ["Field", "draw_field", "key_of", "set_value"]

_NONE = "none"
_UNSET_WORD = "default"
_UNNAMED = "named automatically"
_NARROW, _MEDIUM, _WIDE = 104, 205, 240
# Pixels that a letter of a label takes, and the space around the label.
_LETTER, _PADDING = 7, 8


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a part: its spec, the path of the part, and the fields of that part that are set."""

    spec: FieldSpec
    path: Path
    holder: Mapping[str, Any]

    @property
    def value(self) -> Any:
        """The value that is set, or the default."""
        return self.holder.get(self.spec.name, self.spec.default)

    @property
    def own_path(self) -> Path:
        """The path of the field itself."""
        return (*self.path, self.spec.name)


def key_of(path: Path, kind: str) -> str:
    """Return the key of the widget at a path. Each kind of widget has its own, so none inherits another's value."""
    return "build." + ".".join(str(step) for step in path) + f":{kind}"


def draw_field(field: Field) -> None:
    """Draw the widget of a field with a plain value: a number, text, a choice or a flag."""
    _DRAWN[field.spec.kind](field)


def set_value(field: Field, key: str, meaning: Callable[[Any], Any]) -> None:
    """Set a field to what its widget holds; to be called by the widget."""
    if state.is_echo(key):
        return
    value = meaning(state.typed(key))
    theme = "/".join(str(step) for step in field.own_path)
    state.edit(state.drafts().now.change(field.own_path, value), theme=theme)


def _text(field: Field) -> None:
    spec = field.spec
    key = key_of(field.own_path, spec.kind)
    held = state.typed(key)
    # Text with the same meaning stays as typed, so that `1e-3` does not turn into `0.001` under the cursor.
    if held is None or not in_step(spec, held, field.holder):
        state.follow(key, shown_briefly(field.value))
    numeric = spec.kind in {FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.RATE}
    st.text_input(
        spec.name,
        key=key,
        help=explained(spec),
        placeholder=_placeholder(field),
        live="60ms",
        autocomplete="off",
        width=_width(spec, _NARROW if numeric else 150 if spec.kind is FieldKind.NUMBERS else _WIDE),
        on_change=set_value,
        args=(field, key, lambda text: read(spec, text or "")),
    )


def _placeholder(field: Field) -> str:
    """Return what an empty box means: the default, or for the name that the run is named automatically."""
    if field.own_path == ("name",):
        return _UNNAMED
    return shown(field.spec.default) or (_NONE if field.spec.optional else "")


def _width(spec: FieldSpec, least: int) -> int:
    """Return a width that keeps the label on one line."""
    return max(least, _LETTER * len(spec.name) + _PADDING)


def _choice(field: Field) -> None:
    spec = field.spec
    key = key_of(field.own_path, spec.kind)
    # If `none` is a choice of its own, as for the scale of an npz file, the option for None needs another word.
    nothing = _UNSET_WORD if _NONE in spec.choices else _NONE
    value = nothing if field.value is None else field.value
    choices: list[Any] = [*([nothing] if spec.optional else []), *common_first(spec.name, spec.choices)]
    # An invalid value of the draft is an option too: Streamlit (1.67) would replace it by the first one.
    if value not in choices:
        choices.append(value)
    _follow_exactly(key, value)
    st.selectbox(
        spec.name,
        choices,
        key=key,
        help=explained(spec),
        format_func=lambda choice: described(spec.name, choice),
        width=_width(spec, _MEDIUM),
        on_change=set_value,
        args=(field, key, lambda choice: None if spec.optional and choice == nothing else choice),
    )


def _flag(field: Field) -> None:
    spec = field.spec
    key = key_of(field.own_path, spec.kind)
    _follow_exactly(key, bool(field.value))
    with st.container(width="content", key=f"flag-{key}"):
        st.checkbox(spec.name, key=key, help=explained(spec), on_change=set_value, args=(field, key, bool))


def _follow_exactly(key: str, value: Any) -> None:
    held = state.typed(key)
    # The types too, since `1 == True` in Python.
    if held != value or type(held) is not type(value):
        state.follow(key, value)


_DRAWN: Mapping[FieldKind, Callable[[Field], None]] = {
    FieldKind.INTEGER: _text,
    FieldKind.NUMBER: _text,
    FieldKind.RATE: _text,
    FieldKind.TEXT: _text,
    FieldKind.NUMBERS: _text,
    FieldKind.TEXTS: _text,
    FieldKind.MAPPING: _text,
    FieldKind.CLASS_WEIGHTS: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.FLAG: _flag,
}
