"""The order for a training process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Job"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything that a training process needs to know.

    `config` is canonical JSON, or None to read it from the run. `threads` (`intra`, `inter`, `grappler`) are those of
    an earlier process of the run, or of the run that it repeats; None leaves the choice to the trainer. `checked` is
    whether the config has just been checked on this machine. `may_share` is whether a process that has trained another
    run may train this one: it starts from its beginning and has no memory limit. `devices` are the GPUs that the
    process may use, as in `CUDA_VISIBLE_DEVICES`; None for all.
    """

    run_id: str
    home: Path
    tracking_uri: str
    config: str | None = None
    runs_at_once: int = 1
    threads: Mapping[str, Any] | None = None
    checked: bool = False
    may_share: bool = False
    devices: str | None = None

    def dumps(self) -> str:
        """Return the job as JSON for a command line, which every user of the machine can read: without the store."""
        told = {**vars(self), "home": str(self.home)}
        del told["tracking_uri"]
        return json.dumps(told)

    @classmethod
    def loads(cls, text: str, *, tracking_uri: str) -> "Job":
        """Read what `dumps` wrote, and add the store's URI, which may contain a password."""
        fields = json.loads(text)
        return cls(**{**fields, "home": Path(fields["home"]), "tracking_uri": tracking_uri})
