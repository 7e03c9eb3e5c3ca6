"""Actions: who did what, for those who administer."""

from dashboard.views.actions.page import render

__all__ = ["render"]
