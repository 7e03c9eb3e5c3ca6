"""What is read of runs, and the protocol by which pages and commands read it."""

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from trainer.tracking.ending import Kept

__all__ = [
    "Experiment",
    "Owner",
    "Point",
    "Progress",
    "Run",
    "RunPage",
    "RunQuery",
    "RunReader",
    "Series",
    "Sort",
    "Status",
    "Tag",
    "as_mapping",
    "one_line",
    "pages",
    "short_id",
]

_SHORT_ID = 8
_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode's control characters, lone surrogates, and separators of lines and paragraphs."""


def short_id(run_id: str) -> str:
    """The beginning of a run's id, by which people and commands name the run."""
    return run_id[:_SHORT_ID]


def one_line(text: str) -> str:
    """The text on one line, without control characters: a terminal would obey them."""
    printable = "".join(" " if unicodedata.category(each) in _CONTROLS else each for each in text)
    return " ".join(printable.split())


class Status(StrEnum):
    """MLflow's own statuses."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"

    @property
    def ended(self) -> bool:
        """Whether the run has come to its end."""
        return self in {Status.FINISHED, Status.FAILED, Status.KILLED}


class Tag(StrEnum):
    """The tags of `fitboard`, each told in the README."""

    CONFIG_DIGEST = "fitboard.config_digest"
    GROUP = "fitboard.group"
    QUEUE = "fitboard.queue"
    PLACE = "fitboard.place"
    WAITS = "fitboard.waits"
    TIME_LIMIT = "fitboard.time_limit"
    MEMORY_LIMIT = "fitboard.memory_limit"
    SPENT = "fitboard.spent"
    CONFIG = "fitboard.config"
    STARTED = "fitboard.started"
    OWNER = "fitboard.owner"
    COMMAND = "fitboard.command"
    PROGRESS = "fitboard.progress"
    STOP = "fitboard.stop"
    RERUN_OF = "fitboard.rerun_of"
    RESUMED_FROM = "fitboard.resumed_from"
    VERDICT = "fitboard.verdict"
    REPLAY_OF = "fitboard.replay_of"
    RERUN_VERDICTS = "fitboard.rerun_verdicts"
    FAILURE = "fitboard.failure"
    JUDGEMENT = "fitboard.judgement"
    KEPT = "fitboard.kept"
    WEIGHTS = "fitboard.weights_sha256"
    THREADS = "fitboard.threads"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is; also its heartbeat. Times are seconds since 1970, durations seconds.

    `phase` says in words what is done where it is not training (`downloading mnist, 40 %`).
    `epoch` counts finished epochs, `step` the steps within the one under way.
    `values` are the running loss and metrics of that epoch.
    """

    time: float
    phase: str = ""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    values: Mapping[str, float] = field(default_factory=dict)
    epoch_seconds: float | None = None
    estimated_end: float | None = None

    def dumps(self) -> str:
        """As the JSON of the tag `fitboard.progress`."""
        return json.dumps(vars(self), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "Progress | None":
        """What `dumps` wrote; None for anything else, since others may write tags too."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    @property
    def share(self) -> float:
        """The part of all steps that is done, 0 to 1."""
        if not self.epochs:
            return 0.0
        within = self.step / self.steps if self.steps else 0.0
        return min(1.0, (self.epoch + within) / self.epochs)


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The process that trains a run: enough to tell whether it still lives."""

    host: str
    boot: str
    pid: int
    started: float

    def __str__(self) -> str:
        return f"process {self.pid}"

    def dumps(self) -> str:
        """As the JSON of the tag `fitboard.owner`."""
        return json.dumps(vars(self), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "Owner | None":
        """What `dumps` wrote; None for anything else."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An MLflow experiment."""

    experiment_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """One MLflow run with its latest metrics; times are milliseconds since 1970."""

    run_id: str
    name: str
    experiment_id: str
    experiment: str
    status: Status
    start_time: int | None
    end_time: int | None
    artifact_uri: str
    deleted: bool = False
    """Whether it is in MLflow's bin, from which it can be restored."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def short_id(self) -> str:
        """The beginning of its id."""
        return short_id(self.run_id)

    @property
    def title(self) -> str:
        """Its name on one line, or the beginning of its id where it has no name that can be seen."""
        name = one_line(self.name)
        is_visible = any(unicodedata.category(letter)[0] not in "CZ" for letter in name)
        return name if is_visible else self.short_id

    @property
    def author(self) -> str | None:
        """Who logged it, as MLflow's own pages say; None where nobody is named."""
        return self.tags.get("mlflow.user") or None

    @property
    def progress(self) -> Progress | None:
        """How far it is, where it says so."""
        return Progress.loads(self.tags.get(Tag.PROGRESS, ""))

    @property
    def kept(self) -> Kept | None:
        """Which epoch's weights it kept, where it says so; else they are the last epoch's."""
        return Kept.loads(self.tags.get(Tag.KEPT, ""))

    @property
    def kept_metrics(self) -> Mapping[str, float]:
        """The metrics of the network that was kept: of its epoch, with what was measured after training.

        `metrics` has the last epoch's; the two differ where a callback put an earlier epoch's weights back.
        """
        kept = self.kept
        return self.metrics if kept is None else {**self.metrics, **kept.values}

    @property
    def owner(self) -> Owner | None:
        """Who trains it, where that is known."""
        return Owner.loads(self.tags.get(Tag.OWNER, ""))

    @property
    def place(self) -> float:
        """Its place in the queue, smallest first: its time of queueing in milliseconds, or where a person moved it."""
        try:
            place = float(self.tags.get(Tag.PLACE, ""))
        except ValueError:
            place = math.nan
        return place if math.isfinite(place) else float(self.start_time or 0)

    @property
    def by_fitboard(self) -> bool:
        """Whether Fitboard made it, and not some other program."""
        return Tag.CONFIG_DIGEST in self.tags

    @property
    def started_at(self) -> int | None:
        """When training began, in milliseconds since 1970: the tag, or else MLflow's start."""
        begun = self.tags.get(Tag.STARTED, "")
        if begun.isdigit():
            return int(begun)
        return None if self.by_fitboard else self.start_time

    @property
    def seconds(self) -> float | None:
        """How long it took, of an ended run."""
        if self.started_at is None or self.end_time is None:
            return None
        return max(0.0, (self.end_time - self.started_at) / 1000)


@dataclass(frozen=True, kw_only=True)
class Series:
    """The history of one metric of one run, in the order of its steps."""

    steps: Sequence[int]
    values: Sequence[float]
    times: Sequence[int]
    """Milliseconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class Sort:
    """What runs are ordered by: `attribute` (start_time, name, status, duration), `metric`, `param` or `tag`."""

    kind: str = "attribute"
    name: str = "start_time"
    descending: bool = True


@dataclass(frozen=True, kw_only=True)
class RunQuery:
    """Which runs: every word of `text` is in the name, a param or a tag, or begins the id; empty tuples mean all."""

    text: str = ""
    experiment_ids: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    sort: Sort = Sort()
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """One page of runs, and how many there are in all."""

    runs: tuple[Run, ...]
    total: int


class RunReader(Protocol):
    """Reads runs, deleted ones left out. Every method raises StoreError where the store cannot be read."""

    def page(self, query: RunQuery) -> RunPage:
        """The runs of a query; paged, filtered and sorted in the store."""
        ...

    def get(self, run_ids: Sequence[str]) -> tuple[Run, ...]:
        """The runs with these ids, in that order; unknown ids are left out. Deleted ones are found too."""
        ...

    def find(self, prefix: str) -> tuple[str, ...]:
        """Ids that begin with `prefix`, at most ten."""
        ...

    def histories(self, run_ids: Sequence[str], keys: Sequence[str] | None = None) -> dict[str, dict[str, Series]]:
        """Run id → metric → history, of the given metrics or of all but `system/…`."""
        ...

    def experiments(self) -> tuple[Experiment, ...]:
        """Every experiment that is not deleted."""
        ...

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Every (kind, name) that a run can be sorted or shown by: ("metric", "val_loss"), ("param", "seed")."""
        ...

    def artifact(self, run: Run, path: str) -> bytes | None:
        """One file of the run's artifacts, or None where there is none."""
        ...

    def artifacts(self, run: Run, folder: str = "") -> tuple[str, ...]:
        """The paths of the files and folders in one folder of the run's artifacts."""
        ...


def pages(reader: RunReader, query: RunQuery) -> Iterator[Run]:
    """Every run of a query, page after page."""
    offset = query.offset
    while found := reader.page(replace(query, offset=offset)).runs:
        yield from found
        offset += len(found)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """`value` where it is a mapping, else an empty one: what others wrote may be anything."""
    return value if isinstance(value, Mapping) else {}


class Point(NamedTuple):
    """`time_ms` is milliseconds since 1970: a point that is sent again with the same time stays one point in MLflow."""

    key: str
    value: float
    time_ms: int
    step: int
