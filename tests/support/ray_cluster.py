"""A Ray cluster of this machine, with a node that a test can kill. All its ports are on the loopback interface.

Ray is imported here alone, and late, because a variable that makes it stay on the loopback interface must be set first.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from trainer.execution.executors.local import Process
from trainer.execution.executors.programs import Program
from trainer.execution.process.job import Job

__all__ = ["RayCluster", "Waiting", "ray_cluster"]

_ROOT = Path(__file__).parents[2]
_WAITS = "import sys, time; sys.exit(3) if sys.argv[1] == 'ends' else time.sleep(60)"


class Waiting:
    """Starts processes without TensorFlow: one ends at once with status 3 where its run is `ends`, and else waits."""

    def start(self, job: Job) -> Process:
        return Program([sys.executable, "-c", _WAITS, job.run_id])

    def is_warm(self) -> bool:
        return True

    def tidy(self) -> None:
        pass


class RayCluster:
    """Two nodes of one CPU each."""

    def __init__(self) -> None:
        assert "ray" not in sys.modules, "it would listen on all interfaces"
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        # The nodes' processes have to find these tests.
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        from ray.cluster_utils import Cluster

        # The GPU is one that Ray is told of; nothing computes on it.
        head = {"num_cpus": 1, "num_gpus": 1, "include_dashboard": False}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self._others: list[Any] = []
        self.add_node()

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def is_on_second_node(self, pid: int) -> bool:
        """Whether a process was started by the second node."""
        ours = self._others[-1].all_processes["raylet"][0].process.pid
        return ours in {parent.pid for parent in psutil.Process(pid).parents()}

    def ports_beyond_loopback(self) -> list[int]:
        """Return the ports that Ray's processes listen on beyond the loopback interface."""
        nodes = [self._cluster.head_node, *self._others]
        raylets = [psutil.Process(node.all_processes["raylet"][0].process.pid) for node in nodes]
        found = [psutil.Process(), *raylets, *(child for each in raylets for child in each.children(recursive=True))]
        listening = [each for process in found for each in process.net_connections() if each.status == "LISTEN"]
        return [each.laddr.port for each in listening if each.laddr.ip not in {"127.0.0.1", "::1", "::ffff:127.0.0.1"}]

    def kill_node(self) -> None:
        """Kill the second node as a power cut would."""
        self._cluster.remove_node(self._others.pop(), allow_graceful=False)

    def add_node(self) -> None:
        """Add a node like the second one."""
        self._others.append(self._cluster.add_node(num_cpus=1))

    def close(self) -> None:
        self._cluster.shutdown()


@contextlib.contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """Start the cluster, and end it with all its processes."""
    cluster = RayCluster()
    try:
        yield cluster
    finally:
        cluster.close()
