"""What people did: a line of JSON for each action, with its time and its person, in the home's logs."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from trainer.errors import ResourceError
from trainer.home import Home

__all__ = ["Deed", "deeds", "deeds_file", "write_deed"]

_MOST_SUBJECTS = 1_000


class Deed(NamedTuple):
    """An action: seconds since 1970, who did what, and to which runs or data."""

    time: float
    person: str
    action: str
    subjects: tuple[str, ...]


def deeds_file(home: Home) -> Path:
    """Return the file of a home."""
    return home.logs / "actions.jsonl"


def write_deed(home: Home, person: str, action: str, subjects: Sequence[str] = (), *, now: float | None = None) -> None:
    """Append an action before it is done, so that none is done without its line.

    Raises:
        ResourceError: the file cannot be written.
    """
    file = deeds_file(home)
    found = Deed(time.time() if now is None else now, person, action, tuple(subjects[:_MOST_SUBJECTS]))
    line = json.dumps(found._asdict(), ensure_ascii=False, separators=(",", ":")) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # One write, so that lines of several processes do not mix.
            os.write(descriptor, line.encode(errors="replace"))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ResourceError(
            f"The action cannot be written to {file} ({error.strerror}), so it was not done; free disk space."
        ) from error


def deeds(home: Home) -> Iterator[Deed]:
    """Yield the actions, oldest first; a line that was cut short is left out.

    Raises:
        ResourceError: the file cannot be read.
    """
    try:
        lines = deeds_file(home).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ResourceError(f"{deeds_file(home)} cannot be read ({error.strerror}).") from error
    for line in lines:
        try:
            fields = json.loads(line)
            yield Deed(float(fields["time"]), fields["person"], fields["action"], tuple(fields["subjects"]))
        except (ValueError, KeyError, TypeError):
            continue
