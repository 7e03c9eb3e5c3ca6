"""Configure a process before TensorFlow runs its first operation: seeds, determinism, threads and grappler."""

import math
import os
from collections.abc import Iterator
from dataclasses import replace

from trainer.config import Config
from trainer.config.layers import RECURRENT, every_layer
from trainer.engine.backend import keras, tf
from trainer.engine.report import Threads

__all__ = ["allow_nondeterminism", "choose_threads", "prepare"]

# Multiplications of one layer in one step that are worth more than one thread. With 1,024 × 1,024 weights and batches
# of 32, one thread takes as long as plain `fit` on two (9.8 ms a step, and 14.5 ms of processor time for `fit`); with
# 512 × 512, half of its processor time.
_HEAVY = 2**24

# Features taken for the first layer, since the data are not known yet: those of MNIST's images.
_USUAL_INPUT = 784

# The same for a recurrent first layer, which takes one row of an image at each time step.
_USUAL_STEP = 28

_GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}

_LOOPS = frozenset({*RECURRENT.members, "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_ATTENDS = frozenset({"SelfAttention", "TransformerBlock"})
# Its kernel blurs; it is not multiplied with every channel.
_LIGHT = frozenset({"RandomGaussianBlur"})

_ARITHMETIC = (
    "layout_optimizer",
    "constant_folding",
    "shape_optimization",
    "remapping",
    "arithmetic_optimization",
    "loop_optimization",
    "function_optimization",
    "implementation_selector",
    "pin_to_host_optimization",
    "scoped_allocator_optimization",
)
"""Grappler's passes that may replace arithmetic. Those left remove operations whose results are not used or equal."""


def prepare(config: Config, threads: Threads | None = None, *, runs_at_once: int = 1) -> Threads:
    """Set the seeds, op determinism, threads and grappler; a training process calls this first.

    On a CPU grappler is off unless `threads` says otherwise. It takes a fifth of the time to the first epoch of
    a small network, and what it rewrites depends on the whole graph: without it the bits of a step depend on the step
    alone. BatchNormalization, LayerNormalization and activations such as gelu give other bits with it (measured with
    TensorFlow 2.21). Recurrent layers get only the passes that remove operations without arithmetic: their loops take a
    fifth to a third less time, no bit changes, and so the record says that grappler is off.

    Returns the threads in effect, which cannot be changed once TensorFlow has run an operation.
    """
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    wanted = threads or replace(
        choose_threads(config, cores=_cores(), runs_at_once=runs_at_once),
        grappler=bool(tf.config.list_physical_devices("GPU")),
    )
    tf.config.optimizer.set_experimental_options(_passes(config, grappler=wanted.grappler))
    try:
        tf.config.threading.set_intra_op_parallelism_threads(wanted.intra)
        tf.config.threading.set_inter_op_parallelism_threads(wanted.inter)
    except RuntimeError:
        return _threads_in_effect(grappler=wanted.grappler)
    return wanted


def choose_threads(config: Config, *, cores: int, runs_at_once: int) -> Threads:
    """Return one thread for small networks, where distributing work costs more than it saves; otherwise a share."""
    heavy = any(count >= _HEAVY for count in _multiplications(config))
    return Threads(intra=max(1, cores // max(1, runs_at_once)) if heavy else 1, inter=1)


def allow_nondeterminism() -> None:
    """Turn op determinism off, for a network with an operation that has no deterministic implementation."""
    from tensorflow.python.framework import config as framework_config

    framework_config.disable_op_determinism()


def _passes(config: Config, *, grappler: bool) -> dict[str, bool | None]:
    """Return grappler's options for a config; None sets the default, since options outlive a run in its process."""
    prunes = not grappler and _is_recurrent(config)
    return {
        "disable_meta_optimizer": not (grappler or prunes),
        **dict.fromkeys(_ARITHMETIC, False if prunes else None),
    }


def _is_recurrent(config: Config) -> bool:
    kinds = {getattr(layer, "wrapped", layer).kind for layer in every_layer(config.layers)}
    return any(kind in _LOOPS for kind in kinds)


def _multiplications(config: Config) -> Iterator[float]:
    """Yield the most multiplications of each layer in one step; infinity for those that reuse every weight."""
    features: int | None = None
    for layer in every_layer(config.layers):
        inner = getattr(layer, "wrapped", layer)
        fields = inner.arguments()
        if inner.kind in _ATTENDS or ("kernel_size" in fields and inner.kind not in _LIGHT):
            yield math.inf
        elif inner.kind == "Dense" or inner.kind in RECURRENT.members:
            gates, units = _GATES.get(inner.kind, 0), fields["units"]
            # A recurrent layer multiplies at each time step, one after the other.
            taken = features or (_USUAL_STEP if gates else _USUAL_INPUT)
            weights = (taken + units) * gates if gates else taken
            yield weights * units * config.batch_size
            features = units
        elif inner.kind == "Embedding":
            features = fields["output_dim"]


def _cores() -> int:
    """Return the cores that this process may use, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _threads_in_effect(*, grappler: bool) -> Threads:
    return Threads(
        intra=tf.config.threading.get_intra_op_parallelism_threads() or _cores(),
        inter=tf.config.threading.get_inter_op_parallelism_threads() or _cores(),
        grappler=grappler,
    )
