"""Vary a setting in a sweep: the switch beside its field, and its values, which take the place of the field."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import (
    NUMERIC,
    SCALES,
    Path,
    Scale,
    can_vary,
    common_first,
    described,
    explained,
    first_domain,
    place_name,
    read_bound,
    read_options,
    scale_of,
    shown_bound,
    shown_options,
    with_scale,
)
from dashboard.views.build.fields import Field, key_of
from dashboard.views.build.vary_kinds import kinds_editor
from dashboard.views.build.vary_parts import small_button, value_field
from trainer.config import FieldKind, FieldSpec

__all__ = ["vary_switch", "with_vary"]

_NONE = "none"
_HELP = {
    "low": "Smallest value.",
    "high": "Largest value.",
    "step": "Distance between two values.",
}
# Metrics measure the trials, which could then not be compared.
_NOT_HERE = frozenset({"metrics"})


def with_vary(field: Field, draw: Callable[[], None]) -> None:
    """Draw a field with its switch while Build shows a sweep, and the values instead of the field if it varies."""
    draft, path = state.drafts().now, field.own_path
    if not draft.search.on or path[0] in _NOT_HERE or not can_vary(field.spec, path):
        draw()
        return
    domain = draft.search.domains.get(path)
    # Other fields have a width of their own, but the choice of an optimizer takes the whole row.
    is_wide = field.spec.kind is FieldKind.COMPONENT and (domain is not None or not field.path)
    with st.container(
        horizontal=True,
        vertical_alignment="top" if is_wide and domain is not None else "bottom",
        gap=None if domain is None else "xsmall",
        width="stretch" if is_wide else "content",
        key=f"{'fixed' if domain is None else 'varies'}-{key_of(path, 'vary')}",
    ):
        if domain is None:
            draw()
        else:
            _editor(field, domain)
        vary_switch(path, None if domain is not None else first_domain(field.spec, field.value))


def vary_switch(path: Path, begin: Any | None) -> None:
    """Draw the button that makes the setting at a path vary, beginning with these values, or with None fixes it."""
    draft = state.drafts().now
    where = place_name(draft.where(path), draft.fields)
    small_button(
        f"Vary {where}" if begin is not None else f"Stop varying {where}",
        key=f"vary-{key_of(path, 'switch')}",
        icon=":material/tune:" if begin is not None else ":material/close:",
        tip="Vary in the sweep" if begin is not None else "Stop varying",
        on_click=_vary,
        args=(path, begin),
    )


def _vary(path: Path, domain: Any | None) -> None:
    state.edit(state.drafts().now.vary(path, domain))


def _editor(field: Field, domain: Any) -> None:
    spec = field.spec
    if spec.kind is FieldKind.COMPONENT and spec.registry is not None and isinstance(domain, list):
        kinds_editor(spec.registry, field.own_path, domain, label=spec.name, optional=spec.optional)
    elif spec.kind in NUMERIC:
        _numbers(field, domain)
    elif spec.kind is FieldKind.CHOICE and isinstance(domain, list):
        _choices(field, domain)
    elif spec.kind is FieldKind.FLAG and domain in ([False, True], [True, False]):
        st.markdown(f"{plain(spec.name)}: true or false", help=explained(spec))
    else:
        _options(field, domain, spec.name)


def _numbers(field: Field, domain: Any) -> None:
    """Draw the scale of a number, and its ends or its values."""
    spec, scale = field.spec, scale_of(domain)
    key = key_of(field.own_path, "scale")
    if state.typed(key) != scale:
        state.follow(key, scale)
    st.selectbox(
        spec.name,
        list(Scale),
        key=key,
        help=f"{explained(spec)} {SCALES}",
        width=_width(spec),
        on_change=_change,
        args=(field.own_path, key, lambda held, now: with_scale(now, Scale(held), whole=spec.whole)),
    )
    if scale is Scale.LIST:
        _options(field, domain, "values")
        return
    for name in ("low", "high", *(["step"] if scale is Scale.STEP else [])):
        _bound(field, domain, name)


def _bound(field: Field, domain: Mapping[str, Any], name: str) -> None:
    key = key_of(field.own_path, name)
    value_field(
        name,
        domain.get(name),
        key=key,
        read=read_bound,
        show=shown_bound,
        on_change=_change,
        args=(field.own_path, key, lambda typed, now: _with_bound(now, name, read_bound(typed or ""))),
        help=_HELP[name],
        live="60ms",
        width=80,
    )


def _with_bound(domain: Any, name: str, value: Any) -> Any:
    given = dict(domain) if isinstance(domain, Mapping) else {}
    # An end that is missing is an error of its own; a step that is would be another scale.
    return {**given, name: "" if value is None and name == "step" else value}


def _options(field: Field, domain: Any, label: str) -> None:
    """Draw the values as a list to type in."""
    key = key_of(field.own_path, "values")
    value_field(
        label,
        list(domain) if isinstance(domain, list | tuple) else [domain],
        key=key,
        read=read_options,
        show=shown_options,
        on_change=_change,
        args=(field.own_path, key, lambda typed, _: read_options(typed or "")),
        help="Values separated by commas.",
        placeholder="such as 16, 32, 64",
        live="60ms",
        width=190,
    )


def _choices(field: Field, domain: list[Any]) -> None:
    spec, key = field.spec, key_of(field.own_path, "choices")
    # A text stands for None, which Streamlit takes for no choice.
    shown = [_NONE if choice is None else choice for choice in domain]
    if state.typed(key) != shown:
        state.follow(key, shown)
    every = [*common_first(spec.name, spec.choices), *([_NONE] if spec.optional else [])]
    st.multiselect(
        spec.name,
        list(dict.fromkeys([*every, *shown])),
        key=key,
        help=explained(spec),
        format_func=lambda choice: described(spec.name, choice),
        placeholder="Choose at least two",
        width=270,
        on_change=_change,
        args=(field.own_path, key, lambda chosen, _: [_meant(spec, choice) for choice in chosen]),
    )


def _meant(spec: FieldSpec, choice: Any) -> Any:
    return None if spec.optional and choice == _NONE and _NONE not in spec.choices else choice


def _change(path: Path, key: str, meaning: Callable[[Any, Any], Any]) -> None:
    """Set the values of a setting to what a widget means, given its state and the present values."""
    if state.is_echo(key):
        return
    draft = state.drafts().now
    now = draft.search.domains.get(path)
    # A second change may arrive after the one that ended the variation.
    if now is not None:
        theme = "vary/" + "/".join(map(str, path))
        state.edit(draft.vary(path, meaning(state.typed(key), now)), theme=theme)


def _width(spec: FieldSpec) -> int:
    return max(96, 7 * len(spec.name) + 8)
