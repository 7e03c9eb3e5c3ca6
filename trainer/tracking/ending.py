"""What a run's tags say of its end: which epoch's weights were kept, and that it diverged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["DIVERGED", "Kept"]

DIVERGED = "Training diverged"
"""How `fitboard.judgement` begins of a run whose loss diverged."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Which epoch's weights a run kept, where a callback had a say in that.

    `epoch` is that epoch (1, 2, …), `epochs` how many were trained, `ended_by` the callback that ended the training,
    empty where none did. `values` are the metrics of the kept epoch.
    """

    epoch: int
    epochs: int
    ended_by: str = ""
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_last(self) -> bool:
        """Whether the weights are those of the last epoch."""
        return self.epoch == self.epochs

    def dumps(self) -> str:
        """As the JSON of the tag `fitboard.kept`."""
        return json.dumps(vars(self), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "Kept | None":
        """What `dumps` wrote; None for anything else."""
        try:
            kept = cls(**json.loads(text))
            values = {str(name): float(value) for name, value in dict(kept.values).items()}
            return replace(kept, epoch=int(kept.epoch), epochs=int(kept.epochs), values=values)
        except (ValueError, TypeError):
            return None
