"""The state that the next step of a training depends on: read from a model and its callbacks, and restored."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainer.data.source import AnyArray
from trainer.errors import TrainingError

__all__ = [
    "CALLBACK_STATE",
    "restore_callbacks",
    "restore_variables",
    "state_of",
    "states_of_callbacks",
    "weights_sha256",
]

CALLBACK_STATE: Mapping[str, tuple[str, ...]] = {
    "EarlyStopping": ("wait", "stopped_epoch", "best", "best_epoch"),
    "ReduceLROnPlateau": ("wait", "cooldown_counter", "best"),
    "TerminateOnNaN": (),
}
"""The attributes of each callback of a config that change while it trains; `best_weights` are stored as arrays."""


def state_of(
    model: Any, callbacks: Sequence[Any], *, within_epoch: bool, augmentation: Any | None = None
) -> dict[str, AnyArray]:
    """Copy every variable: the model's and the augmentation's with their seed generators, the optimizer's, and the best
    weights.

    Metric variables are included only within an epoch, because an epoch begins by resetting them.
    """
    groups = _variables(model, augmentation, within_epoch=within_epoch)
    found = {
        # Copied, since `numpy()` may share the memory that the next step overwrites.
        f"{group}/{index}": np.array(variable.numpy())
        for group, variables in groups.items()
        for index, variable in enumerate(variables)
    }
    for position, callback in enumerate(callbacks):
        for index, weight in enumerate(getattr(callback, "best_weights", None) or ()):
            found[f"best.{position}/{index}"] = np.array(weight)
    return found


def states_of_callbacks(callbacks: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the state of each callback as plain values, in the order of the callbacks."""
    return [{name: _plain(getattr(callback, name)) for name in _names(callback)} for callback in callbacks]


def restore_variables(
    model: Any,
    arrays: Mapping[str, AnyArray],
    *,
    within_epoch: bool,
    group: str = "",
    augmentation: Any | None = None,
) -> None:
    """Restore the variables; only one group (`model`, `augmentation`, `optimizer`, `metrics`) if it is named.

    Raises:
        TrainingError: the arrays are of another network.
    """
    for name, variables in _variables(model, augmentation, within_epoch=within_epoch).items():
        if group and name != group:
            continue
        held = _group(arrays, name)
        if [tuple(array.shape) for array in held] != [tuple(variable.shape) for variable in variables]:
            raise TrainingError(
                f"The checkpoint does not match the network: its {len(held)} {name} variables differ from the expected "
                f"{len(variables)} in number or shape. Another version of Fitboard wrote it; use `fitboard rerun`."
            )
        for variable, array in zip(variables, held, strict=True):
            variable.assign(array)


def restore_callbacks(
    callbacks: Sequence[Any], states: Sequence[Mapping[str, Any]], arrays: Mapping[str, AnyArray]
) -> None:
    """Restore the state of the callbacks; call it after `on_train_begin`, which resets them."""
    for position, (callback, state) in enumerate(zip(callbacks, states, strict=True)):
        for name in _names(callback):
            setattr(callback, name, state[name])
        best = _group(arrays, f"best.{position}")
        if best:
            callback.best_weights = [np.array(weight) for weight in best]


def _variables(model: Any, augmentation: Any | None, *, within_epoch: bool) -> dict[str, list[Any]]:
    groups = {"model": list(model.variables), "optimizer": _of_optimizer(model.optimizer)}
    if augmentation is not None:
        groups["augmentation"] = list(augmentation.variables)
    return {**groups, "metrics": list(model.metrics_variables)} if within_epoch else groups


def _of_optimizer(optimizer: Any) -> list[Any]:
    """Return the variables of an optimizer; Keras 3.15 leaves Nadam's running product out of `optimizer.variables`."""
    listed = list(optimizer.variables)
    known = {id(variable) for variable in listed}
    # The optimizer within a LossScaleOptimizer, which mixed_float16 adds.
    product = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_u_product", None)
    return listed if product is None or id(product) in known else [*listed, product]


def _group(arrays: Mapping[str, AnyArray], group: str) -> list[AnyArray]:
    # By number: as text, 10 would come before 2.
    held = {int(name.rpartition("/")[2]): array for name, array in arrays.items() if name.startswith(f"{group}/")}
    return [held[index] for index in sorted(held)]


def _names(callback: Any) -> tuple[str, ...]:
    return CALLBACK_STATE[type(callback).__name__]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else float(value)


def weights_sha256(model: Any) -> str:
    """Return the SHA-256 of `model.get_weights()` in order, C-contiguous and little-endian, as 64 hex digits."""
    found = hashlib.sha256()
    for weight in model.get_weights():
        array = np.asarray(weight)
        found.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return found.hexdigest()
