"""Build: choose data, stack layers, see at once what they make, train."""

from dashboard.views.build.page import render

__all__ = ["render"]
