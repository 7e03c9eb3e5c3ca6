"""Settings that a sweep must not choose, since its trials could not be compared then, or only luck would decide."""

from typing import Final

from trainer.config.config import Config
from trainer.errors import ConfigError

__all__ = ["SAMPLES", "refuse_fixed", "refuse_other_data"]

_LABELS: Final = frozenset({"name", "experiment"})
_SEED: Final = "seed"
SAMPLES: Final = (
    *("name", "path", "sheet", "split", "split_seed", "validation_fraction", "test_fraction", "folds", "fold"),
    *("target", "task", "labels", "drop_duplicates", "skip_broken", "horizon", "gaps"),
    *("samples", "noise", "random_state", "factor", "arms", "turns", "maxlen"),
)
"""The fields of datasets that decide which samples trials are validated on, and what is predicted for them."""


def refuse_fixed(path: str) -> None:
    """Raise ConfigError if the field at the path is a label or a seed."""
    if path in _LABELS:
        raise ConfigError(f"`{path}` has no effect on training, so that it cannot vary; remove it from search.")
    if path.rpartition(".")[2] == _SEED:
        raise ConfigError(
            f"`{path}`: the best of several seeds is luck, so that it cannot vary; `confirm` trains the best trials "
            "with fresh seeds."
        )


def refuse_other_data(path: str, config: Config, varied: Config) -> None:
    """Raise ConfigError if a value of the path means other samples to validate on."""
    one, other = config.dataset.model_dump(), varied.dataset.model_dump()
    for name in SAMPLES:
        if one.get(name) != other.get(name):
            raise ConfigError(
                f"`{path}`: trials with another {name} of the dataset are not validated on the same samples, so that "
                "they cannot be compared; start a sweep for each."
            )
