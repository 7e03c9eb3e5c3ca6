"""The table of faults: what was tried, how often, and how many runs survived."""

import os
import random
from dataclasses import dataclass, field

from tests.support.faults import Fault, Reference, Row, Scene, Trial, fault_config
from trainer.config import Config

__all__ = ["SEED", "TRIES", "Table"]

SEED = int(os.environ.get("FITBOARD_FAULTS_SEED") or "0") or random.SystemRandom().randrange(1, 10**9)
TRIES = int(os.environ.get("FITBOARD_FAULTS") or "1")
# Trials per counted try: a fault without effect, for example because the run had already ended, is not counted.
_CHANCES = 4

_HEAD = f"{'fault':<36}{'tried':>6}{'survived':>10}{'expected':>10}{'found':>8}   (points)"


@dataclass
class Table:
    """The rows of the table so far."""

    rows: list[Row] = field(default_factory=list)

    def fill(
        self, name: str, fault: Fault, scene: Scene, reference: Reference, *, config: Config | None = None
    ) -> None:
        """Try the fault TRIES times; fail with what went wrong and the seed that repeats it."""
        row = Row(name)
        self.rows.append(row)
        told: list[str] = []
        for chance in range(TRIES * _CHANCES):
            seed = f"{SEED}/{name}/{chance}"
            # A generator per trial, so that a single trial can be repeated.
            scene.random = random.Random(seed)
            trial = Trial(scene, config or fault_config())
            run, bit = trial.run(fault)
            problems = list(trial.problems(run, reference))
            told += [f"{seed}: run {run.run_id}: {problem}" for problem in problems]
            if bit:
                row.tried += 1
                row.survived += not problems
                row.expected += reference.points
                row.found += Reference.of(scene.store, run).points
            if row.tried == TRIES:
                break
        if row.tried < TRIES:
            told.append(f"it bit {row.tried} times only in {TRIES * _CHANCES} trials")
        assert not told, "\n".join([f"FITBOARD_FAULTS_SEED={SEED} repeats this:", *told])

    def lines(self) -> list[str]:
        """Return the lines to print."""
        return ["", f"seed {SEED}", _HEAD, *map(str, self.rows)]
