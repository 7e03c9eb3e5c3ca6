"""Put a worker together with the executor that is chosen."""

import contextlib
import logging
import time
from collections.abc import Iterator
from multiprocessing.context import BaseContext, ForkServerContext
from typing import TYPE_CHECKING, Any, Protocol

from trainer.execution.executors.choice import ExecutorChoice, ExecutorName
from trainer.execution.executors.companions import Companions
from trainer.execution.executors.local import LocalExecutor, forks
from trainer.execution.worker.dispatch import Worker
from trainer.execution.worker.placement import Placement
from trainer.execution.worker.standby import Standby
from trainer.home import Home

if TYPE_CHECKING:
    from trainer.execution.executors.ray.executor import RayExecutor
    from trainer.tracking.write.store import Store

__all__ = ["opened_worker"]

_log = logging.getLogger("fitboard.worker")

_REPORT_SECONDS = 1.0


class _Say(Protocol):
    def __call__(self, **fields: Any) -> None:
        """Change fields of what the worker says of itself."""
        ...


@contextlib.contextmanager
def opened_worker(
    start: BaseContext, choice: ExecutorChoice, *, home: Home, store: "Store", say: _Say
) -> Iterator[tuple[Worker, int]]:
    """Yield the worker and how many runs train at once as things are; leave the cluster afterwards, if there is one.

    Args:
        start: how processes of this machine are started.
        choice: the executor.
        home: the home whose queue it serves.
        store: the store of the runs.
        say: writes what the worker says of itself: its `standby`, or the `nodes` of its cluster.

    Raises:
        ResourceError: the cluster cannot be used.
    """
    if choice.name is ExecutorName.LOCAL:
        yield _local_worker(start, home=home, store=store, jobs=choice.at_once, say=say), choice.at_once
        return
    from trainer.execution.executors.ray.connection import connect, namespace_of

    connect(choice, namespace_of(home))
    # Only now, since it imports Ray, which reads at its import which interfaces it listens on.
    from trainer.execution.executors.ray.executor import RayExecutor

    uri, jobs = store.tracking_uri, choice.at_once
    executor = RayExecutor(home, choice, tracking_uri=uri)
    placement = Placement(home, executor)
    try:
        # The cluster may grow, so the worker itself is not limited to what there is room for now.
        worker = Worker(
            home=home,
            tracking_uri=uri,
            store=store,
            executor=executor,
            jobs=jobs,
            admission=placement,
            report=_NodeReport(executor, say),
        )
        yield worker, min(jobs, executor.capacity)
    finally:
        executor.close()


def _local_worker(start: BaseContext, *, home: Home, store: "Store", jobs: int, say: _Say) -> Worker:
    """Return the worker of this machine, with a standby if processes can be forked."""
    uri = store.tracking_uri
    if not isinstance(start, ForkServerContext):
        _log.info("This system cannot fork processes, so there is no standby and every run imports TensorFlow first.")
        executor = LocalExecutor(forks(start))
        return Worker(home=home, tracking_uri=uri, store=store, executor=executor, jobs=jobs)
    companions = Companions(start)
    return Worker(
        home=home,
        tracking_uri=uri,
        store=store,
        executor=LocalExecutor(companions.start),
        jobs=jobs,
        standby=Standby(companions, home=home, tracking_uri=uri, jobs=jobs, say=lambda standby: say(standby=standby)),
    )


class _NodeReport:
    """Says what the nodes of the executor have, once a second if that has changed."""

    def __init__(self, executor: "RayExecutor", say: _Say) -> None:
        self._executor, self._say = executor, say
        self._said: list[dict[str, Any]] = []
        self._looked = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._looked < _REPORT_SECONDS:
            return
        self._looked = now
        nodes = [node.plain() for node in self._executor.nodes()]
        if nodes != self._said:
            self._said = nodes
            self._say(nodes=nodes)
