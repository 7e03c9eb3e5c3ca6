"""The record of a run: its fields, its parsed tags, and its series."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from trainer.config.config import Vary
from trainer.format import cut, one_line
from trainer.tracking.tags import Kept, Owner, Progress, Tag, TrainedIn
from trainer.tracking.user import USER_TAG

__all__ = ["COLOR_TAG", "PARENT_TAG", "Experiment", "LoggedDataset", "Point", "Run", "Series", "Status", "short_id"]

COLOR_TAG = "mlflow.runColor"
"""The tag in which MLflow's own UI keeps the color that a person gave to a run."""
PARENT_TAG = "mlflow.parentRunId"
"""The tag by which MLflow nests a run in another."""

_SHORT_ID = 8
_LONGEST_IN_SENTENCES = 60
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def short_id(run_id: str) -> str:
    """Return the beginning of a run's id, by which people and commands name the run."""
    return run_id[:_SHORT_ID]


class Status(StrEnum):
    """MLflow's own statuses."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self in {Status.FINISHED, Status.FAILED, Status.KILLED}

    @property
    def word(self) -> str:
        """The word on pages and in their addresses: `queued`, `running`, `finished`, `failed`, `stopped`."""
        return {Status.SCHEDULED: "queued", Status.KILLED: "stopped"}.get(self, self.lower())


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An MLflow experiment. `tags` are its note and its saved views only (`EXPERIMENT_TAGS`)."""

    experiment_id: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def note(self) -> str:
        """The description, in Markdown, that MLflow's UI shows too; empty if there is none."""
        return self.tags.get("mlflow.note.content", "")


class LoggedDataset(NamedTuple):
    """A dataset that a run logged as an input: its name, the digest of its contents, and what it was used for.

    `context` is MLflow's `mlflow.data.context`, such as `training`; empty where it was not given.
    """

    name: str
    digest: str
    context: str


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
    """Whether the run is deleted; it can be restored."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    last_metric_time: int | None = None
    """When the newest metric was logged; None if there is none."""
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def vary(self) -> Vary:
        """What differs between the repeats of the run's group."""
        found = self.tags.get(Tag.VARY)
        return Vary(found) if found in set(Vary) else Vary.SEED

    @property
    def short_id(self) -> str:
        """The beginning of its id."""
        return short_id(self.run_id)

    @property
    def title(self) -> str:
        """The name on one line, or the beginning of the id if the name has no visible characters."""
        name = one_line(self.name)
        is_visible = any(unicodedata.category(letter)[0] not in "CZ" for letter in name)
        return name if is_visible else self.short_id

    @property
    def short_title(self) -> str:
        """The title in at most 60 characters, for sentences."""
        return cut(self.title, _LONGEST_IN_SENTENCES)

    @property
    def author(self) -> str | None:
        """The user who logged the run, as in the MLflow UI; None if unknown."""
        return self.tags.get(USER_TAG) or None

    @property
    def color(self) -> str | None:
        """The color that a person gave to the run, as `#rrggbb`; None for the automatic one."""
        found = self.tags.get(COLOR_TAG, "")
        return found.lower() if _COLOR.fullmatch(found) else None

    @property
    def parent(self) -> str:
        """The id of the run that this one is nested in; empty if it is in none."""
        return self.tags.get(PARENT_TAG, "")

    @property
    def progress(self) -> Progress | None:
        """The progress, if the run reports it."""
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
        """The process that trains the run, if known."""
        return Owner.loads(self.tags.get(Tag.OWNER, ""))

    @property
    def trained_in(self) -> TrainedIn | None:
        """The home in which the run was last trained, if known."""
        return TrainedIn.loads(self.tags.get(Tag.HOME, ""))

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
        """Whether Fitboard created the run, as opposed to another program."""
        return Tag.CONFIG_DIGEST in self.tags

    @property
    def started_at(self) -> int | None:
        """When training started, in milliseconds since 1970: the tag, or else MLflow's start time."""
        begun = self.tags.get(Tag.STARTED, "")
        if begun.isdigit():
            return int(begun)
        return None if self.by_fitboard else self.start_time

    @property
    def seconds(self) -> float | None:
        """The duration of an ended run."""
        if self.started_at is None or self.end_time is None:
            return None
        return max(0.0, (self.end_time - self.started_at) / 1000)


@dataclass(frozen=True, kw_only=True)
class Series:
    """The history of a metric of a run, in the order of steps."""

    steps: Sequence[int]
    values: Sequence[float]
    times: Sequence[int]
    """Milliseconds since 1970."""


class Point(NamedTuple):
    """`time_ms` is milliseconds since 1970: a point that is sent again with the same time stays one point in MLflow."""

    key: str
    value: float
    time_ms: int
    step: int
