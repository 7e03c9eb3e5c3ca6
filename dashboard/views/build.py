"""Build: choose data, stack layers, see at once what they make, train."""

import streamlit as st

__all__ = ["render"]


def render() -> None:
    """Draws the page."""
    st.title("Build")
