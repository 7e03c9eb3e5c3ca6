"""The fields of a dataset as widgets; those that name columns offer the columns of the file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.data_state import UNSET, Opened, data
from dashboard.draft import UNSET as NO_VALUE
from dashboard.draft import as_fields, described, explained, in_step, read, shown, summary
from trainer.config import FieldKind, FieldSpec, Registry, describe

__all__ = ["Form", "draw_fields", "set_field"]

_NARROW = 118
_LETTER = 7
_DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Form:
    """What is open, the names of the file's columns, and what is wrong with each field by its path."""

    opened: Opened
    columns: tuple[str, ...] = ()
    complaints: Mapping[str, str]

    def holder(self, path: tuple[str, ...]) -> Mapping[str, Any]:
        """Return the fields that are set in the part at a path; empty is the dataset itself."""
        held = self.opened.fields.get(path[0]) if path else self.opened.fields
        return held if isinstance(held, Mapping) else {}


def draw_fields(specs: Sequence[FieldSpec], form: Form, *, within: tuple[str, ...] = ()) -> None:
    """Draw fields below one another, short ones side by side, each with its error."""
    short = [spec for spec in specs if _is_short(spec)]
    for spec in specs:
        if spec not in short:
            _draw(spec, form, within)
            _complain(form, (*within, spec.name))
    if short:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for spec in short:
                _draw(spec, form, within)
        for spec in short:
            _complain(form, (*within, spec.name))


def set_field(path: tuple[str, ...], key: str, meaning: Callable[[Any], Any] = lambda value: value) -> None:
    """Set the field at a path to what a widget holds; to be called by the widget."""
    if state.is_echo(key) or data.opened is None:
        return
    data.edit(data.opened.change(path, meaning(state.typed(key))))


def _is_short(spec: FieldSpec) -> bool:
    return spec.kind in {FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.FLAG}


def _draw(spec: FieldSpec, form: Form, within: tuple[str, ...]) -> None:
    path = (*within, spec.name)
    value = form.holder(within).get(spec.name, spec.default)
    if spec.kind is FieldKind.COMPONENT and spec.registry is not None:
        _part(spec, spec.registry, value, form)
    elif spec.column and form.columns and spec.kind is FieldKind.TEXTS:
        _several_columns(spec, path, value, form)
    elif spec.column and form.columns:
        _one_column(spec, path, value, form)
    elif spec.kind is FieldKind.CHOICE:
        _choice(spec, path, value)
    elif spec.kind is FieldKind.FLAG:
        key = _key(path)
        _follow(key, bool(value))
        st.checkbox(spec.name, key=key, help=spec.help, on_change=set_field, args=(path, key))
    elif spec.kind is not FieldKind.MAPPING:
        _text(spec, path, form.holder(within), value)


def _several_columns(spec: FieldSpec, path: tuple[str, ...], value: Any, form: Form) -> None:
    key = _key(path)
    chosen = [value] if isinstance(value, str) else list(value or ())
    _follow(key, chosen)

    def meaning(names: Sequence[str]) -> Any:
        return UNSET if not names else names[0] if len(names) == 1 else list(names)

    options = [*form.columns, *(name for name in chosen if name not in form.columns)]
    st.multiselect(
        spec.name, options, key=key, help=spec.help, placeholder="Choose a column",
        on_change=set_field, args=(path, key, meaning),
    )  # fmt: skip


def _one_column(spec: FieldSpec, path: tuple[str, ...], value: Any, form: Form) -> None:
    key = _key(path)
    _follow(key, value)
    options = [*form.columns, *([value] if value and value not in form.columns else [])]
    st.selectbox(
        spec.name, options, key=key, index=None, help=spec.help,
        placeholder="none" if spec.optional else "Choose a column",
        on_change=set_field, args=(path, key, lambda name: UNSET if name is None else name),
    )  # fmt: skip


def _choice(spec: FieldSpec, path: tuple[str, ...], value: Any) -> None:
    # Not None, which Streamlit (1.67) offers to clear.
    key, shown_value = _key(path), _DEFAULT if value is None else value
    _follow(key, shown_value)
    options = [*([_DEFAULT] if spec.optional else []), *spec.choices]
    st.selectbox(
        spec.name,
        options if shown_value in options else [*options, shown_value],
        key=key,
        help=spec.help,
        format_func=lambda choice: described(spec.name, choice),
        on_change=set_field,
        args=(path, key, lambda choice: UNSET if choice in (_DEFAULT, spec.default) else choice),
    )


def _text(spec: FieldSpec, path: tuple[str, ...], holder: Mapping[str, Any], value: Any) -> None:
    key = _key(path)
    held = state.typed(key)
    if held is None or not in_step(spec, held, holder):
        state.follow(key, shown(value))

    def meaning(text: str) -> Any:
        found = read(spec, text or "")
        return UNSET if found is NO_VALUE else found

    width: int | Literal["stretch"] = max(_NARROW, _LETTER * len(spec.name) + 8) if _is_short(spec) else "stretch"
    st.text_input(
        spec.name, key=key, help=explained(spec), placeholder=shown(spec.default) or "none", autocomplete="off",
        width=width, on_change=set_field, args=(path, key, meaning),
    )  # fmt: skip


def _part(spec: FieldSpec, registry: Registry, value: Any, form: Form) -> None:
    """Draw the kind of a part, and its fields."""
    path, key = (spec.name,), _key((spec.name, "kind"))
    fields = as_fields(value, registry)
    kind = str(fields.get(registry.key))
    _follow(key, kind)
    default = as_fields(spec.default, registry).get(registry.key)
    st.selectbox(
        spec.name,
        list(registry.members) if kind in registry.members else [*registry.members, kind],
        key=key,
        help=spec.help,
        on_change=set_field,
        args=(path, key, lambda chosen: UNSET if chosen == default else {registry.key: chosen}),
    )
    if kind in registry.members:
        st.caption(plain(summary(registry.members[kind])))
        draw_fields(describe(registry.members[kind]), form, within=path)


def _follow(key: str, value: Any) -> None:
    held = state.typed(key)
    if held != value or type(held) is not type(value):
        state.follow(key, value)


def _complain(form: Form, path: tuple[str, ...]) -> None:
    complaint = form.complaints.get(".".join(path))
    # A target that nobody has chosen yet is not an error of theirs.
    if complaint and form.holder(path[:-1]).get(path[-1]) is not None:
        st.markdown(f":red[:small[:material/error: {plain(complaint)}]]")


def _key(path: tuple[str, ...]) -> str:
    return "data.field." + ".".join(path)
