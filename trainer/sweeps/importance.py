"""Which settings of a sweep mattered."""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainer.config.search import SweepFile
from trainer.statistics import FEWEST_RUNS, Importance
from trainer.sweeps.study import Proposer
from trainer.sweeps.trial import Trial, TrialState

__all__ = ["SWEEP_METHOD", "SWEEP_RESAMPLES", "setting_importances"]

SWEEP_METHOD = "PED-ANOVA"
"""The method, to be named beside the numbers: fANOVA ranks the same trials otherwise."""
SWEEP_RESAMPLES = 100
"""Number of bootstrap resamples that an interval is taken from."""


def setting_importances(sweep: SweepFile, trials: Sequence[Trial], *, seed: int = 0) -> tuple[Importance, ...] | None:
    """Rank the settings that vary by how much they decide whether a trial is among the best tenth, largest first.

    The method is PED-ANOVA (Watanabe et al. 2023; Optuna's evaluator, which handles settings that do not apply to
    every trial). The shares add up to 1. The interval is the percentile bootstrap's over trials, which takes some
    10 ms a resample at 100 trials.

    None with fewer than `FEWEST_RUNS` complete trials, several objectives, or equal results in all trials.
    """
    done = [each for each in trials if each.state is TrialState.COMPLETE]
    is_single = len(sweep.settings.objective) == 1
    if len(done) < FEWEST_RUNS or not is_single or len({each.results for each in done}) < 2:
        return None
    proposer = Proposer(sweep)
    names = [each.name for each in sweep.space.dimensions if any(each.name in trial.values for trial in done)]
    found = _shares(proposer, done, names)
    random = np.random.default_rng(seed)
    resampled = []
    for _ in range(SWEEP_RESAMPLES):
        drawn = [done[place] for place in random.integers(0, len(done), len(done))]
        if len({each.results for each in drawn}) > 1:
            resampled.append(_shares(proposer, drawn, names))
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
    rows = (Importance(*row) for row in zip(names, found, low.tolist(), high.tolist(), strict=True))
    return tuple(sorted(rows, key=lambda each: -each.value))


def _shares(proposer: Proposer, trials: Sequence[Trial], names: Sequence[str]) -> list[float]:
    """Return the share of each setting; 0 for one that applies to none of the trials."""
    import optuna

    study = proposer.study([replace(trial, number=place) for place, trial in enumerate(trials)])
    with warnings.catch_warnings():
        # A resample may repeat one trial so often that the best tenth is all that there is.
        warnings.simplefilter("ignore", UserWarning)
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.PedAnovaImportanceEvaluator(), normalize=True
        )
    return [float(found.get(name, 0.0)) for name in names]
