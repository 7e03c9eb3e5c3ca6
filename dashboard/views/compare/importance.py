"""The importances of settings for a metric, or the reason why there are none."""

import streamlit as st

from dashboard.charts.importance import importance_drawing, importance_table
from dashboard.components.live_chart import chart
from dashboard.components.markdown import plain
from dashboard.loaders.importances import importances_of
from dashboard.views.compare.setting_table import SettingTable
from trainer.format import count, counted
from trainer.statistics import FEWEST_RUNS, METHOD, RESAMPLES
from trainer.tracking import Status

__all__ = ["draw_importances"]

# A thousand params would take minutes.
_MOST_SETTINGS = 40


def draw_importances(table: SettingTable) -> None:
    """Draw the importances over the finished runs."""
    places = [place for place, run in enumerate(table.runs) if run.status is Status.FINISHED]
    metric = plain(table.target.name)
    if len(places) < FEWEST_RUNS:
        st.markdown(
            f"Importances need at least {counted(FEWEST_RUNS, 'finished run')} with a finite {metric}, got "
            f"{count(len(places))}: with fewer, the order of settings would be mostly chance."
        )
        return
    settings = table.settings[:_MOST_SETTINGS]
    params = [{each.name: text for each in settings if (text := each.texts[place]) is not None} for place in places]
    values = [(table.target.numbers or ())[place] for place in places]
    found = importances_of(table.target.name, [table.runs[place].run_id for place in places], params, values)
    if found is None:
        st.markdown(f"There are no importances: all finished runs have the same {metric}, or the same params.")
        return
    chart(importance_drawing(found), key="compare.importance", table=lambda: importance_table(found))
    if len(settings) < len(table.settings):
        st.caption(f"The first {count(len(settings))} of {count(len(table.settings))} settings are ranked.")
    st.caption(
        f"By {METHOD}, over {counted(len(places), 'finished run')}: how far R² of a model that predicts {metric} drops "
        "when the values of a setting are shuffled. The lines are 95 % bootstrap intervals over "
        f"{counted(RESAMPLES, 'resample')} of the runs (seed 0). If an interval includes 0, the setting may have no "
        "effect. A setting that varied little ranks low, whatever its effect."
    )
