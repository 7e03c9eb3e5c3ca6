"""Stores with a sweep and its trials, as the worker leaves them."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.store import SeedRun, add_runs, empty_store, fitboard_run, run_id_of
from tests.support.sweeps import course, sweep_of
from trainer.config.search import Pruner, SweepFile
from trainer.home import Home
from trainer.sweeps import Summary, Trial, TrialState, summary_of
from trainer.sweeps.confirmation import confirming_configs
from trainer.tracking import Progress, Status, Tag
from trainer.tracking.run import PARENT_TAG

__all__ = ["SWEEP_ID", "SWEEP_QUEUE", "SweepStore", "add_sweep"]

SWEEP_ID = run_id_of("sweep")
"""The id of a sweep with the default label."""
SWEEP_QUEUE = "testhost/01234567"

_EPOCHS, _PRUNED_AT = 9, 3
_SECOND = 1_000


@dataclass(frozen=True, kw_only=True)
class SweepStore:
    """What is to be in the store.

    Every fifth trial is pruned where the sweep has a pruner, every seventeenth failed, and the last `running` ones have
    not ended. `fresh` of the confirming runs have finished, if the sweep has any; by default all. With a number, the
    sweep says that it is confirming.
    """

    sweep: SweepFile
    trials: int
    label: str = "sweep"
    running: int = 0
    status: Status = Status.FINISHED
    fresh: int | None = None

    def runs(self) -> Iterator[SeedRun]:
        """Yield the runs, the sweep's own one first."""
        now = round(time.time() * _SECOND)
        chance = random.Random(0)
        made = [self._trial(number, chance, now) for number in range(self.trials)]
        yield self._parent([trial for trial, _ in made], now)
        yield from (run for _, run in made)
        yield from self._confirming([trial for trial, _ in made], now)

    def _parent(self, trials: list[Trial], now: int) -> SeedRun:
        settings = self.sweep.settings
        tags = {
            Tag.SWEEP_TRIALS: str(settings.trials),
            Tag.SWEEP_QUEUE: SWEEP_QUEUE,
            Tag.SWEEP_FILE: self.sweep.dump(),
            Tag.SWEEP_SUMMARY: self._summary(trials).dumps(),
            Tag.SPENT: "61.0",
            Tag.STARTED: str(now - 100 * _SECOND),
        }
        return SeedRun(
            label=self.label, name=f"{self.sweep.config.name} · sweep", status=self.status,
            start_time=now - 101 * _SECOND, end_time=now if self.status.ended else None,
            tags={str(name): value for name, value in tags.items()},
        )  # fmt: skip

    def _summary(self, trials: list[Trial]) -> Summary:
        settings = self.sweep.settings
        if self.fresh is None:
            return summary_of(trials, settings)
        wanted = sum(map(len, confirming_configs(self.sweep, trials).values()))
        return summary_of(trials, settings, confirmed=self.fresh, confirming=wanted)

    def _trial(self, number: int, chance: random.Random, now: int) -> tuple[Trial, SeedRun]:
        settings, space = self.sweep.settings, self.sweep.space
        values = space.values(lambda each: each.domain.at(chance.random()))
        state = self._state(number)
        epochs = {TrialState.PRUNED: _PRUNED_AT, TrialState.RUNNING: 2, TrialState.FAILED: 1}.get(state, _EPOCHS)
        begun = now - (100 - number) * _SECOND if self.trials < 100 else now - (self.trials - number) * 10
        curve = {epoch: value + chance.gauss(0, 0.01) for epoch, value in course(values, epochs).items()}
        curves = _curves(curve, 1 + 0.01 * number, is_tested=state is TrialState.COMPLETE)
        tags: dict[str, str] = {
            **_common(self.label),
            Tag.TRIAL: str(number),
            Tag.TRIAL_VALUES: json.dumps(values),
            Tag.STARTED: str(begun),
        }
        if settings.pruner is not Pruner.NONE:
            tags[Tag.TRIAL_JUDGED] = json.dumps({"epoch": epochs, "attrs": {}})
        status = {TrialState.FAILED: Status.FAILED, TrialState.RUNNING: Status.RUNNING}.get(state, Status.FINISHED)
        if state is TrialState.PRUNED:
            status = Status.KILLED
            tags |= {Tag.TRIAL_PRUNED: str(epochs), Tag.STOP: f"pruned at epoch {epochs}"}
        if state is TrialState.FAILED:
            tags[Tag.FAILURE] = "The loss became NaN in epoch 1; try a smaller learning rate."
        if state is TrialState.RUNNING:
            tags[Tag.PROGRESS] = Progress(time=now / _SECOND, epoch=2, epochs=_EPOCHS, step=3, steps=36).dumps()
        label = f"{self.label} trial {number}"
        run = fitboard_run(
            label, space.config_of(values), status, start_time=begun, artifacts=None, tags=tags, curves=curves,
            end_time=begun + 9 * _SECOND if status.ended else None, name=f"{self.sweep.config.name} · trial {number}",
        )  # fmt: skip
        results = tuple(curves[name][-1] for name in settings.objective) if state is TrialState.COMPLETE else ()
        return Trial(number=number, state=state, values=values, results=results, run_id=run_id_of(label)), run

    def _state(self, number: int) -> TrialState:
        if number >= self.trials - self.running:
            return TrialState.RUNNING
        if number % 17 == 11:
            return TrialState.FAILED
        is_pruned = self.sweep.settings.pruner is not Pruner.NONE and number % 5 == 3
        return TrialState.PRUNED if is_pruned else TrialState.COMPLETE

    def _confirming(self, trials: list[Trial], now: int) -> Iterator[SeedRun]:
        configs = [
            (number, config) for number, each in confirming_configs(self.sweep, trials).items() for config in each
        ]
        chance = random.Random(1)
        for number, config in configs[: self.fresh]:
            end = 0.9 * trials[number].results[0] + chance.gauss(0, 0.01)
            curves = _curves(dict.fromkeys(range(1, _EPOCHS + 1), end), 1.0, is_tested=True)
            tags: dict[str, str] = {**_common(self.label), Tag.SWEEP_CONFIRMS: str(number), Tag.STARTED: str(now)}
            yield fitboard_run(
                f"{self.label} {number} seed {config.seed}", config, Status.FINISHED, start_time=now, artifacts=None,
                end_time=now + _SECOND, tags=tags, curves=curves, name=f"trial {number} · seed {config.seed}",
            )  # fmt: skip


def _common(label: str) -> dict[str, str]:
    return {PARENT_TAG: run_id_of(label), Tag.SWEEP: run_id_of(label)}


def _curves(objective: dict[int, float], pace: float, *, is_tested: bool) -> dict[str, list[float]]:
    values = list(objective.values())
    found = {
        "loss": [1.9 - each for each in values],
        "accuracy": values,
        "val_loss": [2 * pace - each for each in values],
        "val_accuracy": values,
        "epoch_seconds": [2.0] * len(values),
    }
    return found | ({"test_accuracy": [values[-1] - 0.01], "test_loss": [2.0 - values[-1]]} if is_tested else {})


def add_sweep(home: Home, wanted: SweepStore | None = None, **settings: Any) -> str:
    """Write a sweep into the store of a home and return its id; `settings` are those of a small one of 40 trials."""
    uri, artifacts = home.tracking_uri(environment={}), home.path / "artifacts"
    empty_store(uri, artifacts)
    sweep = wanted or SweepStore(sweep=sweep_of(**{"trials": 40, "pruner": "median", **settings}), trials=40)
    add_runs(uri, artifacts, sweep.runs())
    return run_id_of(sweep.label)
