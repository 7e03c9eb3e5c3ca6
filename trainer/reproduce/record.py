"""What two runs are compared by."""

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trainer.config.metrics.names import SYSTEM
from trainer.tracking.files import ENVIRONMENT_FILE
from trainer.tracking.read.stored import as_mapping
from trainer.tracking.reader import RunReader
from trainer.tracking.run import Run, Series, Status
from trainer.tracking.tags import Tag

__all__ = ["RunRecord", "parse_environment", "read_record", "values_of"]

_NOT_COMPARED = ("epoch_seconds", SYSTEM)
"""How long something took and what the machine did meanwhile are no results."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run's numbers, and what it ran on.

    `values` are metric → step → value, without times and system metrics; `environment` is `environment.json`.
    """

    name: str
    """What sentences call it, such as the first characters of its id."""
    status: Status = Status.FINISHED
    by_fitboard: bool = True
    config_digest: str | None = None
    values: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    weights: str | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)


def read_record(reader: RunReader, run: Run, *, status: Status | None = None) -> RunRecord:
    """The record of a run in the store; `status` stands in for the run's own where it is about to get it."""
    histories = reader.histories([run.run_id]).get(run.run_id, {})
    return RunRecord(
        name=run.short_id,
        status=status or run.status,
        by_fitboard=run.by_fitboard,
        config_digest=run.tags.get(Tag.CONFIG_DIGEST),
        values=values_of(histories.items()),
        weights=run.tags.get(Tag.WEIGHTS),
        environment=parse_environment(reader.artifact(run, ENVIRONMENT_FILE)),
    )


def values_of(histories: Iterable[tuple[str, Series]]) -> dict[str, dict[int, float]]:
    """Metric → step → value. Where an interrupted run logged a step twice, what it logged last counts."""
    kept = ((name, series) for name, series in histories if not name.startswith(_NOT_COMPARED))
    return {name: _last_of_each_step(series) for name, series in kept}


def _last_of_each_step(series: Series) -> dict[int, float]:
    points = sorted(zip(series.times, series.steps, series.values, strict=True), key=lambda point: point[:2])
    return {step: value for _, step, value in points}


def parse_environment(content: bytes | None) -> Mapping[str, Any]:
    """What an `environment.json` says; nothing where there is none, or something else."""
    with contextlib.suppress(ValueError, RecursionError):
        return as_mapping(json.loads(content or b"{}"))
    return {}
