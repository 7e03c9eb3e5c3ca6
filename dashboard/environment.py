"""Environment variables that `fitboard up` sets for the dashboard's process."""

__all__ = ["HOST_IN_LINK", "MLFLOW_LINK", "MLFLOW_UI"]

MLFLOW_UI = "FITBOARD_MLFLOW_UI"
"""The variable for the URL of MLflow's UI on this machine."""

MLFLOW_LINK = "FITBOARD_MLFLOW_LINK"
"""The variable for the URL of MLflow's UI as browsers reach it, used in links; may contain `HOST_IN_LINK`."""

HOST_IN_LINK = "{host}"
"""Placeholder for the host name in the browser's address bar."""
