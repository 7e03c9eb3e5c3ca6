"""Completions of keys under the search box of Runs: `metrics.val_loss`, `params.optimizer`, `status`."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard.browser_part import browser_part
from dashboard.state import RunsKey
from trainer.config import ranked_metrics
from trainer.tracking import FILTER_ATTRIBUTES, filter_key

__all__ = ["completions", "offered_keys"]

_HERE = Path(__file__).parent
_component = browser_part(
    "fitboard_completions",
    _HERE,
    "completions.css",
    "completions.js",
    # The search box refers to the list by its id.
    html='<ul class="fitboard-completions" id="fitboard-completions" role="listbox" aria-label="Keys" hidden></ul>',
)
_MOST_KEYS = 5_000


def completions(columns: Sequence[tuple[str, str]]) -> None:
    """Offer the keys while one is typed into the search box.

    Args:
        columns: every (kind, name) in the store.
    """
    with st.container(key="runs-completions"):
        _component(
            key="runs.completions", data={"box": f".st-key-{RunsKey.SEARCH} input", "keys": offered_keys(columns)}
        )


def offered_keys(columns: Sequence[tuple[str, str]]) -> list[str]:
    """Return the keys as a filter writes them, at most 5,000: results first, then params, tags and attributes."""
    names = {kind: [name for each, name in columns if each == kind] for kind in ("metric", "param", "tag")}
    ranked = ranked_metrics(names["metric"])
    ordered = {**names, "metric": [*ranked, *(name for name in names["metric"] if name not in set(ranked))]}
    keys = [filter_key(kind, name) for kind, some in ordered.items() for name in some]
    return [key for key in (*keys, *FILTER_ATTRIBUTES) if key is not None][:_MOST_KEYS]
