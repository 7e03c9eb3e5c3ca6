"""The choice of whether higher or lower values of a metric are better, for metrics whose name does not tell."""

from collections.abc import Iterable

import streamlit as st

from dashboard import state
from dashboard.state import DirectionKey
from trainer.config import Directions, MetricName

__all__ = ["choose_directions"]


def choose_directions(names: Iterable[str]) -> Directions:
    """Draw the choice for these metrics; the address keeps it as `higher=reward&lower=cost`."""
    bases = sorted({found.base for name in names if (found := MetricName.of(name)).is_result})
    return Directions.of(
        _chosen("Higher is better", DirectionKey.HIGHER, bases), _chosen("Lower is better", DirectionKey.LOWER, bases)
    )


def _chosen(label: str, key: DirectionKey, bases: list[str]) -> list[str]:
    # A metric in the address is an option even if no run has it: Streamlit (1.67) silently drops values that are not.
    return st.multiselect(
        label, list(dict.fromkeys([*bases, *state.asked(key)])), key=key, bind="query-params",
        placeholder="Inferred from name", width=320,
        help="For metrics whose direction cannot be inferred from the name. "
        "Also applies to their validation and test values.",
    )  # fmt: skip
