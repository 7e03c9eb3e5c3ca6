"""A run that can be repeated: a config with random layers, and the threads that one of its runs recorded."""

__all__ = ["DROPOUT_CONFIG", "TWO_THREADS"]

DROPOUT_CONFIG = """\
dataset: digits
layers:
  - Flatten
  - {layer: Dense, units: 8, activation: relu}
  - {layer: Dropout, rate: 0.2}
  - {layer: Dense, units: 10}
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: adam
metrics: accuracy
epochs: 2
"""
TWO_THREADS = '{"intra": 2, "inter": 1}'
