"""The page's entry: configuration, navigation, nothing else."""

import streamlit as st

from dashboard.navigation import navigate
from dashboard.theme import ICON, apply_theme

st.set_page_config(page_title="Fitboard", page_icon=str(ICON), layout="wide")
apply_theme()
navigate().run()
