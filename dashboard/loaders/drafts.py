"""Saved drafts: one file per browser in the home, named by a hash so that it does not reveal the browser's id."""

import hashlib
import time
from contextlib import suppress
from pathlib import Path

from dashboard.draft import Saved, read_saved, save_text
from trainer.data.files import write_whole
from trainer.home import Home

__all__ = ["LONGEST_KEPT_SECONDS", "MOST_KEPT", "load_draft", "save_draft"]

LONGEST_KEPT_SECONDS = 90 * 24 * 3600.0
"""Seconds after its last change at which a draft is deleted."""
MOST_KEPT = 500
"""Number of drafts kept, the most recent ones."""
# A draft without undo steps may exceed `LARGEST_SAVED`; one of 16 times that size is damaged.
_LARGEST_READ = 8 * 1024 * 1024


def load_draft(home: Home, browser: str) -> Saved | None:
    """Return the saved draft of a browser, or None.

    Raises:
        ValueError: the file is there and cannot be used.
    """
    file = _file(home, browser)
    try:
        if file.stat().st_size > _LARGEST_READ:
            raise ValueError("the saved draft is too large")
        return read_saved(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(f"the saved draft cannot be read ({error.strerror})") from error


def save_draft(home: Home, browser: str, saved: Saved) -> None:
    """Save a browser's draft over the previous one. With several tabs, the last one to save wins.

    Raises:
        ResourceError: the file cannot be written.
    """
    file = _file(home, browser)
    is_new = not file.exists()
    write_whole(file, lambda stream: stream.write(save_text(saved).encode()))
    # Only a new file can exceed the limit, so other saves do not scan the folder.
    if is_new:
        _drop_old(file.parent, now=time.time())


def _drop_old(folder: Path, *, now: float) -> None:
    """Delete drafts that are too old or exceed the limit. Other processes may be doing the same."""
    written: list[tuple[float, Path]] = []
    for file in folder.glob("*.json"):
        with suppress(OSError):
            written.append((file.stat().st_mtime, file))
    for place, (when, file) in enumerate(sorted(written, reverse=True)):
        if place >= MOST_KEPT or now - when > LONGEST_KEPT_SECONDS:
            with suppress(OSError):
                file.unlink()


def _file(home: Home, browser: str) -> Path:
    return home.drafts / f"{hashlib.sha256(browser.encode()).hexdigest()[:32]}.json"
