"""Runs: all runs of the store, updated live."""

from dashboard.views.runs.page import render

__all__ = ["render"]
