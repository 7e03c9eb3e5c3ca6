"""Runs: all runs of the store, live."""

from dashboard.views.runs.page import render

__all__ = ["render"]
