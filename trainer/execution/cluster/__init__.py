"""What runs where: the machines that train, the runs on them, and what the queued ones wait for."""

from trainer.execution.cluster.node import Node, this_machine
from trainer.execution.cluster.overview import Cluster, Placed, Waiting, WorkerState, look_at_cluster

__all__ = ["Cluster", "Node", "Placed", "Waiting", "WorkerState", "look_at_cluster", "this_machine"]
