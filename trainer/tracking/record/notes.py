"""Notes in a run's folder while the store does not respond: a request to stop, and an end that is not saved yet."""

import contextlib
from pathlib import Path

__all__ = ["ask_to_stop_here", "forget_notes", "is_asked_here", "is_unsaved", "note_unsaved"]

_STOP = "stop"
_UNSAVED = "unsaved"


def ask_to_stop_here(folder: Path) -> None:
    """Ask the run to stop while the store does not respond.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _STOP).touch()


def is_asked_here(folder: Path) -> bool:
    """Return whether a stop was requested by `ask_to_stop_here`."""
    return (folder / _STOP).exists()


def note_unsaved(folder: Path) -> None:
    """Note that training is over but not saved in the store; the next process evaluates and saves."""
    with contextlib.suppress(OSError):
        (folder / _UNSAVED).touch()


def is_unsaved(folder: Path) -> bool:
    """Return whether a training in this folder ended without being saved."""
    return (folder / _UNSAVED).exists()


def forget_notes(folder: Path) -> None:
    """Remove the notes, because the run has ended or starts again."""
    for name in (_STOP, _UNSAVED):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)
