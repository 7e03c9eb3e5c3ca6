"""The queue and the worker: how a config becomes a process that trains it. Loads no TensorFlow, no MLflow."""

from trainer.execution.attempts import has_checkpoint
from trainer.execution.queue import enqueue, queue_name, request_stop, wake_worker, worker_alive
from trainer.execution.resuming import adopt, is_lost, resume

__all__ = [
    "adopt",
    "enqueue",
    "has_checkpoint",
    "is_lost",
    "queue_name",
    "request_stop",
    "resume",
    "wake_worker",
    "worker_alive",
]
