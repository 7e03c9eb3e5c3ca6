"""The record of a run by which it is compared."""

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

# Times and system metrics, which are not compared.
_NOT_COMPARED = ("epoch_seconds", SYSTEM)


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The numbers and the environment of a run.

    `values` are metric → step → value, without times and system metrics; `environment` is `environment.json`.
    """

    name: str
    """The name in sentences, such as the first characters of its id."""
    status: Status = Status.FINISHED
    by_fitboard: bool = True
    config_digest: str | None = None
    values: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    weights: str | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)


def read_record(reader: RunReader, run: Run, *, status: Status | None = None) -> RunRecord:
    """Read the record of a run from the store; `status` overrides the run's own if it is about to change."""
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
    """Return metric → step → value; if an interrupted run logged a step twice, the last value counts."""
    kept = ((name, series) for name, series in histories if not name.startswith(_NOT_COMPARED))
    return {name: _last_of_each_step(series) for name, series in kept}


def _last_of_each_step(series: Series) -> dict[int, float]:
    points = sorted(zip(series.times, series.steps, series.values, strict=True), key=lambda point: point[:2])
    return {step: value for _, step, value in points}


def parse_environment(content: bytes | None) -> Mapping[str, Any]:
    """Read an `environment.json`; return an empty mapping if it is missing or not valid."""
    with contextlib.suppress(ValueError, RecursionError):
        return as_mapping(json.loads(content or b"{}"))
    return {}
