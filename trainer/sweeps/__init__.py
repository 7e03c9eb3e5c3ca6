"""Sweeps: propose trials, prune them, and judge the results. The only place that imports Optuna."""

from trainer.sweeps.study import Proposer, refuse_missing_sampler
from trainer.sweeps.summary import Summary, summary_of
from trainer.sweeps.trial import Trial, TrialState, best_trials, common_failure

__all__ = [
    "Proposer",
    "Summary",
    "Trial",
    "TrialState",
    "best_trials",
    "common_failure",
    "refuse_missing_sampler",
    "summary_of",
]
