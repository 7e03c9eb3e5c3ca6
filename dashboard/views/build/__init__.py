"""Build: choose a dataset, stack layers, see their shapes and sizes, and train."""

from dashboard.views.build.page import render
from dashboard.views.build.saved_draft import keep_draft

__all__ = ["keep_draft", "render"]
