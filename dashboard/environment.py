"""What `fitboard up` tells the dashboard's process by its environment."""

__all__ = ["HOST_IN_LINK", "MLFLOW_LINK", "MLFLOW_UI"]

MLFLOW_UI = "FITBOARD_MLFLOW_UI"
"""Where this machine reaches MLflow's own pages."""

MLFLOW_LINK = "FITBOARD_MLFLOW_LINK"
"""The address that links to them begin with, as browsers reach it; may hold `HOST_IN_LINK`."""

HOST_IN_LINK = "{host}"
"""Stands for the host name by which a browser reaches the dashboard."""
