"""Read what runs where from the store, which all machines share, and from this home's worker."""

import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.execution.cluster.node import Node, this_machine
from trainer.execution.executors.handles import is_alive
from trainer.execution.lock import holder_of
from trainer.execution.process.liveness import judged_lost, silent_since
from trainer.execution.queue.enqueue import queue_name
from trainer.execution.queue.forecast import Expected
from trainer.execution.queue.snapshot import look_ahead, recent_durations
from trainer.home import Home
from trainer.machine import memory_used
from trainer.tracking.reader import RunQuery, RunReader
from trainer.tracking.run import Run, Status
from trainer.tracking.tags import Owner, Tag

__all__ = ["Cluster", "Placed", "Waiting", "WorkerState", "look_at_cluster"]

_MOST = 200


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """A worker as it describes itself: `state` is `loading`, `warming` or `ready`, `executor` `local` or `ray`."""

    queue: str
    pid: int | None
    state: str
    jobs: int
    executor: str
    has_standby: bool


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A running run and where it is. `memory` is what its process uses in bytes, None if not visible from here.

    `silent_since` is when it was last heard from, in seconds since 1970, if that is long ago.
    """

    run: Run
    node: str
    process: Owner | None
    memory: int | None
    silent_since: float | None
    is_lost: bool


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A queued run, its queue, and what it waits for in words."""

    run: Run
    queue: str
    why: str
    expected: Expected | None


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What runs where. `worker` is this home's, None if none is running.

    `nodes` are this machine, those of the worker's executor, and those that running runs name. `more` is the number
    of running and queued runs that were left out.
    """

    queue: str
    worker: WorkerState | None
    nodes: tuple[Node, ...]
    running: tuple[Placed, ...]
    waiting: tuple[Waiting, ...]
    more: int = 0


def look_at_cluster(reader: RunReader, home: Home, *, now: float | None = None) -> Cluster:
    """Read the running and queued runs of a store with their places and reasons. `now` is seconds since 1970.

    Raises:
        StoreError: the store cannot be read.
    """
    said = holder_of(home.worker_lock)
    worker = None if said is None else _worker(said, home)
    moment = time.time() if now is None else now
    running, more_running = _read(reader, Status.RUNNING)
    placed = tuple(_placed(run, moment) for run in running if Tag.SWEEP_QUEUE not in run.tags)
    waiting, more_waiting = _waiting(reader, home)
    return Cluster(
        queue=queue_name(home),
        worker=worker,
        nodes=_nodes(said or {}, placed),
        running=placed,
        waiting=waiting,
        more=more_running + more_waiting,
    )


def _worker(said: Mapping[str, Any], home: Home) -> WorkerState:
    return WorkerState(
        queue=str(said.get("queue", queue_name(home))),
        pid=said.get("pid"),
        state=str(said.get("state", "loading")),
        jobs=int(said.get("jobs", 1)),
        executor=str(said.get("executor", "local")),
        has_standby=bool((said.get("standby") or {}).get("is_prepared")),
    )


def _read(reader: RunReader, status: Status) -> tuple[tuple[Run, ...], int]:
    page = reader.page(RunQuery(statuses=(status,), limit=_MOST))
    return page.runs, page.total - len(page.runs)


def _placed(run: Run, now: float) -> Placed:
    owner = run.owner
    lives = None if owner is None else is_alive(owner)
    return Placed(
        run=run,
        node="" if owner is None else owner.host,
        process=owner,
        memory=memory_used(owner.pid) if owner is not None and lives else None,
        silent_since=silent_since(run, now=now),
        is_lost=judged_lost(run, lives=lives, now=now),
    )


def _nodes(said: Mapping[str, Any], placed: Iterable[Placed]) -> tuple[Node, ...]:
    given = said.get("nodes")
    told = [Node.read(each) for each in given] if isinstance(given, Sequence) else []
    known = [node for node in told if node is not None] or [this_machine()]
    names = {node.name for node in known}
    # Of a machine that another home's worker uses, only its runs are known.
    others = sorted({each.node for each in placed if each.node} - names)
    return (*known, *(Node(name=name) for name in others))


def _waiting(reader: RunReader, home: Home) -> tuple[tuple[Waiting, ...], int]:
    queued, more = _read(reader, Status.SCHEDULED)
    durations = recent_durations(reader) if queued else None
    found: list[Waiting] = []
    for queue in sorted({run.tags.get(Tag.QUEUE, "") for run in queued}):
        outlook = look_ahead(reader, queue, home=home, durations=durations)
        found += [
            Waiting(run=run, queue=queue, why=_why(run, expected, outlook.jobs), expected=expected)
            for run in outlook.queued
            for expected in [outlook.expected.get(run.run_id)]
        ]
    return tuple(found[:_MOST]), max(more, len(found) - _MOST)


def _why(run: Run, expected: Expected | None, jobs: int | None) -> str:
    if expected is None:
        return "stopping"
    if jobs is None:
        host = run.tags.get(Tag.QUEUE, "").partition("/")[0]
        return "no worker serves its queue" if host == socket.gethostname() else "no worker of its queue is known"
    return expected.words()
