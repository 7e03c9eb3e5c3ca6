"""What a person attaches to runs of any program, and to experiments: names, tags, notes and colors."""

import posixpath
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainer.errors import ConfigError
from trainer.format import count, counted, cut, is_utf8, one_line
from trainer.tracking.note import LONGEST_WRITTEN, NOTE_TAG, with_written, written_part
from trainer.tracking.run import COLOR_TAG, Experiment, Run

if TYPE_CHECKING:
    from trainer.tracking.write.store import Store

__all__ = [
    "LONGEST_EXPERIMENT_NOTE",
    "LONGEST_NAME",
    "NUMBER",
    "OWN_TAGS",
    "checked_name",
    "checked_tag",
    "extend_note",
    "numbered_name",
    "remove_tags",
    "rename",
    "set_color",
    "set_tag",
    "write_experiment_note",
    "write_note",
]

LONGEST_NAME = 250
"""Characters of a run's name and of a tag's name, in MLflow's tables."""
LONGEST_EXPERIMENT_NOTE = 20_000
"""Characters of an experiment's description; MLflow (3.17) refuses longer tags of experiments."""
OWN_TAGS = ("mlflow.", "fitboard.")
"""How the tags begin that programs write for themselves."""
NUMBER = "{n}"
"""What stands in a name for the place of each run among those that are renamed together: 1, 2, …"""

_LONGEST_VALUE = 8_000
_COLOR = re.compile(r"#[0-9a-f]{6}")
# MLflow's own pattern of names of tags, params and metrics.
_TAG_NAME = re.compile(r"[/\w.\- :]+")


def rename(store: "Store", run: Run, name: str) -> None:
    """Change a run's name.

    Raises:
        ConfigError: the name is empty, too long, or cannot be stored; or the run is deleted.
    """
    _refuse_deleted(run)
    store.rename(run.run_id, checked_name(name))


def checked_name(name: str) -> str:
    """Return a name without spaces around it.

    Raises:
        ConfigError: it has no visible character, more than `LONGEST_NAME` characters, or characters on no line.
    """
    stripped = name.strip()
    if not any(unicodedata.category(letter)[0] not in "CZ" for letter in stripped):
        raise ConfigError(f"A name must have a visible character, got {cut(name, 40)!r}; type a name.")
    if len(stripped) > LONGEST_NAME:
        raise ConfigError(
            f"A name can have at most {LONGEST_NAME} characters, got {count(len(stripped))}; shorten it, or put the "
            "text into the note."
        )
    if not is_utf8(stripped) or any(unicodedata.category(letter) == "Cc" for letter in stripped):
        raise ConfigError(f"A name must be one line of text, got {cut(one_line(stripped), 40)!r}; remove the rest.")
    return stripped


def numbered_name(name: str, place: int) -> str:
    """Return a name with `{n}` replaced by the place, from 1, of the run among those that are renamed."""
    return name.replace(NUMBER, str(place))


def set_tag(store: "Store", run: Run, name: str, value: str) -> None:
    """Set a tag of a run, or replace its value.

    Raises:
        ConfigError: see `checked_tag`; or the run is deleted.
    """
    _refuse_deleted(run)
    store.set_tags(run.run_id, dict([checked_tag(name, value)]))


def checked_tag(name: str, value: str) -> tuple[str, str]:
    """Return a tag's name and value without spaces around the name.

    Raises:
        ConfigError: MLflow does not accept the name or the value, or the tag is one that programs write.
    """
    stripped = name.strip()
    if not stripped:
        raise ConfigError("A tag needs a name, such as `team` or `paper/figure 2`; type one.")
    _refuse_own(stripped)
    if len(stripped) > LONGEST_NAME:
        raise ConfigError(
            f"A tag's name can have at most {LONGEST_NAME} characters, got {count(len(stripped))}; shorten it."
        )
    if (
        not _TAG_NAME.fullmatch(stripped)
        or posixpath.normpath(stripped) != stripped
        or stripped.startswith(("/", "../"))
        or stripped in {".", ".."}
    ):
        raise ConfigError(
            f"A tag's name can have letters, digits, spaces and _ - . : with single slashes between them, got "
            f"{cut(stripped, 40)!r}; choose another name."
        )
    if len(value) > _LONGEST_VALUE:
        raise ConfigError(
            f"A tag's value can have at most {count(_LONGEST_VALUE)} characters, got {count(len(value))}; shorten it."
        )
    _refuse_unstorable("A tag's value", value)
    return stripped, value


