"""Propose trials and decide on pruning, with an Optuna study in memory that is rebuilt from the trials each time.

Optuna has no storage here: its own does not fit beside MLflow's tables, and a study that is a pure function of the
recorded trials survives any crash.
"""

import copy
import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trainer.config.search import Dimension, Pruner, Repeat, Sampler, SweepFile
from trainer.config.search.domains import Choices, Domain
from trainer.errors import ConfigError
from trainer.sweeps.pointwise import grid_points, sobol_point
from trainer.sweeps.trial import Trial, TrialState

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

__all__ = ["REDUCTION", "Proposer", "refuse_missing_sampler"]

REDUCTION = 3
"""One of so many trials passes each rung of Hyperband."""


def refuse_missing_sampler(sampler: Sampler) -> None:
    """Raise ConfigError if the sampler needs a package that is not installed."""
    import importlib.util

    if sampler is Sampler.GP and importlib.util.find_spec("torch") is None:
        raise ConfigError("The sampler gp needs PyTorch, which is not installed; use tpe, or install torch.")


class Proposer:
    """Proposes the trials of one sweep. Everything it knows is in the trials that are passed to it.

    It keeps only what takes long to compute again, so a new one continues where another one stopped.
    """

    def __init__(self, sweep: SweepFile) -> None:
        self._sweep = sweep
        self._settings = sweep.settings
        self._distributions = {each.name: _distribution(each.domain) for each in sweep.space.dimensions}
        # CMA-ES keeps pickled state in the trials' attributes, which must not be read from a shared store.
        self._attrs: dict[int, Mapping[str, Any]] = {}
        self._frozen_trials: dict[int, tuple[Trial, optuna.trial.FrozenTrial]] = {}

    @cached_property
    def grid(self) -> tuple[Mapping[str, Any], ...]:
        """Every combination of a finite space, in the order in which the sampler grid tries them."""
        return grid_points(self._sweep.space, self._settings.seed)

    def ask(self, trials: Sequence[Trial]) -> dict[str, Any]:
        """Return the values of the trial with the next number, `len(trials)`.

        The trials are all earlier ones, in the order of their numbers and without gaps.
        """
        number, space = len(trials), self._sweep.space
        if self._settings.sampler is Sampler.GRID:
            return dict(self.grid[number % len(self.grid)])
        if self._settings.sampler is Sampler.SOBOL:
            return sobol_point(space, self._settings.seed, number)
        if self._settings.sampler is Sampler.CMAES:
            self._replay(trials)
        return self._ask(trials)

    def prunes(self, trials: Sequence[Trial], number: int, course: Mapping[int, float]) -> tuple[Trial, bool]:
        """Decide epoch by epoch on a running trial, given its objective by epoch (1, 2, …).

        Returns the trial as it is to be recorded, with its new course and attributes, and whether it is pruned: then
        its course ends with the epoch at which it is.
        """
        trial = trials[number]
        study = self._study([*trials[:number], _running(trial), *trials[number + 1 :]], number)
        import optuna

        live = optuna.trial.Trial(study, study.get_trials(deepcopy=False)[number]._trial_id)
        known, is_pruned, judged = dict(trial.course), False, trial.judged
        for epoch in sorted(course):
            if epoch <= trial.judged:
                continue
            known[epoch], judged = course[epoch], epoch
            live.report(course[epoch], epoch)
            if live.should_prune():
                is_pruned = True
                break
        own = self._attrs.get(number, {})
        attrs = study.get_trials(deepcopy=False)[number].system_attrs
        kept = {name: value for name, value in attrs.items() if name not in own}
        return replace(trial, course=known, judged=judged, attrs=kept), is_pruned

    def study(self, trials: Sequence[Trial]) -> "optuna.Study":
        """Return an Optuna study of the trials, numbered from 0 without gaps."""
        return self._study(trials, len(trials))

    def _ask(self, trials: Sequence[Trial]) -> dict[str, Any]:
        number = len(trials)
        study = self._study(trials, number)
        asked = study.ask()
        found = self._sweep.space.values(lambda each: _suggest(asked, each))
        if self._settings.sampler is Sampler.CMAES:
            self._attrs[number] = dict(study.get_trials(deepcopy=False)[number].system_attrs)
        return found

    def _replay(self, trials: Sequence[Trial]) -> None:
        """Compute the state that earlier proposals left behind, by proposing them again."""
        for number, trial in enumerate(trials):
            if number not in self._attrs:
                before = [_running(each) if each.number in trial.pending else each for each in trials[:number]]
                self._ask(before)

    def _study(self, trials: Sequence[Trial], number: int) -> "optuna.Study":
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            # Hyperband divides the trials among its brackets by this name and the number of the trial.
            study_name=self._sweep.digest,
            directions=["maximize" if up else "minimize" for up in self._settings.maximizes],
            sampler=self._sampler(_seed(self._settings.seed, number)),
            pruner=self._pruner(),
        )
        study.add_trials([self._known(trial) for trial in trials])
        return study

    def _known(self, trial: Trial) -> "optuna.trial.FrozenTrial":
        """Return the trial as Optuna knows it, converted once for as long as it stays the same object."""
        before, frozen = self._frozen_trials.get(trial.number, (None, None))
        if frozen is None or before is not trial:
            frozen = self._frozen(trial)
            self._frozen_trials[trial.number] = (trial, frozen)
        return frozen

    def _frozen(self, trial: Trial) -> "optuna.trial.FrozenTrial":
        import optuna

        states = optuna.trial.TrialState
        state = {
            TrialState.RUNNING: states.RUNNING,
            TrialState.COMPLETE: states.COMPLETE,
            TrialState.PRUNED: states.PRUNED,
            TrialState.FAILED: states.FAIL,
            TrialState.STOPPED: states.FAIL,
        }[trial.state]
        known = self._sweep.space
        # Other programs may have changed the tags.
        values = {name: value for name, value in trial.values.items() if known.has(name, value)}
        # Copying the course of each trial takes half the time of an ask, and only pruners and pruned trials need it.
        needs_course = self._settings.pruner is not Pruner.NONE or state is states.PRUNED
        frozen = optuna.trial.create_trial(
            state=state,
            values=list(trial.results) if state is states.COMPLETE else None,
            params={name: _internal(known.dimension(name).domain, value) for name, value in values.items()},
            distributions={name: self._distributions[name] for name in values},
            intermediate_values=dict(trial.course) if needs_course else None,
            system_attrs={**trial.attrs, **self._attrs.get(trial.number, {})},
        )
        if trial.ended:
            frozen.__class__ = _settled()
        return frozen

    def _sampler(self, seed: int) -> "optuna.samplers.BaseSampler":
        import optuna

        samplers = optuna.samplers
        match self._settings.sampler:
            case Sampler.RANDOM:
                return samplers.RandomSampler(seed=seed)
            case Sampler.CMAES:
                return samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
            case Sampler.GP:
                return samplers.GPSampler(seed=seed)
            case _:
                return samplers.TPESampler(seed=seed, constant_liar=self._settings.jobs > 1)

    def _pruner(self) -> "optuna.pruners.BasePruner":
        import optuna

        match self._settings.pruner:
            case Pruner.MEDIAN:
                return optuna.pruners.MedianPruner()
            case Pruner.HYPERBAND:
                return optuna.pruners.HyperbandPruner(max_resource=self._sweep.most_epochs, reduction_factor=REDUCTION)
            case _:
                return optuna.pruners.NopPruner()


