"""A config while it is edited: changes, undo, typed text and errors. Without side effects."""

from dashboard.draft.choices import COMMON_ACTIVATIONS, common_first, described, described_kind
from dashboard.draft.domains import (
    NUMERIC,
    SCALES,
    Scale,
    can_vary,
    first_domain,
    first_kinds,
    read_bound,
    read_options,
    scale_of,
    shown_bound,
    shown_options,
    with_scale,
)
from dashboard.draft.draft import UNSET, Draft, Path, as_fields
from dashboard.draft.history import History
from dashboard.draft.kinds import change_kind, layers_in_order, start, summary
from dashboard.draft.places import place_name
from dashboard.draft.saved import LARGEST_SAVED, Saved, read_saved, save_text
from dashboard.draft.search import NO_SEARCH, Search, SweepValidation
from dashboard.draft.smoothing import smoothing_edits
from dashboard.draft.typed import explained, in_step, read, shown, shown_briefly
from dashboard.draft.validation import Validation, judge, judge_sweep
from dashboard.draft.way import Stage, stages
from dashboard.draft.yaml_text import SweepText, TextMistake, read_text, text_of

__all__ = [
    "COMMON_ACTIVATIONS",
    "LARGEST_SAVED",
    "NO_SEARCH",
    "NUMERIC",
    "SCALES",
    "UNSET",
    "Draft",
    "History",
    "Path",
    "Saved",
    "Scale",
    "Search",
    "Stage",
    "SweepText",
    "SweepValidation",
    "TextMistake",
    "Validation",
    "as_fields",
    "can_vary",
    "change_kind",
    "common_first",
    "described",
    "described_kind",
    "explained",
    "first_domain",
    "first_kinds",
    "in_step",
    "judge",
    "judge_sweep",
    "layers_in_order",
    "place_name",
    "read",
    "read_bound",
    "read_options",
    "read_saved",
    "read_text",
    "save_text",
    "scale_of",
    "shown",
    "shown_bound",
    "shown_briefly",
    "shown_options",
    "smoothing_edits",
    "stages",
    "start",
    "summary",
    "text_of",
    "with_scale",
]
