"""Rules about training: callbacks, the optimizer, the learning rate, the batch size."""

from collections.abc import Iterator

from trainer.config import METRICS_BY_LOGGED_NAME, Component, logged_names, nearest
from trainer.config.check import Problem, Severity
from trainer.config.metrics.names import VALIDATION
from trainer.engine.rules.situation import Fix, Situation, inserted, put, removed

__all__ = ["callback_problems", "training_problems"]

_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def callback_problems(situation: Situation) -> Iterator[Problem]:
    """Find callbacks that monitor an unknown metric or in the wrong direction, or that a schedule rules out."""
    for index, callback in enumerate(situation.config.callbacks):
        where = f"callbacks.{index + 1}"
        if "monitor" in callback.arguments():
            yield from _monitor(situation, index, callback)
        rate = situation.config.optimizer.learning_rate
        if callback.kind == "ReduceLROnPlateau" and isinstance(rate, Component):
            message = f"ReduceLROnPlateau cannot reduce a learning rate that follows a schedule ({rate.kind})."
            fix = Fix("Remove ReduceLROnPlateau.", (removed("callbacks", index),))
            yield _problem(Severity.ERROR, where, message, fix)


def _problem(severity: Severity, where: str, message: str, fix: Fix) -> Problem:
    return Problem(severity=severity, where=where, message=message, fix=fix.text, edits=fix.edits)


def _measured(situation: Situation) -> list[str]:
    names = ["loss", *logged_names(situation.config.metrics)]
    return [*names, *(VALIDATION + name for name in names)] if situation.schema.validation else names


def _monitor(situation: Situation, index: int, callback: Component) -> Iterator[Problem]:
    watched: str = callback.arguments()["monitor"]
    where = f"callbacks.{index + 1}.monitor"
    known = _measured(situation)
    if watched in known:
        yield from _mode(situation, index, callback, watched)
        return
    bare = watched.removeprefix(VALIDATION)
    if not situation.schema.validation and bare != watched and bare in known:
        message = f"{callback.kind} monitors {watched}, but there is no validation data (validation_fraction is 0)."
        fix = Fix(f"Monitor {bare}.", (put("callbacks", index, "monitor", value=bare),))
    else:
        message = f"{callback.kind} monitors {watched}, which is not available; expected one of {', '.join(known)}."
        fix = _measure(situation, bare) or _watch_nearest(index, watched, known)
    yield _problem(Severity.ERROR, where, message, fix)


def _measure(situation: Situation, name: str) -> Fix | None:
    """Return the fix that adds the monitored metric, if it fits the labels and there is validation data, else None."""
    metric = METRICS_BY_LOGGED_NAME.get(name)
    if metric is None or situation.labels not in metric.labels or not situation.schema.validation:
        return None
    end = len(situation.config.metrics)
    return Fix(f"Add the metric {metric.kind_of()}.", (inserted("metrics", end, value=metric.kind_of()),))


def _watch_nearest(index: int, watched: str, known: list[str]) -> Fix:
    usual = f"{VALIDATION}loss" if f"{VALIDATION}loss" in known else "loss"
    near = nearest(watched, known) or usual
    return Fix(f"Monitor {near}.", (put("callbacks", index, "monitor", value=near),))


def _mode(situation: Situation, index: int, callback: Component, watched: str) -> Iterator[Problem]:
    mode = callback.arguments()["mode"]
    where = f"callbacks.{index + 1}.mode"
    names = logged_names(situation.config.metrics)
    bare = watched.removeprefix(VALIDATION)
    better = "down" if bare == "loss" else situation.config.metrics[names.index(bare)].better
    if better is None and mode == "auto":
        # Fewer false positives and negatives are better, and more true ones.
        mode = "min" if bare.startswith("false") else "max"
        message = f"Keras cannot infer whether {watched} should increase or decrease; set the mode of {callback.kind}."
        yield _problem(Severity.ERROR, where, message, _set_mode(index, mode))
    elif better is not None and mode == {"up": "min", "down": "max"}[better]:
        direction = "higher" if better == "up" else "lower"
        message = f"{callback.kind} has mode {mode}, but {direction} values of {watched} are better."
        yield _problem(Severity.WARNING, where, message, _set_mode(index, "auto"))


def _set_mode(index: int, mode: str) -> Fix:
    return Fix(f"Set its mode to {mode}.", (put("callbacks", index, "mode", value=mode),))


def training_problems(situation: Situation) -> Iterator[Problem]:
    """Find contradictory fields of the optimizer, and a batch larger than the data."""
    yield from _pieces(situation)
    yield from _clips(situation)
    yield from _lion(situation)
    yield from _batch(situation)


def _pieces(situation: Situation) -> Iterator[Problem]:
    rate = situation.config.optimizer.learning_rate
    if not isinstance(rate, Component) or rate.kind != "PiecewiseConstantDecay":
        return
    fields = rate.arguments()
    boundaries, values = list(fields["boundaries"]), list(fields["values"])
    path = ("optimizer", "learning_rate")
    if len(values) != len(boundaries) + 1:
        rates = (values + values[-1:] * len(boundaries))[: len(boundaries) + 1]
        message = f"`values` must have one entry more than `boundaries` ({len(boundaries) + 1}), got {len(values)}."
        text = f"Set values to {', '.join(f'{value:g}' for value in rates)}."
        yield _problem(
            Severity.ERROR, "optimizer.learning_rate.values", message, Fix(text, (put(*path, "values", value=rates),))
        )
    if boundaries != sorted(boundaries):
        fix = Fix("Sort the boundaries.", (put(*path, "boundaries", value=sorted(boundaries)),))
        message = f"`boundaries` must be in increasing order, got {', '.join(map(str, boundaries))}."
        yield _problem(Severity.ERROR, "optimizer.learning_rate.boundaries", message, fix)


def _clips(situation: Situation) -> Iterator[Problem]:
    fields = situation.config.optimizer.arguments()
    # Keras raises ValueError if more than one is set.
    given = [name for name in _CLIPS if fields.get(name) is not None]
    if len(given) > 1:
        message = f"Only one of {', '.join(_CLIPS)} can be set, but {' and '.join(given)} are."
        edits = tuple(put("optimizer", name, value=None) for name in given[1:])
        yield _problem(Severity.ERROR, "optimizer", message, Fix(f"Keep only {given[0]}.", edits))


def _lion(situation: Situation) -> Iterator[Problem]:
    """Find a Lion without momentum, which Keras refuses; the schema allows it, because earlier configs have it."""
    optimizer = situation.config.optimizer
    if optimizer.kind == "Lion" and optimizer.arguments()["beta_1"] == 0:
        fix = Fix("Set beta_1 to 0.9.", (put("optimizer", "beta_1", value=0.9),))
        message = "`beta_1` of Lion must be greater than 0, got 0."
        yield _problem(Severity.ERROR, "optimizer.beta_1", message, fix)


def _batch(situation: Situation) -> Iterator[Problem]:
    size, samples = situation.config.batch_size, situation.schema.train
    if size > samples > 0:
        # A power of two of at most 32 that fits into the data.
        smaller = 2 ** max(0, min(5, samples.bit_length() - 1))
        message = f"`batch_size` is {size:,}, more than the {samples:,} training samples, so an epoch is one update."
        yield _problem(
            Severity.WARNING, "batch_size", message, Fix(f"Set it to {smaller}.", (put("batch_size", value=smaller),))
        )
