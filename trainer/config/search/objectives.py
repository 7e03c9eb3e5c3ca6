"""What a sweep may optimize: a metric on validation data that all of its trials log, and measure alike."""

from collections.abc import Iterator

from trainer.config.component import nearest
from trainer.config.config import Config
from trainer.config.file_datasets import Npz
from trainer.config.metrics import logged_names
from trainer.config.metrics.names import VALIDATION, MeasuredPart, MetricName
from trainer.config.overrides import paths, with_value
from trainer.config.search.domains import Choices, shown
from trainer.config.search.space import Dimension, Space
from trainer.config.splits import ColumnSplit
from trainer.errors import ConfigError

__all__ = ["default_objective", "refuse_objective"]

_LOSS, _METRICS = "loss", "metrics"
_PENALTY = "regularizer"


def default_objective(config: Config) -> str:
    """Return the first metric on validation data that has a better direction, else the loss on them."""
    names = (VALIDATION + name for name in logged_names(config.metrics))
    return next((name for name in names if MetricName.of(name).higher_is_better is not None), VALIDATION + _LOSS)


def refuse_objective(name: str, space: Space) -> None:
    """Raise ConfigError if trials of the space do not all log the metric, or their values cannot be compared."""
    parsed = MetricName.of(name)
    if parsed.part is MeasuredPart.TEST:
        raise ConfigError(
            f"sweep.objective: {name} is measured on the test data, which must not choose the winner; use a "
            f"validation metric such as {VALIDATION}{parsed.base}."
        )
    _refuse_training(name, parsed, space.config)
    if parsed.base == _LOSS:
        _refuse_losses(name, space)
    for config in _measured(space):
        logged = _logged(config)
        if name not in logged:
            near = nearest(name, logged)
            hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(logged)}."
            who = "this config does" if config is space.config else "trials with some of the metrics that vary do"
            raise ConfigError(f"sweep.objective: {who} not log {shown(name)}; {hint}")
    varied = next((each.name for each in space.dimensions if _is_of_metric(each, parsed.base, space.config)), None)
    if varied is not None:
        raise ConfigError(f"sweep.objective: `{varied}` varies what {name} measures, so its values cannot be compared.")
    if not _has_validation(space.config):
        raise ConfigError(
            f"sweep.objective: there are no validation data for {name}; set dataset.validation_fraction above 0."
        )


def _refuse_training(name: str, parsed: MetricName, config: Config) -> None:
    """Refuse what is logged but does not measure how well a trial does on data that it was not trained on."""
    if not parsed.is_result:
        raise ConfigError(
            f"sweep.objective: {shown(name)} does not measure results on the validation data; expected one of "
            f"{', '.join(_logged(config))}."
        )
    if VALIDATION + name in _logged(config):
        also = "" if _has_validation(config) else ", with dataset.validation_fraction above 0"
        raise ConfigError(
            f"sweep.objective: {name} is measured on the training data, where overfitting looks like success; use "
            f"{VALIDATION}{name}{also}."
        )


def _refuse_losses(name: str, space: Space) -> None:
    """Refuse the loss as objective if the loss function or a penalty, which Keras adds to it, varies."""
    if any(each.name.split(".")[0] == _LOSS for each in space.dimensions):
        raise ConfigError(
            f"sweep.objective: the loss function varies, so values of {name} cannot be compared; choose a metric."
        )
    penalty = next((each.name for each in space.dimensions if _PENALTY in each.name), None)
    if penalty is not None:
        raise ConfigError(
            f"sweep.objective: {name} includes the penalty `{penalty}`, which varies, so its values cannot be "
            "compared; choose a metric."
        )


def _logged(config: Config) -> list[str]:
    """Return the metrics on validation data that each trial logs."""
    return [VALIDATION + each for each in (_LOSS, *logged_names(config.metrics))]


def _measured(space: Space) -> Iterator[Config]:
    """Yield the config, and one more with each choice of metrics."""
    yield space.config
    for each in space.dimensions:
        if each.path.split(".")[0] != _METRICS:
            continue
        if each.is_presence:
            without = int(each.path.split(".")[1]) - 1
            metrics = space.config.metrics
            yield space.config.model_copy(update={"metrics": metrics[:without] + metrics[without + 1 :]})
        elif isinstance(each.domain, Choices) and each.path in set(paths(space.config)):
            yield from (with_value(space.config, each.path, value) for value in each.domain.options)


def _is_of_metric(each: Dimension, base: str, config: Config) -> bool:
    """Return whether the dimension is an argument of the metric of that name, such as its threshold."""
    steps = each.path.split(".")
    names = logged_names(config.metrics)
    return steps[0] == _METRICS and len(steps) > 2 and names[int(steps[1]) - 1 : int(steps[1])] == (base,)


def _has_validation(config: Config) -> bool:
    """Return whether the dataset has, or may bring, validation data of its own, or some are held out."""
    brings = isinstance(config.dataset, Npz) or isinstance(getattr(config.dataset, "split", None), ColumnSplit)
    return brings or config.dataset.validation_fraction > 0
