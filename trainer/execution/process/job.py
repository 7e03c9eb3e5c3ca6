"""What a training process is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Job"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that a training process is told.

    `config` is canonical JSON; None means: read it from the run. `threads` (`intra`, `inter`, `grappler`) are those
    that a run had before, or the run that it repeats; None leaves the choice to the trainer. `checked` says that the
    config was checked on this machine a moment ago. `may_share` says that the run begins at its beginning and has no
    limit to its memory, so a process that has trained another run may train it too.
    """

    run_id: str
    home: Path
    tracking_uri: str
    config: str | None = None
    runs_at_once: int = 1
    threads: Mapping[str, Any] | None = None
    checked: bool = False
    may_share: bool = False

    def dumps(self) -> str:
        """As one JSON argument of a command line, which every user of the machine can read: without the store."""
        told = {**vars(self), "home": str(self.home)}
        del told["tracking_uri"]
        return json.dumps(told)

    @classmethod
    def loads(cls, text: str, *, tracking_uri: str) -> "Job":
        """What `dumps` wrote, with the store's address, which may hold a password."""
        fields = json.loads(text)
        return cls(**{**fields, "home": Path(fields["home"]), "tracking_uri": tracking_uri})
