"""The queue and the worker: how a config becomes a process that trains it. Loads no TensorFlow, no MLflow."""

from trainer.execution.control.ownership import foreign_reason, is_of_fitboard, refuse_foreign, refuse_other_program
from trainer.execution.control.resume import adopt, resume
from trainer.execution.control.stop import request_stop
from trainer.execution.limits import NO_LIMITS, Limits, used_up
from trainer.execution.process.attempts import has_checkpoint
from trainer.execution.process.handover import checkpoint_elsewhere
from trainer.execution.process.liveness import is_lost, silent_since
from trainer.execution.queue.enqueue import enqueue, has_standby, is_served, queue_name, wake_worker, worker_alive
from trainer.execution.queue.forecast import Durations, Expected
from trainer.execution.queue.order import Move, move
from trainer.execution.queue.snapshot import Outlook, look_ahead, recent_durations
from trainer.execution.queue.wish import wish_standby

__all__ = [
    "NO_LIMITS",
    "Durations",
    "Expected",
    "Limits",
    "Move",
    "Outlook",
    "adopt",
    "checkpoint_elsewhere",
    "enqueue",
    "foreign_reason",
    "has_checkpoint",
    "has_standby",
    "is_lost",
    "is_of_fitboard",
    "is_served",
    "look_ahead",
    "move",
    "queue_name",
    "recent_durations",
    "refuse_foreign",
    "refuse_other_program",
    "request_stop",
    "resume",
    "silent_since",
    "used_up",
    "wake_worker",
    "wish_standby",
    "worker_alive",
]
