"""Data: look into a file or folder, fix its problems, and keep it under a name."""

from dashboard.views.data.page import render

__all__ = ["render"]
