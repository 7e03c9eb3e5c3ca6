"""Forget the networks that a process has built, so that the next one is built as in a new process."""

import gc

from trainer.engine.backend import keras

__all__ = ["forget_networks"]


def forget_networks() -> None:
    """Free the memory of networks without references, and restart Keras's numbering of layer names (`dense_1`)."""
    keras.utils.clear_session(free_memory=False)
    # Models and traced functions refer to themselves in circles.
    gc.collect()
