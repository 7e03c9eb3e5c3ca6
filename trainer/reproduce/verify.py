"""Compare runs of the store, and record the verdict of a rerun in both runs."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.errors import FitboardError
from trainer.reproduce.record import read_record
from trainer.reproduce.verdict import Verdict, compare
from trainer.tracking.files import ENVIRONMENT_FILE
from trainer.tracking.read.config import config_of
from trainer.tracking.read.stored import as_mapping
from trainer.tracking.reader import RunQuery, RunReader
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Tag

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = [
    "keep_verdict",
    "own_threads",
    "read_threads",
    "recorded_threads",
    "repeated",
    "repeated_threads",
    "rerun_verdicts",
    "verify",
]

# Number of verdicts of reruns that fit into a tag; the latest are kept.
_MOST_RERUNS = 100


def verify(reader: RunReader, run_a: Run, run_b: Run) -> Verdict:
    """Compare two runs of the store."""
    return compare(read_record(reader, run_a), read_record(reader, run_b))


def repeated(reader: RunReader, run: Run) -> Run | None:
    """Return the run that this one repeats with the same config, or None if it is not a rerun or is a variant."""
    return _of_config(reader, run.tags.get(Tag.RERUN_OF), run.tags.get(Tag.CONFIG_DIGEST))


def _of_config(reader: RunReader, run_id: str | None, config_digest: str | None) -> Run | None:
    found = () if run_id is None else reader.get([run_id])
    return found[0] if found and found[0].tags.get(Tag.CONFIG_DIGEST) == config_digest else None


def keep_verdict(store: "Store", run_id: str) -> Verdict | None:
    """Compare a rerun that is about to be FINISHED with the original run, and tag both.

    Returns None, and writes nothing, if the run is not a rerun.
    """
    run = store.get(run_id)
    first = repeated(store.reader, run)
    if first is None:
        return None
    a = read_record(store.reader, first)
    verdict = compare(a, read_record(store.reader, run, status=Status.FINISHED))
    verdict = replace(verdict, notes=(*verdict.notes, *_of_file(store.reader, first, run)))
    store.set_tags(run_id, {Tag.VERDICT: verdict.dumps()})
    _tell_first(store, first)
    return verdict


def _of_file(reader: RunReader, first: Run, run: Run) -> Iterator[str]:
    """Yield a sentence if a rerun has read a kept version of the file instead of the file."""
    with contextlib.suppress(FitboardError):
        paths = [getattr(config_of(reader.artifact, each).dataset, "path", None) for each in (first, run)]
        if paths[0] != paths[1]:
            yield f"The rerun has read the version of {Path(str(paths[0])).name} that is kept at {paths[1]}."


def _tell_first(store: "Store", first: Run) -> None:
    """Write the verdicts of a run's reruns into its tag, and repeat until no new verdict has been added meanwhile.

    Reruns that end at the same time, on any hosts, write the same tag. Each stores its own verdict before it reads
    those of all, and reads them again after it has written, so that the last writer has seen every other verdict.
    """
    written: dict[str, bool] | None = None
    while (said := _said_by_reruns(store.reader, first)) != written:
        store.set_tags(first.run_id, {Tag.RERUN_VERDICTS: json.dumps(said, separators=(",", ":"))})
        written = said


def _said_by_reruns(reader: RunReader, first: Run) -> dict[str, bool]:
    """Return by id whether each rerun is identical, in the order of queueing."""
    same = (str(Tag.RERUN_OF), first.run_id), (str(Tag.CONFIG_DIGEST), first.tags.get(Tag.CONFIG_DIGEST, ""))
    # A rerun gets its verdict just before its status becomes FINISHED.
    query = RunQuery(statuses=(Status.RUNNING, Status.FINISHED), tags=same, limit=_MOST_RERUNS)
    # Pages are newest first.
    told = {run.run_id: Verdict.loads(run.tags.get(Tag.VERDICT, "")) for run in reversed(reader.page(query).runs)}
    return {run_id: verdict.identical for run_id, verdict in told.items() if verdict is not None}


def rerun_verdicts(run: Run) -> dict[str, bool]:
    """Return by id whether each rerun of this run is identical."""
    with contextlib.suppress(ValueError, RecursionError):
        told = as_mapping(json.loads(run.tags.get(Tag.RERUN_VERDICTS, "{}")))
        return {str(run_id): identical is True for run_id, identical in told.items()}
    return {}


def recorded_threads(reader: RunReader, run: Run) -> dict[str, Any] | None:
    """Return the threads (`intra`, `inter`, `grappler`) of a run: its own, or those of the run that it repeats."""
    if Tag.THREADS in run.tags:
        return read_threads(run.tags[Tag.THREADS])
    first = repeated(reader, run)
    return None if first is None else own_threads(reader, first)


def repeated_threads(reader: RunReader, run_id: str, config_digest: str) -> dict[str, Any] | None:
    """Return the threads for a rerun of this run, or None if it is a variant with another config."""
    first = _of_config(reader, run_id, config_digest)
    return None if first is None else own_threads(reader, first)


def own_threads(reader: RunReader, run: Run) -> dict[str, Any] | None:
    """Return the threads that a run used, from its tag or else from `environment.json`."""
    if Tag.THREADS in run.tags:
        return read_threads(run.tags[Tag.THREADS])
    content = reader.artifact(run, ENVIRONMENT_FILE)
    with contextlib.suppress(ValueError, RecursionError):
        training = as_mapping(as_mapping(json.loads(content or b"{}")).get("training"))
        return read_threads(json.dumps(training.get("threads")))
    return None


def read_threads(text: str) -> dict[str, Any] | None:
    """Parse the threads in a JSON text into the fields of `trainer.engine.report.Threads`; None for any other text.

    `grappler` is omitted if the text does not have it, as in records of earlier versions.
    """
    with contextlib.suppress(ValueError, RecursionError):
        fields = as_mapping(json.loads(text))
        found = {name: fields.get(name) for name in ("intra", "inter")}
        counts = {name: count for name, count in found.items() if isinstance(count, int) and count > 0}
        if isinstance(grappler := fields.get("grappler"), bool):
            found["grappler"] = counts["grappler"] = grappler
        return counts if len(counts) == len(found) else None
    return None
