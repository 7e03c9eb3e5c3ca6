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
_BLOCK = 2**16


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


def deeds(home: Home, *, person: str = "", about: str = "") -> Iterator[Deed]:
    """Yield the actions, newest first; a line that was cut short is left out.

    Args:
        home: the home.
        person: part of the name of who did it, in upper or lower case; everyone by default.
        about: part of what was done, or of an id or a name that it was done to.

    Raises:
        ResourceError: the file cannot be read.
    """
    who, what = person.casefold(), about.casefold()
    try:
        for line in _lines_from_the_end(deeds_file(home)):
            found = _deed(line)
            if found is not None and who in found.person.casefold() and _is_about(found, what):
                yield found
    except FileNotFoundError:
        return
    except OSError as error:
        raise ResourceError(f"{deeds_file(home)} cannot be read ({error.strerror}).") from error


def _is_about(found: Deed, what: str) -> bool:
    return any(what in text.casefold() for text in (found.action, *found.subjects))


def _deed(line: bytes) -> Deed | None:
    try:
        fields = json.loads(line)
        subjects = tuple(str(each) for each in fields["subjects"])
        return Deed(float(fields["time"]), str(fields["person"]), str(fields["action"]), subjects)
    except (ValueError, KeyError, TypeError):
        return None


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, last first; a file of years is not read to show its last page."""
    with path.open("rb") as file:
        left, kept = file.seek(0, os.SEEK_END), b""
        while left:
            size = min(left, _BLOCK)
            left -= size
            file.seek(left)
            first, *lines = (file.read(size) + kept).split(b"\n")
            yield from reversed(lines)
            kept = first
        yield kept
