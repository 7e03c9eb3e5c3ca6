"""A queue that the homes of a team share: each of their workers takes the next run of it."""

import os
import re
from collections.abc import Mapping

from trainer.errors import ConfigError, StoreError
from trainer.tracking.address import masked

__all__ = ["QUEUE_VARIABLE", "refuse_server", "team_queue"]

QUEUE_VARIABLE = "FITBOARD_QUEUE"
"""The environment variable with the name of the queue that the homes of a team share."""

# Without a slash, which the names of the homes' own queues have.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def team_queue(environment: Mapping[str, str] = os.environ) -> str:
    """Return the name of the team's queue, or an empty text if this home has a queue of its own.

    Raises:
        ConfigError: the name is not valid.
    """
    name = environment.get(QUEUE_VARIABLE, "").strip()
    if name and not _NAME.fullmatch(name):
        raise ConfigError(
            f"The queue {name!r} is not valid; expected up to 60 letters, digits, dots, hyphens and underscores, "
            "beginning with a letter or digit."
        )
    return name


def refuse_server(tracking_uri: str) -> None:
    """Refuse a worker of a team's queue on a store where two workers could take the same run.

    Raises:
        StoreError: the store is an MLflow server, which cannot compare a status before it changes it.
    """
    if team_queue() and tracking_uri.startswith(("http://", "https://")):
        raise StoreError(
            f"Workers of the queue {team_queue()!r} could take the same run, since {masked(tracking_uri)} is an MLflow "
            "server; give them its database with --tracking-uri, or a queue of their own."
        )
