"""The JSON documents of runs that scripts rely on."""

import time
from collections.abc import Sequence
from typing import Any

from trainer.config import MeasuredPart, MetricName
from trainer.execution import Limits, is_lost, silent_since
from trainer.format import clock
from trainer.reproduce import Verdict
from trainer.statistics import summarize_all
from trainer.tracking import Run, RunReader, Series, Status, Tag

__all__ = ["brief", "grouped", "listed", "results_of", "shown", "status_word"]

_MOST_TELLING = (MeasuredPart.TEST, MeasuredPart.VALIDATION)


def brief(reader: RunReader, run_id: str) -> dict[str, Any]:
    """Return the answer of `stop`, `resume` and `adopt`: the run's id and status."""
    return {"run_id": run_id, "status": str(reader.get([run_id])[0].status)}


def shown(reader: RunReader, run: Run) -> dict[str, Any]:
    """Return everything about one run: `metrics` are final values, `history` has one list per metric."""
    histories = reader.histories([run.run_id]).get(run.run_id, {})
    parameters = run.params.get("parameters", "")
    verdict = Verdict.loads(run.tags.get(Tag.VERDICT, ""))
    return {
        **listed(run),
        # Another program may have logged a param of this name.
        "parameters": int(parameters) if parameters.isdigit() else None,
        # Of the test results only the last value counts, which `metrics` already contains.
        "history": {name: _values(series) for name, series in histories.items() if not _is_tested(name)},
        "weights_sha256": run.tags.get(Tag.WEIGHTS),
        "seconds": run.seconds,
        "rerun_of": run.tags.get(Tag.RERUN_OF),
        "weights_of": run.tags.get(Tag.WEIGHTS_OF),
        "start_weights_sha256": run.tags.get(Tag.START_WEIGHTS),
        "verdict": verdict.document() if verdict else None,
        "limits": vars(Limits.of(run)),
        "failure": run.tags.get(Tag.FAILURE),
        "judgement": run.tags.get(Tag.JUDGEMENT),
    }


def grouped(reader: RunReader, runs: Sequence[Run]) -> dict[str, Any]:
    """Return repeats of one config; `summary` of the FINISHED ones maps metrics to mean, deviation, low, high, n."""
    summary = summarize_all(dict(_results(run)) for run in runs if run.status is Status.FINISHED)
    return {
        "runs": [shown(reader, run) for run in runs],
        "group": runs[0].tags.get(Tag.GROUP),
        "summary": {name: each._asdict() for name, each in summary.items()},
    }


def listed(run: Run) -> dict[str, Any]:
    """Return one run of a list."""
    return {
        "run_id": run.run_id,
        "name": run.name,
        "status": str(run.status),
        "lost": is_lost(run),
        "silent_since": silent_since(run, now=time.time()),
        "experiment": run.experiment,
        "author": run.author,
        "config_digest": run.tags.get(Tag.CONFIG_DIGEST),
        "metrics": _measured(run),
    }


def status_word(run: Run) -> str:
    """Return MLflow's status, and whether the run is lost or since when it has been silent: `RUNNING, lost`."""
    if is_lost(run):
        return f"{run.status}, lost"
    heard = silent_since(run, now=time.time())
    return str(run.status) if heard is None else f"{run.status}, silent since {clock(heard, to='minutes')}"


def results_of(run: Run) -> list[tuple[str, float]]:
    """Return the results to print: those on the test data, or else on validation or training data."""
    logged = _results(run)
    for part in _MOST_TELLING:
        if found := [(name, value) for name, value in logged if MetricName.of(name).part is part]:
            return found
    return logged


def _measured(run: Run) -> dict[str, float]:
    return {name: value for name, value in run.metrics.items() if MetricName.of(name).part is not MeasuredPart.SYSTEM}


def _results(run: Run) -> list[tuple[str, float]]:
    """Return the results of the model that was kept."""
    return sorted((name, value) for name, value in run.kept_metrics.items() if MetricName.of(name).is_result)


def _is_tested(name: str) -> bool:
    return MetricName.of(name).part is MeasuredPart.TEST


def _values(series: Series) -> list[float]:
    return list(series.values)
