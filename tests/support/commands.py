"""The command line, called as a shell would call it."""

from trainer.cli import make_app, run_app

__all__ = ["SMALL", "call"]

SMALL = """\
name: small
dataset: {name: digits}
layers:
  - Flatten
  - {layer: Dense, units: 10}
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: {name: Adam}
metrics: [accuracy]
epochs: 2
batch_size: 32
seed: 0
"""
"""A config that trains in a second."""


def call(*words: object) -> int:
    """Run `fitboard` with these arguments and return its exit status."""
    return run_app(make_app(), [str(word) for word in words])
