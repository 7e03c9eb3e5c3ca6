"""A config while it is edited: changes, undo, typed text and errors. Without side effects."""

from dashboard.draft.choices import COMMON_ACTIVATIONS, common_first, described, described_kind
from dashboard.draft.draft import UNSET, Draft, Path, Validation, as_fields, judge
from dashboard.draft.history import History
from dashboard.draft.kinds import change_kind, layers_in_order, start, summary
from dashboard.draft.places import place_name
from dashboard.draft.saved import LARGEST_SAVED, Saved, read_saved, save_text
from dashboard.draft.typed import explained, in_step, read, shown
from dashboard.draft.way import Stage, stages
from dashboard.draft.yaml_text import TextMistake, read_text, text_of

__all__ = [
    "COMMON_ACTIVATIONS",
    "LARGEST_SAVED",
    "UNSET",
    "Draft",
    "History",
    "Path",
    "Saved",
    "Stage",
    "TextMistake",
    "Validation",
    "as_fields",
    "change_kind",
    "common_first",
    "described",
    "described_kind",
    "explained",
    "in_step",
    "judge",
    "layers_in_order",
    "place_name",
    "read",
    "read_saved",
    "read_text",
    "save_text",
    "shown",
    "stages",
    "start",
    "summary",
    "text_of",
]