@functools.cache
def _settled() -> "type[optuna.trial.FrozenTrial]":
    import optuna

    class Settled(optuna.trial.FrozenTrial):
        """A trial that never changes again. Deep copies of 500 of them take three quarters of the time of an ask."""

        def __deepcopy__(self, _: object) -> "Settled":
            return copy.copy(self)

    return Settled


def _running(trial: Trial) -> Trial:
    return replace(trial, state=TrialState.RUNNING, results=())


def _seed(seed: int, number: int) -> int:
    """Return a seed of its own for each proposal: with one for all, every restart would repeat the first one."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:4], "big")


def _distribution(domain: Domain) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(domain, Choices):
        return CategoricalDistribution(domain.labels)
    if domain.step is not None:
        # Places in the range instead of its values: Optuna adds steps as floats, which round.
        return IntDistribution(0, (domain.size or 1) - 1)
    if domain.whole:
        return IntDistribution(int(domain.low), int(domain.high), log=domain.log)
    return FloatDistribution(domain.low, domain.high, log=domain.log)


def _suggest(trial: "optuna.Trial", each: Dimension) -> Any:
    domain = each.domain
    if isinstance(domain, Choices):
        return domain.options[domain.labels.index(trial.suggest_categorical(each.name, domain.labels))]
    if domain.step is not None:
        return domain.stepped(trial.suggest_int(each.name, 0, (domain.size or 1) - 1))
    if domain.whole or isinstance(domain, Repeat):
        return trial.suggest_int(each.name, int(domain.low), int(domain.high), log=domain.log)
    return trial.suggest_float(each.name, domain.low, domain.high, log=domain.log)


def _internal(domain: Domain, value: Any) -> Any:
    """Return the value as the study knows it."""
    if isinstance(domain, Choices):
        return domain.label(value)
    return domain.index(value) if domain.step is not None else value
