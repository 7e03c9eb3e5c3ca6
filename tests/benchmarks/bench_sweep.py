"""Time to propose a trial and to decide on its pruning, by the number of trials before it.

python -m tests.benchmarks.bench_sweep        target: ask + tell at 500 trials within 50 ms
"""

import random
import statistics
import sys
import time
from dataclasses import replace

from tests.support.sweeps import course, sweep_of
from trainer.sweeps import Proposer, Trial, TrialState

_REPEATS = 9
_TARGET_MS = 50


def _trials(count: int) -> list[Trial]:
    space, chance, found = sweep_of().space, random.Random(0), list[Trial]()
    for number in range(count):
        values = space.values(lambda each: each.domain.at(chance.random()))
        curve = course(values, 30)
        done = Trial(number=number, state=TrialState.COMPLETE, values=values, results=(curve[30],), course=curve)
        found.append(replace(done, judged=30))
    return found


def main() -> None:
    """Print the medians in milliseconds of processor time and exit with 1 if the target is missed."""
    missed = False
    for pruner in ("none", "hyperband"):
        for count in (50, 500):
            trials, proposer = _trials(count), Proposer(sweep_of(sampler="tpe", pruner=pruner))
            spent = []
            for repeat in range(_REPEATS):
                # The last one has just ended, so that it is told anew each time.
                told = [*trials[:-1], replace(trials[-1], judged=30 + repeat)]
                begun = time.process_time()
                proposer.ask(told)
                spent.append(1_000 * (time.process_time() - begun))
            median = statistics.median(spent)
            told_ms = f"{median:.1f} ms (at most {max(spent):.1f})"
            sys.stdout.write(f"pruner {pruner}, {count} trials: ask + tell {told_ms}\n")
            missed |= count == 500 and pruner == "none" and median > _TARGET_MS
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
