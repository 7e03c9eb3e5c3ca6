"""How the network is trained: loss, optimizer, metrics, epochs, seed, callbacks, and the run's name."""

from collections.abc import Callable

import streamlit as st

from dashboard import state
from dashboard.components.fields import Field, draw_field
from dashboard.components.form import complain, kind_select, part_form
from dashboard.components.limits import limits_field
from dashboard.components.parts_list import parts_list
from dashboard.draft import Draft, Verdict
from trainer.config import FAMILIES, Config, describe
from trainer.reproduce import MOST_REPEATS

__all__ = ["naming", "training_card"]

_SPECS = {spec.name: spec for spec in describe(Config)}
_COUNTS = ("epochs", "batch_size", "seed")
_NAMES = ("name", "experiment")


def training_card(draft: Draft, verdict: Verdict) -> None:
    """Draws the card."""
    with st.container(border=True, key="panel-training", gap="small"):
        for name in ("optimizer", "loss"):
            _chosen(name, draft, verdict)
        _plain_fields(_COUNTS, draft, verdict, beside=_repeats)
        parts_list("metrics", draft, verdict, title="metrics", explanation=_SPECS["metrics"].help)
        parts_list("callbacks", draft, verdict, title="callbacks", explanation=_SPECS["callbacks"].help)
        limits_field()


def naming(draft: Draft, verdict: Verdict) -> None:
    """The run's name and its experiment."""
    _plain_fields(_NAMES, draft, verdict)


def _repeats() -> None:
    st.number_input(
        "repeats", 1, MOST_REPEATS, 1, key=state.REPEATS, width=150,
        help="Train queues so many runs, with the seeds seed, seed + 1, …: how much of a result is luck.",
    )  # fmt: skip


def _chosen(name: str, draft: Draft, verdict: Verdict) -> None:
    family = FAMILIES[name]
    part = draft.part((name,))
    kind = part.get(family.key)
    kind_select(family, (name,), kind, label=name, help=_SPECS[name].help)
    complain(draft, verdict, (name,))
    cls = family.members.get(str(kind))
    if cls is not None:
        part_form(cls, (name,), draft, verdict)


def _plain_fields(
    names: tuple[str, ...], draft: Draft, verdict: Verdict, *, beside: Callable[[], None] | None = None
) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name in names:
            draw_field(Field(spec=_SPECS[name], path=(), holder=draft.fields))
        if beside:
            beside()
    for name in names:
        complain(draft, verdict, (name,))
