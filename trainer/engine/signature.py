"""The signature of configs whose trainings can share a traced network. No TensorFlow: the worker uses it too."""

from trainer.config import Config

__all__ = ["signature"]


def signature(config: Config) -> str:
    """Return the SHA-256 of everything in a config that is fixed once its training has been traced, as 64 hex digits.

    `name`, `experiment`, `seed` and `epochs` are left out, and so is a plain `learning_rate`, which is a variable.
    A schedule stays in, because its numbers are constants of the traced function.

    Two trainings may share a trace only if these are equal as well: the data digest, the threads, the setting of
    grappler, and `steps_per_execution`.
    """
    optimizer = config.optimizer
    if isinstance(optimizer.learning_rate, int | float):
        optimizer = optimizer.model_copy(update={"learning_rate": 1.0})
    return config.model_copy(update={"seed": 0, "epochs": 1, "optimizer": optimizer}).digest
