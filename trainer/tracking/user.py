"""Whose runs are whose: MLflow's tag with the user, and the user of this process."""

import contextlib
import getpass

__all__ = ["USER_TAG", "this_user"]

USER_TAG = "mlflow.user"
"""MLflow's tag with the user to whom a run belongs."""


def this_user() -> str:
    """Return the user of this process as the operating system names it, or `unknown`."""
    with contextlib.suppress(OSError, KeyError):
        return getpass.getuser()
    return "unknown"
