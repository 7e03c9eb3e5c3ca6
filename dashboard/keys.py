"""The keys of widgets on Runs, Run, Compare, Sweep and Actions; those without a dot are also query parameters."""

from enum import StrEnum

__all__ = ["ActionsKey", "CompareKey", "DirectionKey", "RunKey", "RunsKey", "SweepKey"]


class RunsKey(StrEnum):
    """Widget keys of the Runs page; those without a dot are query parameters."""

    SEARCH = "q"
    EXPERIMENT = "experiment"
    STATUS = "status"
    MINE = "mine"
    SORT = "sort"
    ASCENDING = "ascending"
    COLUMNS = "columns"
    GROUP = "group"
    BY = "by"
    PAGE = "page"
    TABLE = "runs.table"
    VALUE_METRIC = "runs.value.metric"
    VALUE_READING = "runs.value.reading"
    VALUE_OTHER = "runs.value.other"
    VALUE_STEP = "runs.value.step"
    VALUE_WEIGHT = "runs.value.weight"


class DirectionKey(StrEnum):
    """Widget keys for the direction of metrics, on Runs and Compare; both are query parameters."""

    HIGHER = "higher"
    LOWER = "lower"


class CompareKey(StrEnum):
    """Keys of the Compare page; the query parameter `runs` holds comma-separated ids or beginnings of ids."""

    RUNS = "runs"
    METRICS = "metric"
    AXIS = "by"
    SMOOTHING = "smoothing"
    LOG = "log"
    LOG_X = "log_x"
    GROUPS = "groups"
    ENDS = "ends"
    SINGLES = "singles"
    BASELINE = "baseline"
    SAMPLES = "samples"
    SAMPLED = "sampled"
    SETTINGS = "settings"
    TARGET = "target"
    SHOWN = "setting"
    ACROSS = "x"
    UP = "y"
    COLOR = "color"
    BRUSHES = "brush"
    SEARCH = "compare.search"
    NOTES = "compare.notes"


class ActionsKey(StrEnum):
    """Keys of the Actions page; all are query parameters."""

    PERSON = "person"
    ABOUT = "about"
    PAGE = "page"


class RunKey(StrEnum):
    """Keys of the Run page; all are query parameters."""

    ID = "id"
    TAB = "tab"
    METRICS = "metrics"


class SweepKey(StrEnum):
    """Keys of the pages Sweeps and Sweep; those without a dot are query parameters."""

    ID = "id"
    CHART = "chart"
    AXES = "axes"
    OBJECTIVES = "objectives"
    PAGE = "trials"
    SORT = "sort"
    TABLE = "sweep.table"
    MORE = "sweep.more"
    BEST = "sweep.best"
    SEEDS = "sweep.seeds"
    NARROWED = "sweep.narrowed"
