"""What a run is told through its folder where the store is away: stop, and that its end is not saved yet."""

import contextlib
from pathlib import Path

__all__ = ["ask_to_stop_here", "forget_notes", "is_asked_here", "is_unsaved", "note_unsaved"]

_STOP = "stop"
_UNSAVED = "unsaved"


def ask_to_stop_here(folder: Path) -> None:
    """Asks the run to stop, for as long as the store cannot be told.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _STOP).touch()


def is_asked_here(folder: Path) -> bool:
    """Whether somebody asked by `ask_to_stop_here`."""
    return (folder / _STOP).exists()


def note_unsaved(folder: Path) -> None:
    """The training is over, and the store did not hear of it: whoever goes on evaluates and saves."""
    with contextlib.suppress(OSError):
        (folder / _UNSAVED).touch()


def is_unsaved(folder: Path) -> bool:
    """Whether a training in this folder was over without being saved."""
    return (folder / _UNSAVED).exists()


def forget_notes(folder: Path) -> None:
    """The run has its end, or begins anew."""
    for name in (_STOP, _UNSAVED):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)
