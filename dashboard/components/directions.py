"""Which way metrics are better, where their names do not say it or say it wrongly."""

from collections.abc import Iterable

import streamlit as st

from dashboard import state
from dashboard.state import DirectionKey
from trainer.config import Directions, MetricName

__all__ = ["choose_directions"]


def choose_directions(names: Iterable[str]) -> Directions:
    """Draws the choice among these metrics, which stands in the address: `higher=reward&lower=cost`."""
    bases = sorted({found.base for name in names if (found := MetricName.of(name)).is_result})
    return Directions.of(
        _chosen("More is better", DirectionKey.HIGHER, bases), _chosen("Less is better", DirectionKey.LOWER, bases)
    )


def _chosen(label: str, key: DirectionKey, bases: list[str]) -> list[str]:
    return st.multiselect(
        label, list(dict.fromkeys([*bases, *state.asked(key)])), key=key, bind="query-params",
        placeholder="As the name says", width=320,
        help="Of metrics whose names do not say which way is better, and of those whose names say it wrongly. "
        "Holds for the validation and the test part too.",
    )  # fmt: skip
