"""The form of a part: its fields in a row, their errors below, and advanced fields under `More`."""

import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import UNSET, Draft, Path, Validation, as_fields, change_kind, described_kind
from dashboard.views.build.fields import Field, draw_field, key_of
from trainer.config import Component, FieldKind, FieldSpec, Registry, describe

__all__ = ["complain", "component_form", "kind_select", "unfold"]

_NONE = "none"
_CONSTANT = "constant"
_FIRST_RATE = "initial_learning_rate"


def component_form(
    cls: type[Component],
    path: Path,
    draft: Draft,
    validation: Validation,
    *,
    folded: Sequence[str] = (),
    hidden: Sequence[str] = (),
) -> None:
    """Draw the form of the part at a path.

    Args:
        cls: the class of the part, whose fields are drawn.
        path: the path of the part in the draft.
        draft: the draft.
        validation: the errors of the draft; each is shown below its field.
        folded: names of fields that are hidden under `More` along with the advanced ones.
        hidden: names of fields that are not drawn unless they are set.
    """
    holder = draft.part(path)
    specs = [spec for spec in describe(cls) if spec.name not in hidden or spec.name in holder]
    advanced = [spec for spec in specs if spec.advanced or spec.name in folded]
    usual = [spec for spec in specs if spec not in advanced]
    changed = sum(spec.name in holder for spec in advanced)
    _row(usual, path, draft, validation, folded=changed if advanced else None)
    if state.is_open(key_of(path, "more")):
        _row(advanced, path, draft, validation)
    else:
        # An error in a hidden field is still shown.
        for spec in advanced:
            complain(draft, validation, (*path, spec.name))


def kind_select(registry: Registry, path: Path, kind: str | None, *, label: str, **options: Any) -> None:
    """Draw the select box for the kind of the part at a path; an optional part also offers `none` or `constant`."""
    nothing: str | None = options.pop("nothing", None)
    key = key_of(path, "kind")
    shown = kind or nothing
    if state.typed(key) != shown:
        state.follow(key, shown)
    st.selectbox(
        label,
        [*([nothing] if nothing else []), *options.pop("kinds", registry.members)],
        key=key,
        format_func=lambda each: described_kind(registry, each),
        on_change=_choose,
        args=(registry, path, key),
        **options,
    )


def complain(draft: Draft, validation: Validation, path: Path) -> None:
    """Draw the error of the field or part at a path, if there is one, and a red frame around the field."""
    complaint = validation.at(draft.where(path))
    if complaint:
        # Streamlit's widgets (1.67) take no error message, so a style rule frames the field.
        st.html(f"<style>{_marked(path)} {{ outline: 1.5px solid rgb(255, 75, 75); outline-offset: -1px; }}</style>")
        st.markdown(f":red[:small[:material/error: **{plain(path[-1])}**: {plain(complaint)}]]")


def _marked(path: Path) -> str:
    """Return the CSS selector of the boxes of the widgets at a path, whatever their kind.

    A path consists of field names of the schema and ids of cards, so it never contains text that a user typed.
    """
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", key_of(path, "" if isinstance(path[-1], str) else "kind"))
    return f'[class*="st-key-{name}"] :is([data-baseweb="input"], [data-baseweb="select"], textarea)'


def _choose(registry: Registry, path: Path, key: str) -> None:
    """Change the kind; a constant rate becomes the initial rate of a schedule, and vice versa."""
    if state.is_echo(key):
        return
    draft, kind = state.drafts().now, state.typed(key)
    part = draft.part(path)
    if kind not in registry.members:
        state.edit(draft.change(path, part.get(_FIRST_RATE, UNSET)))
        return
    value = draft.value(path)
    fields = change_kind(part, registry, kind)
    if isinstance(value, int | float) and _FIRST_RATE in fields:
        fields[_FIRST_RATE] = value
    state.edit(draft.change(path, fields))


def _row(
    specs: Sequence[FieldSpec], path: Path, draft: Draft, validation: Validation, *, folded: int | None = None
) -> None:
    """Draw fields side by side, their errors below, then nested parts; `folded` counts the set fields under `More`."""
    holder = draft.part(path)
    simple = [spec for spec in specs if spec.kind is not FieldKind.COMPONENT]
    if simple or folded is not None:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for spec in simple:
                _draw(Field(spec=spec, path=path, holder=holder))
            if folded is not None:
                unfold(path, folded)
    for spec in simple:
        complain(draft, validation, (*path, spec.name))
        value = holder.get(spec.name, spec.default)
        if spec.kind is FieldKind.RATE and spec.registry and isinstance(value, dict):
            _inner(spec.registry, as_fields(value, spec.registry), (*path, spec.name), draft, validation)
    parts = [Field(spec=spec, path=path, holder=holder) for spec in specs if spec.kind is FieldKind.COMPONENT]
    if parts:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for field in parts:
                _choose_part(field)
    for field in parts:
        complain(draft, validation, field.own_path)
        if field.value is not None and field.spec.registry:
            _inner(field.spec.registry, as_fields(field.value, field.spec.registry), field.own_path, draft, validation)


def unfold(path: Path, changed: int) -> None:
    """Draw the button that shows or hides the advanced fields, with the number of those that are set."""
    key = key_of(path, "more")
    st.button(
        "Less" if state.is_open(key) else f"More · {changed} set" if changed else "More",
        key=f"{key}-button",
        icon=":material/expand_less:" if state.is_open(key) else ":material/expand_more:",
        type="tertiary",
        on_click=state.toggle,
        args=(key,),
    )


def _draw(field: Field) -> None:
    """Draw a value; for a rate, the value or the kind of its schedule."""
    registry = field.spec.registry
    if field.spec.kind is not FieldKind.RATE or registry is None:
        draw_field(field)
        return
    scheduled = isinstance(field.value, dict | Component)
    if not scheduled:
        draw_field(field)
    kind = as_fields(field.value, registry).get(registry.key) if scheduled else None
    kind_select(
        registry,
        field.own_path,
        kind,
        label="schedule" if not scheduled else field.spec.name,
        nothing=_CONSTANT,
        help="A schedule changes the learning rate during training; constant keeps it fixed.",
        width=180,
    )


def _choose_part(field: Field) -> None:
    registry = field.spec.registry
    if registry is None:
        return
    kind = as_fields(field.value, registry).get(registry.key) if field.value is not None else None
    kind_select(
        registry,
        field.own_path,
        kind,
        label=field.spec.name,
        nothing=_NONE if field.spec.optional else None,
        help=field.spec.help,
        width=180,
    )


def _inner(registry: Registry, value: dict[str, Any], path: Path, draft: Draft, validation: Validation) -> None:
    cls = registry.members.get(str(value.get(registry.key)))
    if cls is not None and describe(cls):
        with st.container(key=f"inner-{key_of(path, 'part')}", gap="xsmall"):
            st.caption(f"{plain(path[-1])}: {plain(value[registry.key])}")
            component_form(cls, path, draft, validation)
