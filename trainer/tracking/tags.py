"""The tags `fitboard.…`, and the contents of those with several fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

__all__ = [
    "DIVERGED",
    "EXPERIMENT_TAGS",
    "MLFLOW_VIEW",
    "OWN_VIEW",
    "SWEEP_TRIAL",
    "Kept",
    "Owner",
    "Progress",
    "Tag",
    "TrainedIn",
]

DIVERGED = "Training diverged"
"""The beginning of `fitboard.judgement` if the loss diverged."""
OWN_VIEW, MLFLOW_VIEW = "fitboard.view.", "mlflow.sharedViewState."
"""How the tags of an experiment begin that hold saved views, before the id of the view."""
SWEEP_TRIAL = "fitboard.sweep.trial."
"""How the tags of a sweep begin that record trials without a run of their own, before the trial's number."""
EXPERIMENT_TAGS = ("mlflow.note.content", OWN_VIEW, MLFLOW_VIEW)
"""How the tags of an experiment begin that are read: its note, and saved views."""


class Tag(StrEnum):
    """The tags `fitboard.…`, each explained in the README."""

    CONFIG_DIGEST = "fitboard.config_digest"
    GROUP = "fitboard.group"
    VARY = "fitboard.vary"
    QUEUE = "fitboard.queue"
    PLACE = "fitboard.place"
    WAITS = "fitboard.waits"
    TIME_LIMIT = "fitboard.time_limit"
    MEMORY_LIMIT = "fitboard.memory_limit"
    SPENT = "fitboard.spent"
    CONFIG = "fitboard.config"
    NAMED = "fitboard.named"
    STARTED = "fitboard.started"
    OWNER = "fitboard.owner"
    HOME = "fitboard.home"
    COMMAND = "fitboard.command"
    PROGRESS = "fitboard.progress"
    STOP = "fitboard.stop"
    RERUN_OF = "fitboard.rerun_of"
    RESUMED_FROM = "fitboard.resumed_from"
    WEIGHTS_OF = "fitboard.weights_of"
    START_WEIGHTS = "fitboard.start_weights_sha256"
    VERDICT = "fitboard.verdict"
    REPLAY_OF = "fitboard.replay_of"
    RERUN_VERDICTS = "fitboard.rerun_verdicts"
    FAILURE = "fitboard.failure"
    FAILURE_KIND = "fitboard.failure_kind"
    JUDGEMENT = "fitboard.judgement"
    KEPT = "fitboard.kept"
    WEIGHTS = "fitboard.weights_sha256"
    THREADS = "fitboard.threads"
    SWEEP = "fitboard.sweep"
    TRIAL = "fitboard.trial"
    TRIAL_VALUES = "fitboard.trial.values"
    TRIAL_PENDING = "fitboard.trial.pending"
    TRIAL_JUDGED = "fitboard.trial.judged"
    TRIAL_PRUNED = "fitboard.trial.pruned"
    SWEEP_QUEUE = "fitboard.sweep.queue"
    SWEEP_FILE = "fitboard.sweep.file"
    SWEEP_TRIALS = "fitboard.sweep.trials"
    SWEEP_WISH = "fitboard.sweep.wish"
    SWEEP_AGAIN = "fitboard.sweep.again"
    SWEEP_CONFIRM = "fitboard.sweep.confirm"
    SWEEP_CONFIRMS = "fitboard.sweep.confirms"
    SWEEP_TOLERATED = "fitboard.sweep.tolerated"
    SWEEP_SUMMARY = "fitboard.sweep.summary"
    SWEEP_BEAT = "fitboard.sweep.beat"


@dataclass(frozen=True, kw_only=True)
class _Fields:
    """The content of a tag with several fields, stored as one JSON object."""

    def dumps(self) -> str:
        """Return the text of the tag."""
        return json.dumps(vars(self), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Self | None:
        """Read what `dumps` wrote; return None for anything else, since other programs may write tags too."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True, kw_only=True)
class Progress(_Fields):
    """The progress of a run, and its heartbeat. Times are seconds since 1970, durations seconds.

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

    @property
    def share(self) -> float:
        """The fraction of all steps that is done, 0 to 1."""
        if not self.epochs:
            return 0.0
        within = self.step / self.steps if self.steps else 0.0
        return min(1.0, (self.epoch + within) / self.epochs)


@dataclass(frozen=True, kw_only=True)
class Owner(_Fields):
    """The process that trains a run, with enough detail to check whether it is alive."""

    host: str
    boot: str
    pid: int
    started: float

    def __str__(self) -> str:
        return f"process {self.pid}"


@dataclass(frozen=True, kw_only=True)
class TrainedIn(_Fields):
    """The home in which a run was last trained: `host/home-id`, and the path of its folder on that host."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Kept(_Fields):
    """The epoch whose weights a run kept, if a callback determined it.

    `epoch` is that epoch (1, 2, …), `epochs` how many were trained, `ended_by` the callback that ended the training,
    empty where none did. `values` are the metrics of the kept epoch.
    """

    epoch: int
    epochs: int
    ended_by: str = ""
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_last(self) -> bool:
        """Whether the weights are those of the last epoch."""
        return self.epoch == self.epochs

    @classmethod
    def loads(cls, text: str) -> Self | None:
        """Read what `dumps` wrote, and convert the numbers; return None for anything else."""
        kept = super().loads(text)
        if kept is None:
            return None
        try:
            values = {str(name): float(value) for name, value in dict(kept.values).items()}
            return replace(kept, epoch=int(kept.epoch), epochs=int(kept.epochs), values=values)
        except (ValueError, TypeError):
            return None
