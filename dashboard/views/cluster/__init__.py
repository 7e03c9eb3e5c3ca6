"""Cluster: machines, what runs on them, and what waits."""

from dashboard.views.cluster.page import render

__all__ = ["render"]
