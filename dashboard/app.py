"""The page's entry: configuration, navigation, nothing else."""

import streamlit as st

from dashboard.navigation import navigate
from dashboard.theme import apply_theme

st.set_page_config(page_title="Fitboard", page_icon=":material/monitoring:", layout="wide")
apply_theme()
navigate().run()
