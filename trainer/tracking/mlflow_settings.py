"""Import MLflow without telemetry, printed addresses or long retries, and the package before its submodules."""

import logging
import os
from collections.abc import MutableMapping

__all__ = ["load_mlflow", "quieten", "set_environment"]

# The recorder retries by itself; MLflow's default, up to five minutes of retries, would freeze a page.
_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    "GIT_PYTHON_REFRESH": "quiet",
}


_LEVELS = {"mlflow": logging.ERROR, "alembic": logging.ERROR, "mlflow.store.db.utils": logging.CRITICAL}


def set_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what MLflow reads from the environment, without touching what a person has set."""
    for name, value in _SETTINGS.items():
        environment.setdefault(name, value)


def load_mlflow() -> None:
    """Import MLflow's package, about 3 s the first time, before any part of it is imported.

    Of two threads that begin with different parts each holds the lock of its own part while it waits for the package;
    Python ends that deadlock by failing both.
    """
    set_environment()
    import mlflow  # noqa: F401 - for what it does

    quieten()


def quieten() -> None:
    """Keep MLflow's notes and tracebacks out of the terminal; its errors are raised too, and translated."""
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        # Called before every question to the store, and `setLevel` clears the caches of all loggers.
        if logger.level != level:
            logger.setLevel(level)
