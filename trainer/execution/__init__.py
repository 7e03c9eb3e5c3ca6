"""The queue and the worker: how a config becomes a process that trains it. Loads no TensorFlow, no MLflow."""

from trainer.execution.attempts import has_checkpoint
from trainer.execution.forecast import Durations, Expected, roughly
from trainer.execution.limits import NO_LIMITS, Limits, used_up
from trainer.execution.lost import LOST_SECONDS, is_lost, last_heard
from trainer.execution.order import Move, move
from trainer.execution.outlook import Outlook, look_ahead, recent_durations
from trainer.execution.queue import enqueue, queue_name, request_stop, wake_worker, worker_alive
from trainer.execution.resuming import adopt, resume

__all__ = [
    "LOST_SECONDS",
    "NO_LIMITS",
    "Durations",
    "Expected",
    "Limits",
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
    "used_up",
    "wake_worker",
    "worker_alive",
]
