"""Small trainings for tests: configs, a reporter that records, and data that load quickly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.config import Config, parse_config
from trainer.data import Splits, load
from trainer.engine.report import Facts
from trainer.home import Home
from trainer.tracking.tags import Progress

__all__ = ["Memory", "config_on", "splits_of"]


@dataclass
class Memory:
    """A reporter that records everything, and asks training to stop or to leave after a number of executions."""

    stop_after: int | None = None
    leave_after: int | None = None
    phases: list[str] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    epochs: list[dict[str, float]] = field(default_factory=list)

    def phase(self, text: str) -> None:
        self.phases.append(text)

    def began(self, facts: Facts) -> None:
        self.facts.append(facts)

    def progressed(self, progress: Progress) -> None:
        self.progress.append(progress)

    def epoch_ended(self, epoch: int, values: Mapping[str, float], seconds: float) -> None:
        assert epoch == len(self.epochs) + 1
        assert seconds > 0
        self.epochs.append(dict(values))

    def stop_requested(self) -> bool:
        return self.stop_after is not None and len(self.progress) >= self.stop_after

    def leave_requested(self) -> bool:
        return self.leave_after is not None and len(self.progress) >= self.leave_after


def config_on(dataset: str | dict[str, Any] = "digits", **changes: Any) -> Config:
    """Return the quickstart's network on a small dataset, with some fields changed."""
    fields: dict[str, Any] = {
        "dataset": dataset,
        "layers": [
            "Flatten",
            {"layer": "Dense", "units": 16, "activation": "relu"},
            {"layer": "Dropout", "rate": 0.2},
            {"layer": "Dense", "units": 10},
        ],
        "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
        "optimizer": "adam",
        "metrics": ["accuracy"],
        "epochs": 2,
    }
    return parse_config(fields | changes)


def splits_of(config: Config, home: Path) -> Splits:
    """Return the config's data."""
    return load(config.dataset, home=Home(home))
