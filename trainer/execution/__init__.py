"""The queue and the worker: how a config becomes a process that trains it. Loads no TensorFlow, no MLflow."""

from trainer.execution.attempts import has_checkpoint
from trainer.execution.forecast import Durations, Expected, roughly
from trainer.execution.lost import LOST_SECONDS, is_lost, last_heard
from trainer.execution.order import Move, move
from trainer.execution.outlook import Outlook, look_ahead, recent_durations
from trainer.execution.queue import enqueue, queue_name, request_stop, wake_worker, worker_alive
from trainer.execution.resuming import adopt, resume

__all__ = [
    "LOST_SECONDS",
    "Durations",
    "Expected",
    "Move",
    "Outlook",
    "adopt",
    "enqueue",
    "has_checkpoint",
    "is_lost",
    "last_heard",
    "look_ahead",
    "move",
    "queue_name",
    "recent_durations",
    "request_stop",
    "resume",
    "roughly",
    "wake_worker",
    "worker_alive",
]
