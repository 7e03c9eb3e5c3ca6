"""Check the backend of Keras before anything that imports Keras is started."""

import os
from collections.abc import Mapping

from trainer.errors import ConfigError

__all__ = ["check_keras_backend"]

_NEEDED = "tensorflow"


def check_keras_backend(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse an environment in which Keras would load another backend; an unset variable means TensorFlow.

    Raises:
        ConfigError: `KERAS_BACKEND` names another one.
    """
    given = environment.get("KERAS_BACKEND", _NEEDED)
    if given != _NEEDED:
        raise ConfigError(
            f"KERAS_BACKEND must be {_NEEDED!r}, got {given!r}; unset it, because Fitboard trains with TensorFlow."
        )
