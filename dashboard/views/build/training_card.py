"""The card of training: optimizer, loss, epochs, seed, metrics and callbacks; and the name of the run."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import state
from dashboard.components.markdown import plain
from dashboard.draft import Draft, Validation, smoothing_edits
from dashboard.views.build.component_list import component_list
from dashboard.views.build.fields import Field, draw_field, key_of
from dashboard.views.build.form import component_form, unfold
from dashboard.views.build.kind_select import complain, kind_select
from dashboard.views.build.limits import limits_field
from dashboard.views.build.vary import with_vary
from trainer.config import REGISTRIES, Config, Vary, describe
from trainer.config.check import Edit
from trainer.reproduce import MOST_REPEATS

__all__ = ["naming", "training_card"]

_SPECS = {spec.name: spec for spec in describe(Config)}
_COUNTS = ("epochs", "batch_size", "seed")
_VARYING = {Vary.SEED: "seed", Vary.SPLIT: "seed and split", Vary.FOLD: "seed and fold"}
_NAMES = ("name", "experiment")
_WEIGHTS = "weights"
_MORE = ("class_weight", "precision", "jit_compile")


def training_card(draft: Draft, validation: Validation) -> None:
    """Draw the card."""
    with st.container(border=True, key="panel-training", gap="small"):
        for name in ("optimizer", "loss"):
            _chosen(name, draft, validation)
        _smoothing(draft)
        # A sweep has seeds of its own to confirm its winner, and a time of its own.
        is_sweep = draft.search.on
        _plain_fields(_COUNTS, draft, validation, beside=None if is_sweep else _repeats)
        _more(draft, validation)
        component_list("metrics", draft, validation, title="metrics", explanation=_SPECS["metrics"].help)
        component_list("callbacks", draft, validation, title="callbacks", explanation=_SPECS["callbacks"].help)
        if not is_sweep:
            limits_field()


def _smoothing(draft: Draft) -> None:
    """Draw, under the loss's `More`, the button that adds label smoothing to a loss that has none."""
    edits = smoothing_edits(draft.fields)
    if edits and state.is_open(key_of(("loss",), "more")):
        st.button(
            "Add label smoothing",
            key="loss-smoothing",
            icon=":material/blur_on:",
            type="tertiary",
            help="SparseCategoricalCrossentropy has no `label_smoothing` in Keras. This uses CategoricalCrossentropy "
            "instead, the same loss with one-hot labels, which are made of the integer labels, and smooths them by "
            "0.1.",
            on_click=_edit,
            args=(edits,),
        )


def _edit(edits: tuple[Edit, ...]) -> None:
    state.edit(state.drafts().now.edited(edits))


def naming(draft: Draft, validation: Validation) -> None:
    """Draw the fields for the run's name and its experiment."""
    _plain_fields(_NAMES, draft, validation)


def _more(draft: Draft, validation: Validation) -> None:
    """Draw the rarely used fields under `More`, and the errors of those that are hidden."""
    path = ("training",)
    with st.container(horizontal=True):
        unfold(path, sum(draft.fields.get(name) is not None for name in (*_MORE, _WEIGHTS)))
    if state.is_open(key_of(path, "more")):
        _plain_fields(_MORE, draft, validation)
        _weights(draft, validation)
        return
    for name in (*_MORE, _WEIGHTS):
        complain(draft, validation, (name,))
    for where, what in validation.validation_messages:
        if where.startswith(f"{_WEIGHTS}."):
            st.markdown(f":red[:small[:material/error: **{plain(where)}**: {plain(what)}]]")


def _weights(draft: Draft, validation: Validation) -> None:
    """Draw the choice of the weights to start from, and its fields."""
    registry, part = REGISTRIES[_WEIGHTS], draft.fields.get(_WEIGHTS)
    kind = part.get(registry.key) if isinstance(part, Mapping) else None
    kind_select(registry, (_WEIGHTS,), kind, label=_WEIGHTS, nothing="none", help=_SPECS[_WEIGHTS].help)
    complain(draft, validation, (_WEIGHTS,))
    cls = registry.members.get(str(kind))
    if cls is not None:
        component_form(cls, (_WEIGHTS,), draft, validation)


def _repeats() -> None:
    st.number_input(
        "repeats",
        1,
        MOST_REPEATS,
        1,
        key=state.REPEATS,
        width=130,
        help="Number of runs to queue; their seeds are seed, seed + 1, and so on. "
        "Repeats show how much the results vary by chance.",
    )
    if state.build.repeats > 1:
        st.selectbox(
            "varying",
            list(Vary),
            format_func=_VARYING.__getitem__,
            key=state.VARY,
            width=150,
            help="If the split also varies, the results show how much they depend on which samples are used for "
            "training, validation and testing; the split seeds are split_seed, split_seed + 1, and so on. If the fold "
            "varies, the data are divided into as many folds as there are repeats, and each run is tested on one.",
        )


def _chosen(name: str, draft: Draft, validation: Validation) -> None:
    registry = REGISTRIES[name]
    part = draft.part((name,))
    kind = part.get(registry.key)
    field = Field(spec=_SPECS[name], path=(), holder=draft.fields)
    with_vary(field, lambda: kind_select(registry, (name,), kind, label=name, help=_SPECS[name].help))
    complain(draft, validation, (name,))
    cls = registry.members.get(str(kind))
    if cls is not None:
        component_form(cls, (name,), draft, validation)


def _plain_fields(
    names: tuple[str, ...], draft: Draft, validation: Validation, *, beside: Callable[[], None] | None = None
) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name in names:
            _draw(Field(spec=_SPECS[name], path=(), holder=draft.fields))
        if beside:
            beside()
    for name in names:
        complain(draft, validation, (name,))


def _draw(field: Field) -> None:
    with_vary(field, lambda: draw_field(field))
