"""The description of a run that MLflow's own UI shows, `mlflow.note.content`, in Markdown.

It has up to two parts: what people wrote, and below it, after a rule, what Fitboard generated. The generated part ends
with a digest, by which it is recognized; it alone is ever replaced.
"""

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import quote

from trainer.config import MetricName, ranked_metrics
from trainer.format import counted, cut, duration, number, one_line
from trainer.tracking.run import Run, Status, short_id
from trainer.tracking.tags import Tag

__all__ = [
    "LONGEST_NOTE",
    "LONGEST_WRITTEN",
    "NOTE_TAG",
    "OWN_NOTES",
    "is_own_note",
    "run_note",
    "with_generated",
    "with_written",
    "written_part",
]

NOTE_TAG = "mlflow.note.content"
LONGEST_NOTE = 8_000
"""Characters of a description; MLflow silently cuts longer tags of a run."""
LONGEST_WRITTEN = 7_900
"""Characters of what a person writes, beside which the shortest generated part fits."""
_FIRST_WORDS, _RESULTS = "- **Network:**", "- **Results:**"
OWN_NOTES = _FIRST_WORDS + "%(fitboard ____________)"
"""A pattern of SQL's LIKE that matches Fitboard's own notes: `is_own_note` without the digest."""
# Characters of a quoted text. With at most seven, a note stays below the 8,000 at which MLflow cuts a tag.
_LONGEST_LINE = 1_000
_MOST_RESULTS = 4
# Characters that Showdown, the Markdown renderer of MLflow 3.17's UI, accepts a backslash before.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+.!|~:-])")
_SEAL = re.compile(r"\n\n\[//\]: # \(fitboard ([0-9a-f]{12})\)(?=\n|\Z)")
# The blank lines make it a rule: right below a line of text, `---` would make that line a heading.
_RULE = "\n\n---\n\n"


def run_note(run: Run, *, dashboard: str | None = None) -> str:
    """Describe a run: network, data, training, its parents, results once it has ended, and the way back to Fitboard.

    The last line is a comment in Markdown with a digest of what precedes it, by which `is_own_note` knows the text.

    Args:
        run: the run with its params; with its tags and metrics once it has ended.
        dashboard: the address of the dashboard, if `fitboard up` has named one.
    """
    text = "\n".join(f"- {line}" for line in (*_what(run), *_parents(run, dashboard), *_outcome(run)))
    return _sealed(f"{text}\n\n{_way_back(run.run_id, dashboard)}")


def is_own_note(note: str | None) -> bool:
    """Return whether no person wrote any of this description: there is none, or it is as `run_note` wrote it."""
    return note is None or _generated(note) == (0, len(note))


def written_part(note: str | None) -> str:
    """Return what people wrote in a description: all of it except the part that Fitboard generated."""
    if note is None:
        return ""
    start, end = _generated(note) or (len(note), len(note))
    above = note[:start].rstrip()
    if start < len(note):
        above = above.removesuffix("---").rstrip()
    return "\n\n".join(part for part in (above, note[end:].strip()) if part)


def with_generated(note: str | None, generated: str) -> str:
    """Return a description with its generated part replaced; one without that part is a person's and stays as it is.

    Args:
        note: the current description; None if there is none, which becomes `generated`.
        generated: what `run_note` returned. It is shortened so that both parts have at most `LONGEST_NOTE` characters.
    """
    place = (0, 0) if note is None else _generated(note)
    if place is None:
        return note or ""
    above, below = (note or "")[: place[0]], (note or "")[place[1] :]
    part = _fitted(generated, LONGEST_NOTE - len(above) - len(below))
    return written_part(note) if part is None else f"{above}{part}{below}"


def with_written(note: str | None, written: str, generated: str | None = None) -> str:
    """Return a description in which a person's part is `written`, above the generated part if there is one.

    Args:
        note: the current description.
        written: at most `LONGEST_WRITTEN` characters; with more, the generated part may have to be left out.
        generated: what `run_note` returns now, by default what the description has, which may have been shortened.
            It is shortened so that both parts have at most `LONGEST_NOTE` characters.
    """
    place = _generated(note or "")
    if note is None or place is None:
        return written
    above = f"{written}{_RULE}" if written else ""
    part = _fitted(generated or note[place[0] : place[1]], LONGEST_NOTE - len(above))
    return written if part is None else f"{above}{part}"


def _fitted(generated: str, room: int) -> str | None:
    """Return the generated part with as much as fits: first data and training go, then results, then all but a stub.

    None if not even that fits, or if the text is not as `run_note` wrote it.
    """
    if len(generated) <= room:
        return generated
    whole = _generated(generated)
    listed, rule, way_back = generated.rpartition("\n\n[//]: # (fitboard ")[0].rpartition("\n\n")
    if whole != (0, len(generated)) or not rule:
        return None
    first, *others = listed.splitlines()
    results = [line for line in others if line.startswith(_RESULTS)]
    stub = f"{_FIRST_WORDS} …"
    for kept in ([first, *results, "", way_back], [first, "", way_back], [stub, "", way_back], [stub]):
        part = _sealed("\n".join(kept))
        if len(part) <= room:
            return part
    return None


def _generated(note: str) -> tuple[int, int] | None:
    """Return where the generated part begins and ends, or None if there is none or a person has changed it."""
    for seal in _SEAL.finditer(note):
        start = note.rfind(_FIRST_WORDS, 0, seal.start())
        is_line = start == 0 or note[start - 1 : start] == "\n"
        if start >= 0 and is_line and seal[1] == _digest(note[start : seal.start()]):
            return start, seal.end()
    return None


def _sealed(text: str) -> str:
    return f"{text}\n\n[//]: # (fitboard {_digest(text)})"


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
        yield f"{_RESULTS.removeprefix('- ')} none yet; they appear here when the run ends"
        return
    failure = run.tags.get(Tag.FAILURE)
    ended = run.status.word.capitalize()
    seconds = "" if run.seconds is None else f" after {duration(run.seconds)}"
    yield f"**{ended}**{seconds}" + (f": {_quoted(failure)}" if failure else "")
    found = [f"{_quoted(MetricName.of(name).label)} **{number(value)}**" for name, value in _results(run)]
    if found:
        yield f"{_RESULTS.removeprefix('- ')} {', '.join(found)}"
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
