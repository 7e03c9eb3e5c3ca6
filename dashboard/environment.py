"""Environment variables that `fitboard up` sets for the dashboard's process."""

__all__ = ["HOST_IN_LINK", "MLFLOW_LINK", "MLFLOW_UI", "OIDC", "PASSWORD", "SIGN_IN"]

MLFLOW_UI = "FITBOARD_MLFLOW_UI"
"""The variable for the URL of MLflow's UI on this machine."""

MLFLOW_LINK = "FITBOARD_MLFLOW_LINK"
"""The variable for the URL of MLflow's UI as browsers reach it, used in links; may contain `HOST_IN_LINK`."""

SIGN_IN = "FITBOARD_SIGN_IN"
"""The variable for how people sign in: `PASSWORD`, `OIDC`, or empty where nobody has to."""

PASSWORD, OIDC = "password", "oidc"

HOST_IN_LINK = "{host}"
"""Placeholder for the host name in the browser's address bar."""
