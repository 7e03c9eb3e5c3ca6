"""A config on its way: edited, undone, typed, and not always right. Pure."""

from dashboard.draft.draft import UNSET, Draft, Path, Validation, as_fields, judge
from dashboard.draft.history import History
from dashboard.draft.kinds import change_kind, group_of, layers_in_order, start, summary
from dashboard.draft.saved import LARGEST_SAVED, Saved, read_saved, save_text
from dashboard.draft.typed import explained, in_step, read, shown

__all__ = [
    "LARGEST_SAVED",
    "UNSET",
    "Draft",
    "History",
    "Path",
    "Saved",
    "Validation",
    "as_fields",
    "change_kind",
    "explained",
    "group_of",
    "in_step",
    "judge",
    "layers_in_order",
    "read",
    "read_saved",
    "save_text",
    "shown",
    "start",
    "summary",
]
