"""Compare: the curves, results and differences of several runs."""

from dashboard.views.compare.page import render

__all__ = ["render"]
