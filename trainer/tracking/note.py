"""The description of a run that MLflow's own UI shows, `mlflow.note.content`, in Markdown."""

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import quote

from trainer.config import MetricName, ranked_metrics
from trainer.format import counted, cut, duration, number, one_line
from trainer.tracking.run import Run, Status, short_id
from trainer.tracking.tags import Tag

__all__ = ["NOTE_TAG", "OWN_NOTES", "is_own_note", "run_note"]

NOTE_TAG = "mlflow.note.content"
_FIRST_WORDS = "- **Network:**"
OWN_NOTES = _FIRST_WORDS + "%(fitboard ____________)"
"""A pattern of SQL's LIKE that matches Fitboard's own notes: `is_own_note` without the digest."""
# Characters of a quoted text. With at most seven, a note stays below the 8,000 at which MLflow cuts a tag.
_LONGEST_LINE = 1_000
_MOST_RESULTS = 4
# Characters that Showdown, the Markdown renderer of MLflow 3.17's UI, accepts a backslash before.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+.!|~:-])")
_SEAL = re.compile(r"\n\n\[//\]: # \(fitboard ([0-9a-f]{12})\)\Z")


def run_note(run: Run, *, dashboard: str | None = None) -> str:
    """Describe a run: network, data, training, its parents, results once it has ended, and the way back to Fitboard.

    The last line is a comment in Markdown with a digest of what precedes it, by which `is_own_note` knows the text.

    Args:
        run: the run with its params; with its tags and metrics once it has ended.
        dashboard: the address of the dashboard, if `fitboard up` has named one.
    """
    text = "\n".join(f"- {line}" for line in (*_what(run), *_parents(run, dashboard), *_outcome(run)))
    text = f"{text}\n\n{_way_back(run.run_id, dashboard)}"
    return f"{text}\n\n[//]: # (fitboard {_digest(text)})"


def is_own_note(note: str | None) -> bool:
    """Return whether Fitboard may replace this description: there is none, or it is as `run_note` wrote it."""
    if note is None:
        return True
    seal = _SEAL.search(note)
    return seal is not None and seal[1] == _digest(note[: seal.start()])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _what(run: Run) -> Iterator[str]:
    params = run.params
    parameters = params.get("parameters", "")
    size = f" ({counted(int(parameters), 'parameter')})" if parameters.isdigit() else ""
    yield f"{_FIRST_WORDS.removeprefix('- ')} {_quoted(params.get('layers', ''))}{size}"
    path = params.get("dataset.path")
    yield f"**Data:** {_quoted(params.get('dataset', ''))}{f', {_quoted(path)}' if path else ''}"
    rate = params.get("learning_rate")
    optimizer = _quoted(params.get("optimizer", "")) + (f", learning rate {_quoted(rate)}" if rate else "")
    epochs = params.get("epochs", "")
    length = counted(int(epochs), "epoch") if epochs.isdigit() else f"{epochs} epochs"
    lengths = f"{length}, batch size {params.get('batch_size')}, seed {params.get('seed')}"
    yield f"**Training:** {optimizer}; {_quoted(params.get('loss', ''))}; {_quoted(lengths)}"


def _parents(run: Run, dashboard: str | None) -> Iterator[str]:
    for tag, words in ((Tag.RERUN_OF, "Based on run"), (Tag.RESUMED_FROM, "Continues run")):
        parent = run.tags.get(tag)
        if parent:
            yield f"**{words}** {_link(_quoted(short_id(parent)), parent, dashboard)}"
    if run.tags.get(Tag.REPLAY_OF):
        yield f"**Replays a bundle** of run {_quoted(short_id(run.tags[Tag.REPLAY_OF]))}"


def _outcome(run: Run) -> Iterator[str]:
    if not run.status.ended:
        yield "**Results:** none yet; they appear here when the run ends"
        return
    failure = run.tags.get(Tag.FAILURE)
    ended = run.status.word.capitalize()
    seconds = "" if run.seconds is None else f" after {duration(run.seconds)}"
    yield f"**{ended}**{seconds}" + (f": {_quoted(failure)}" if failure else "")
    found = [f"{_quoted(MetricName.of(name).label)} **{number(value)}**" for name, value in _results(run)]
    if found:
        yield f"**Results:** {', '.join(found)}"
    judgement = run.tags.get(Tag.JUDGEMENT)
    if judgement and run.status is Status.FINISHED:
        yield f"**Warning:** {_quoted(judgement)}"


def _results(run: Run) -> list[tuple[str, float]]:
    return [(name, run.kept_metrics[name]) for name in ranked_metrics(run.kept_metrics)[:_MOST_RESULTS]]


def _way_back(run_id: str, dashboard: str | None) -> str:
    command = f"`fitboard show {short_id(run_id)}`"
    return f"{_link('Open in Fitboard', run_id, dashboard)}, or {command}" if dashboard else f"In Fitboard: {command}"


def _link(label: str, run_id: str, dashboard: str | None) -> str:
    return f"[{label}]({dashboard}/run?id={quote(run_id)})" if dashboard else label


def _quoted(text: str) -> str:
    """Text as it was typed. Entities take the place of `<` and `&`, before which Showdown keeps a backslash."""
    escaped = _MARKUP.sub(r"\\\1", cut(one_line(text), _LONGEST_LINE // 2))
    return escaped.replace("&", "&amp;").replace("<", "&lt;")
