"""The queue and the worker: how a config becomes a process that trains it. Loads no TensorFlow, no MLflow."""

from trainer.execution.queue import enqueue, queue_name, request_stop, wake_worker, worker_alive

__all__ = ["enqueue", "queue_name", "request_stop", "wake_worker", "worker_alive"]
