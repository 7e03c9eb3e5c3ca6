"""What has to be settled in a process before TensorFlow computes anything: seeds, determinism, threads."""

import os
from dataclasses import replace

from trainer.config import Config
from trainer.config.layers import Dense, Layer
from trainer.engine.backend import keras, tf
from trainer.engine.report import Threads

__all__ = ["allow_nondeterminism", "choose_threads", "prepare"]

_WIDE = 2**17
"""A Dense step of this many units × samples is worth more than one thread."""


def prepare(config: Config, threads: Threads | None = None, *, runs_at_once: int = 1) -> Threads:
    """Seeds, op determinism, threads and grappler; the first thing that a training process does.

    On a processor grappler is off unless `threads` says otherwise. It takes a fifth of the time to the first epoch of
    a small network, and what it rewrites depends on the whole graph: without it the bits of a step depend on the step
    alone. BatchNormalization, LayerNormalization and activations such as gelu give other bits with it (measured with
    TensorFlow 2.21).

    Returns the threads that are in effect: where TensorFlow has computed before, they cannot be changed any more.
    """
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    wanted = threads or replace(
        choose_threads(config, cores=_cores(), runs_at_once=runs_at_once),
        grappler=bool(tf.config.list_physical_devices("GPU")),
    )
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": not wanted.grappler})
    try:
        tf.config.threading.set_intra_op_parallelism_threads(wanted.intra)
        tf.config.threading.set_inter_op_parallelism_threads(wanted.inter)
    except RuntimeError:
        return _threads_in_effect(grappler=wanted.grappler)
    return wanted


def choose_threads(config: Config, *, cores: int, runs_at_once: int) -> Threads:
    """One thread for small networks, where handing work over costs more than it saves; else a share of the cores."""
    heavy = any(_is_heavy(layer, config.batch_size) for layer in config.layers)
    return Threads(intra=max(1, cores // max(1, runs_at_once)) if heavy else 1, inter=1)


def allow_nondeterminism() -> None:
    """Takes the promise of determinism back, for a network with an operation that has no deterministic form."""
    from tensorflow.python.framework import config as framework_config

    framework_config.disable_op_determinism()


def _is_heavy(layer: Layer, batch_size: int) -> bool:
    if isinstance(layer, Dense):
        return layer.units * batch_size >= _WIDE
    return layer.kind in {"Conv1D", "Conv2D"}


def _cores() -> int:
    """The cores that this process may use, which a container's limit makes fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _threads_in_effect(*, grappler: bool) -> Threads:
    return Threads(
        intra=tf.config.threading.get_intra_op_parallelism_threads() or _cores(),
        inter=tf.config.threading.get_inter_op_parallelism_threads() or _cores(),
        grappler=grappler,
    )
