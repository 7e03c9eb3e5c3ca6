"""The page of one sweep."""

from dashboard.views.sweep.page import render

__all__ = ["render"]
