"""The list of sweeps."""

from dashboard.views.sweeps.page import render

__all__ = ["render"]
