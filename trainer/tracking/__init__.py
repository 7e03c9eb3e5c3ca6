"""The record of runs in MLflow: written, read, and kept on disk until it is delivered.

Importing this loads no MLflow; `open_store` does.
"""

from trainer.tracking.filter import FILTER_ATTRIBUTES, FilterError, filter_key, is_filter, parse_filter, unknown_keys
from trainer.tracking.groups import Field, GroupBy, Grouping, GroupPage, Moments, RunGroup, parse_field
from trainer.tracking.read.find import queued_runs
from trainer.tracking.read.open_reader import open_reader
from trainer.tracking.reader import Column, Common, RunPage, RunQuery, RunReader, Sort, pages
from trainer.tracking.record.journal import Backlog, read_backlog, read_journal
from trainer.tracking.run import Experiment, LoggedDataset, Run, Series, Status, short_id
from trainer.tracking.tags import DIVERGED, Kept, Owner, Progress, Tag, TrainedIn
from trainer.tracking.values import DEFAULT_WEIGHT, MetricValue, Reading, undirected_metric, values_of
from trainer.tracking.views import View, ViewPage, Views, views_of
from trainer.tracking.write.store import Store, open_store

__all__ = [
    "DEFAULT_WEIGHT",
    "DIVERGED",
    "FILTER_ATTRIBUTES",
    "Backlog",
    "Column",
    "Common",
    "Experiment",
    "Field",
    "FilterError",
    "GroupBy",
    "GroupPage",
    "Grouping",
    "Kept",
    "LoggedDataset",
    "MetricValue",
    "Moments",
    "Owner",
    "Progress",
    "Reading",
    "Run",
    "RunGroup",
    "RunPage",
    "RunQuery",
    "RunReader",
    "Series",
    "Sort",
    "Status",
    "Store",
    "Tag",
    "TrainedIn",
    "View",
    "ViewPage",
    "Views",
    "filter_key",
    "is_filter",
    "open_reader",
    "open_store",
    "pages",
    "parse_field",
    "parse_filter",
    "queued_runs",
    "read_backlog",
    "read_journal",
    "short_id",
    "undirected_metric",
    "unknown_keys",
    "values_of",
    "views_of",
]
