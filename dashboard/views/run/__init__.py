"""The page of one run."""

from dashboard.views.run.page import render

__all__ = ["render"]
