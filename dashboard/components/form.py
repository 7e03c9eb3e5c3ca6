"""The form of a part: its fields in a row, what is wrong below it, what is seldom needed folded into `More`."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.fields import Field, draw_field, key_of
from dashboard.components.text import plain
from dashboard.draft import UNSET, Draft, Path, Verdict, as_fields, change_kind
from trainer.config import Family, FieldKind, FieldSpec, Part, describe

__all__ = ["complain", "kind_select", "part_form"]

_NONE = "none"
_CONSTANT = "constant"
_FIRST_RATE = "initial_learning_rate"


def part_form(cls: type[Part], path: Path, draft: Draft, verdict: Verdict, *, folded: Sequence[str] = ()) -> None:
    """Draws the form of the part at a path.

    Args:
        cls: the part's class, whose fields are drawn.
        path: where the part is in the draft.
        draft: the draft.
        verdict: what the schema says of it; complaints stand below their field.
        folded: names of fields that are folded away beside the advanced ones.
    """
    specs = describe(cls)
    advanced = [spec for spec in specs if spec.advanced or spec.name in folded]
    usual = [spec for spec in specs if spec not in advanced]
    holder = draft.part(path)
    changed = sum(spec.name in holder for spec in advanced)
    _row(usual, path, draft, verdict, folded=changed if advanced else None)
    if state.is_open(key_of(path, "more")):
        _row(advanced, path, draft, verdict)
    else:
        for spec in advanced:
            complain(draft, verdict, (*path, spec.name))


def kind_select(family: Family, path: Path, kind: str | None, *, label: str, **options: Any) -> None:
    """Chooses the kind of the part at a path; `none` or `constant` where the part may be left out."""
    nothing: str | None = options.pop("nothing", None)
    key = key_of(path, "kind")
    shown = kind or nothing
    if state.typed(key) != shown:
        state.follow(key, shown)
    st.selectbox(
        label,
        [*([nothing] if nothing else []), *options.pop("kinds", family.members)],
        key=key,
        on_change=_choose,
        args=(family, path, key),
        **options,
    )


def complain(draft: Draft, verdict: Verdict, path: Path) -> None:
    """What is wrong with the field or the part at a path, where something is."""
    complaint = verdict.at(draft.where(path))
    if complaint:
        st.markdown(f":red[:small[:material/error: **{plain(path[-1])}**: {plain(complaint)}]]")


def _choose(family: Family, path: Path, key: str) -> None:
    """Changes the kind; a constant rate and a schedule's first rate become one another."""
    draft, kind = state.drafts().now, state.typed(key)
    part = draft.part(path)
    if kind not in family.members:
        state.edit(draft.change(path, part.get(_FIRST_RATE, UNSET)))
        return
    value = draft.value(path)
    fields = change_kind(part, family, kind)
    if isinstance(value, int | float) and _FIRST_RATE in fields:
        fields[_FIRST_RATE] = value
    state.edit(draft.change(path, fields))


def _row(specs: Sequence[FieldSpec], path: Path, draft: Draft, verdict: Verdict, *, folded: int | None = None) -> None:
    """Fields beside one another, complaints below them, then parts. `folded` counts what `More` hides."""
    holder = draft.part(path)
    simple = [spec for spec in specs if spec.kind is not FieldKind.PART]
    if simple or folded is not None:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for spec in simple:
                _draw(Field(spec=spec, path=path, holder=holder))
            if folded is not None:
                _unfold(path, folded)
    for spec in simple:
        complain(draft, verdict, (*path, spec.name))
        value = holder.get(spec.name, spec.default)
        if spec.kind is FieldKind.RATE and spec.family and isinstance(value, dict):
            _inner(spec.family, as_fields(value, spec.family), (*path, spec.name), draft, verdict)
    parts = [Field(spec=spec, path=path, holder=holder) for spec in specs if spec.kind is FieldKind.PART]
    if parts:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            for field in parts:
                _choose_part(field)
    for field in parts:
        complain(draft, verdict, field.own_path)
        if field.value is not None and field.spec.family:
            _inner(field.spec.family, as_fields(field.value, field.spec.family), field.own_path, draft, verdict)


def _unfold(path: Path, changed: int) -> None:
    """The button that shows or hides the advanced fields, and says how many of them are set."""
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
    """A value; for a rate, the value or its schedule's kind."""
    family = field.spec.family
    if field.spec.kind is not FieldKind.RATE or family is None:
        draw_field(field)
        return
    scheduled = isinstance(field.value, dict | Part)
    if not scheduled:
        draw_field(field)
    kind = as_fields(field.value, family).get(family.key) if scheduled else None
    kind_select(
        family,
        field.own_path,
        kind,
        label="schedule" if not scheduled else field.spec.name,
        nothing=_CONSTANT,
        help="A schedule changes the learning rate with the number of updates. Constant leaves it as it is.",
        width=180,
    )


def _choose_part(field: Field) -> None:
    family = field.spec.family
    if family is None:
        return
    kind = as_fields(field.value, family).get(family.key) if field.value is not None else None
    kind_select(
        family,
        field.own_path,
        kind,
        label=field.spec.name,
        nothing=_NONE if field.spec.optional else None,
        help=field.spec.help,
        width=180,
    )


def _inner(family: Family, value: dict[str, Any], path: Path, draft: Draft, verdict: Verdict) -> None:
    cls = family.members.get(str(value.get(family.key)))
    if cls is not None and describe(cls):
        with st.container(key=f"inner-{key_of(path, 'part')}", gap="xsmall"):
            st.caption(f"{plain(path[-1])}: {plain(value[family.key])}")
            part_form(cls, path, draft, verdict)