def remove_tags(store: "Store", run: Run, names: Sequence[str]) -> None:
    """Remove tags from a run; those that it does not have are ignored.

    Raises:
        ConfigError: programs write the tag, or the run is deleted.
    """
    _refuse_deleted(run)
    for name in names:
        _refuse_own(name)
        if name in run.tags:
            store.delete_tag(run.run_id, name)


def write_note(store: "Store", run: Run, text: str) -> None:
    """Replace what people wrote in a run's description; the part that Fitboard generated stays below it.

    Raises:
        ConfigError: the text is longer than `LONGEST_WRITTEN` or cannot be stored, or the run is deleted.
    """
    _refuse_deleted(run)
    written, note = text.strip(), run.tags.get(NOTE_TAG)
    if written == written_part(note):
        return
    if len(written) > LONGEST_WRITTEN:
        raise ConfigError(
            f"A note can have at most {count(LONGEST_WRITTEN)} characters, got {count(len(written))}; shorten it."
        )
    _refuse_unstorable("A note", written)
    store.set_tags(run.run_id, {NOTE_TAG: with_written(note, written, store.generated_note(run))})


def extend_note(store: "Store", run: Run, text: str) -> None:
    """Add a paragraph to what people wrote in a run's description.

    Raises:
        ConfigError: see `write_note`; or there is no text.
    """
    if not text.strip():
        raise ConfigError("There is no text to add; type a note.")
    present = written_part(run.tags.get(NOTE_TAG))
    try:
        write_note(store, run, f"{present}\n\n{text.strip()}")
    except ConfigError as error:
        if not present or run.deleted:
            raise
        raise ConfigError(
            f"The note of {run.short_title} already has {counted(len(present), 'character')}. {error}"
        ) from error


def write_experiment_note(store: "Store", experiment: Experiment, text: str) -> None:
    """Replace an experiment's description, in Markdown, which MLflow's UI shows too; an empty text removes it.

    Raises:
        ConfigError: the text is longer than `LONGEST_EXPERIMENT_NOTE` or cannot be stored.
    """
    written = text.strip()
    if len(written) > LONGEST_EXPERIMENT_NOTE:
        raise ConfigError(
            f"A note of an experiment can have at most {count(LONGEST_EXPERIMENT_NOTE)} characters, got "
            f"{count(len(written))}; shorten it."
        )
    _refuse_unstorable("A note", written)
    store.tag_experiment(experiment.experiment_id, NOTE_TAG, written or None)


def set_color(store: "Store", run: Run, color: str | None) -> None:
    """Give a run a color, as `#rrggbb`, in the tag that MLflow's UI uses too; None restores the automatic one.

    Raises:
        ConfigError: it is no color, or the run is deleted.
    """
    _refuse_deleted(run)
    if color is None:
        store.delete_tag(run.run_id, COLOR_TAG)
        return
    if not _COLOR.fullmatch(color.lower()):
        raise ConfigError(f"A color must have the form #rrggbb, such as #d55e00, got {cut(one_line(color), 40)!r}.")
    store.set_tags(run.run_id, {COLOR_TAG: color.lower()})


def _refuse_deleted(run: Run) -> None:
    if run.deleted:
        raise ConfigError(f"{run.short_title} is deleted; restore it first.")


def _refuse_own(name: str) -> None:
    if name.startswith(OWN_TAGS):
        raise ConfigError(
            f"The tag `{cut(name, 40)}` is written by programs; choose a name that does not begin with "
            f"{' or '.join(OWN_TAGS)}"
        )


def _refuse_unstorable(what: str, text: str) -> None:
    if not is_utf8(text) or "\0" in text:
        raise ConfigError(f"{what} must be text, but it contains a NUL character or an unpaired surrogate; remove it.")
