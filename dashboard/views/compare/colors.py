"""The choice of what the colours of runs show in charts of settings."""

from collections.abc import Sequence

import streamlit as st

from dashboard.state import CompareKey
from dashboard.views.compare.setting_table import SettingTable
from trainer.comparison import Variable

__all__ = ["OWN", "color_choice"]

OWN = "run"
"""The choice of the runs' own colors."""


def color_choice(table: SettingTable, metrics: Sequence[str]) -> Variable | None:
    """Draw the choice; None if runs keep the colours that they have everywhere."""
    names = [OWN, table.target.name, *(each.name for each in table.settings)]
    options = dict.fromkeys([*names, *metrics])
    found = st.selectbox("Color", list(options), index=1, key=CompareKey.COLOR, bind="query-params", width=220)
    return None if found == OWN else table.variable(found)
