"""The record of runs in MLflow: written, read, and kept on disk while it is on its way.

Importing this loads no MLflow; `open_store` does.
"""

from trainer.tracking.backlog import Backlog, read_backlog
from trainer.tracking.queues import queued_runs, running_runs
from trainer.tracking.reader import open_reader
from trainer.tracking.store import Store, open_store
from trainer.tracking.types import (
    Experiment,
    Owner,
    Progress,
    Run,
    RunPage,
    RunQuery,
    RunReader,
    Series,
    Sort,
    Status,
    Tag,
    pages,
)

__all__ = [
    "Backlog",
    "Experiment",
    "Owner",
    "Progress",
    "Run",
    "RunPage",
    "RunQuery",
    "RunReader",
    "Series",
    "Sort",
    "Status",
    "Store",
    "Tag",
    "open_reader",
    "open_store",
    "pages",
    "queued_runs",
    "read_backlog",
    "running_runs",
]
