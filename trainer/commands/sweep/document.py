"""A sweep as a JSON document, and the option that names one."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from trainer.config.search import SweepSettings
from trainer.errors import ConfigError
from trainer.sweeps import Summary, Trial
from trainer.sweeps.confirmation import Confirmed
from trainer.sweeps.records import is_sweep, sweeps
from trainer.tracking import Run, RunReader, Tag
from trainer.tracking.read.find import find_run

__all__ = ["SweepArgument", "find_sweep", "listed_sweep", "shown_sweep", "summary_line"]

_LATEST = "latest"

SweepArgument = Annotated[
    str,
    typer.Argument(
        metavar="SWEEP", help="Run id of the sweep, a unique prefix of at least four characters, or latest."
    ),
]


def find_sweep(reader: RunReader, word: str) -> Run:
    """Return the sweep that a person names. Raises ConfigError if the run is not a sweep."""
    if word.strip() == _LATEST:
        newest = sweeps(reader, 1)
        if not newest:
            raise ConfigError("No sweeps yet; `fitboard sweep FILE` starts one.")
        return newest[0]
    run = find_run(reader, word)
    if not is_sweep(run):
        raise ConfigError(f"Run {run.short_title} is not a sweep; `fitboard sweep list` lists them.")
    return run


def listed_sweep(run: Run) -> dict[str, Any]:
    """Return one sweep of a list."""
    return {
        "sweep_id": run.run_id,
        "name": run.name,
        "status": str(run.status),
        "experiment": run.experiment,
        "wish": run.tags.get(Tag.SWEEP_WISH),
        "failure": run.tags.get(Tag.FAILURE),
        **Summary.loads(run.tags.get(Tag.SWEEP_SUMMARY, "")).document(),
    }


def shown_sweep(
    run: Run, settings: SweepSettings, trials: Sequence[Trial], confirmed: Sequence[Confirmed]
) -> dict[str, Any]:
    """Return everything about one sweep; the trials are in the order in which they were proposed."""
    return {
        **listed_sweep(run),
        "settings": settings.plain(),
        "trials": [
            {
                "number": each.number,
                "run_id": each.run_id or None,
                "state": str(each.state),
                "values": dict(each.values),
                "results": list(each.results),
                "pruned_at": each.judged if each.state == "pruned" else None,
                "taken": each.taken,
                "failure": each.failure or None,
            }
            for each in trials
        ],
        "confirmed": [
            {
                "number": each.number,
                "wanted": each.wanted,
                "runs": [one.run_id for one in each.runs],
                "summary": {name: summary._asdict() for name, summary in each.metrics.items()},
            }
            for each in confirmed
        ],
    }


def summary_line(summary: Summary) -> str:
    """Return the counts in words, such as `12 complete, 3 pruned, 1 running`."""
    counts = {name: getattr(summary, name) for name in ("complete", "pruned", "failed", "stopped", "running")}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return (told or "no trials yet") + (f" ({summary.taken} from earlier runs)" if summary.taken else "")
