"""Everything that waits to be written to the store."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from trainer.config.metrics.names import SYSTEM
from trainer.errors import StoreError, StoreUnreachableError
from trainer.format import counted
from trainer.tracking.run import Point
from trainer.tracking.write.store import Store

__all__ = ["Outbox"]

_log = logging.getLogger("fitboard.recorder")


@dataclass
class _Waiting:
    points: list[Point] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    tasks: list[Callable[[], None]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.points or self.params or self.tags or self.tasks)


class Outbox:
    """Collects writes from any thread; one thread calls `send`.

    Writes that the store does not answer are kept and sent again with the same times, so that nothing is lost or
    duplicated. Writes that it refuses are logged and dropped, so that one bad value does not block the others.
    """

    def __init__(self, store: Store, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._lock = threading.Lock()
        self._waiting = _Waiting()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def has_points(self) -> bool:
        """Whether points are waiting."""
        return bool(self._waiting.points)

    @property
    def points(self) -> int:
        """The number of waiting training metrics, without system metrics."""
        return sum(not point.key.startswith(SYSTEM) for point in list(self._waiting.points))

    @property
    def has_others(self) -> bool:
        """Whether anything except points is waiting."""
        return bool(self._waiting.params or self._waiting.tags or self._waiting.tasks)

    def add(
        self,
        *,
        points: Sequence[Point] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        task: Callable[[], None] | None = None,
    ) -> None:
        """Add writes; a later tag replaces an earlier one of the same name."""
        with self._lock:
            self._waiting.points += points
            self._waiting.params |= params or {}
            self._waiting.tags |= tags or {}
            if task is not None:
                self._waiting.tasks.append(task)

    def send(self, extra_tags: Mapping[str, str] | None = None) -> None:
        """Write everything that waits, and these tags, which are dropped if the write fails.

        Where points come in while it writes files and records, the rest of those waits for the next call.

        Raises:
            StoreUnreachableError: the store does not answer; what was waiting still is.
        """
        with self._lock:
            sending, self._waiting = self._waiting, _Waiting()
        try:
            self._send_batch(sending, extra_tags or {})
            while sending.tasks:
                self._attempt(sending.tasks[0], "a file or record")
                del sending.tasks[0]
                # An epoch that has ended meanwhile is what people wait for; files and records come after it.
                if self.has_points and sending.tasks:
                    self._put_back(sending)
                    return
        except StoreUnreachableError:
            self._put_back(sending)
            raise

    def _send_batch(self, sending: _Waiting, extra_tags: Mapping[str, str]) -> None:
        points, params, tags = sending.points, sending.params, {**sending.tags, **extra_tags}
        if not (points or params or tags):
            return
        try:
            self._store.log_batch(self._run_id, points=points, params=params, tags=tags)
        except StoreUnreachableError:
            raise
        except StoreError:
            # MLflow refuses a batch as a whole, so each kind is tried alone to lose only what is bad.
            self._attempt(lambda: self._store.log_batch(self._run_id, points=points), counted(len(points), "point"))
            self._attempt(lambda: self._store.log_batch(self._run_id, params=params), f"params {', '.join(params)}")
            self._attempt(lambda: self._store.log_batch(self._run_id, tags=tags), f"tags {', '.join(tags)}")
        sending.points, sending.params, sending.tags = [], {}, {}

    def _attempt(self, task: Callable[[], None], what: str) -> None:
        try:
            task()
        except StoreUnreachableError:
            raise
        except StoreError as error:
            _log.warning("The store refused %s of run %s: %s", what, self._run_id, error)

    def _put_back(self, unsent: _Waiting) -> None:
        """Put unsent writes back before newer ones."""
        with self._lock:
            newer = self._waiting
            self._waiting = _Waiting(
                points=unsent.points + newer.points,
                params=unsent.params | newer.params,
                tags=unsent.tags | newer.tags,
                tasks=unsent.tasks + newer.tasks,
            )
