"""The form of a part: its fields in a row, their errors below, and advanced fields under `More`."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import Draft, Path, Validation, as_fields
from dashboard.views.build.column_fields import draw_column_field, file_columns
from dashboard.views.build.fields import Field, draw_field, key_of
from dashboard.views.build.kind_select import complain, kind_select
from dashboard.views.build.nested_stack import nested_stack
from dashboard.views.build.vary import with_vary
from trainer.config import Component, FieldKind, FieldSpec, Registry, describe

__all__ = ["component_form", "unfold"]

_NONE = "none"
_CONSTANT = "constant"


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


def _row(
    specs: Sequence[FieldSpec], path: Path, draft: Draft, validation: Validation, *, folded: int | None = None
) -> None:
    """Draw fields side by side, their errors below, then nested parts; `folded` counts the set fields under `More`."""
    holder = draft.part(path)
    simple = [spec for spec in specs if spec.kind not in {FieldKind.COMPONENT, FieldKind.COMPONENTS}]
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
    for spec in specs:
        if spec.kind is FieldKind.COMPONENTS and spec.registry:
            complain(draft, validation, (*path, spec.name))
            nested_stack(Field(spec=spec, path=path, holder=holder), draft, validation, form=component_form)
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
        if columns := file_columns(field):
            draw_column_field(field, columns)
        else:
            with_vary(field, lambda: draw_field(field))
        return
    scheduled = isinstance(field.value, dict | Component)
    if not scheduled:
        with_vary(field, lambda: draw_field(field))
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
    with_vary(
        field,
        lambda: kind_select(
            registry,
            field.own_path,
            kind,
            label=field.spec.name,
            nothing=_NONE if field.spec.optional else None,
            help=field.spec.help,
            width=180,
        ),
    )


def _inner(registry: Registry, value: dict[str, Any], path: Path, draft: Draft, validation: Validation) -> None:
    cls = registry.members.get(str(value.get(registry.key)))
    if cls is not None and describe(cls):
        with st.container(key=f"inner-{key_of(path, 'part')}", gap="xsmall"):
            st.caption(f"{plain(path[-1])}: {plain(value[registry.key])}")
            component_form(cls, path, draft, validation)
