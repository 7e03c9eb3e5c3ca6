"""The executor for a Ray cluster: Ray chooses the node of a run, whose agent starts the process."""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import ray
from ray.exceptions import GetTimeoutError, RayError

from trainer.errors import ResourceError
from trainer.execution.cluster.node import Node as MachineNode
from trainer.execution.executors.base import Ended, Place
from trainer.execution.executors.choice import ExecutorChoice
from trainer.execution.executors.local import LocalExecutor, LocalProcesses, Process
from trainer.execution.executors.ray.agent import Launch, Training
from trainer.execution.executors.ray.fitness import names_files
from trainer.execution.executors.ray.nodes import Node, Nodes
from trainer.execution.executors.ray.slots import HeldSlot, Needs, Slots
from trainer.execution.process.job import Job
from trainer.format import counted, readable_bytes
from trainer.home import Home
from trainer.tracking.tags import Owner

__all__ = ["RayExecutor"]

_log = logging.getLogger("fitboard.worker")

_START_SECONDS = 30.0
# A run that starts soon need not say what it waits for.
_QUIET_SECONDS = 3.0
_UNPLACED_SECONDS = 120.0
_TICK_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True)
class _Charge:
    """A run in a node's care. Only later looks than number `after` know of it."""

    node: Node
    owner: Owner
    after: int


class RayExecutor(LocalProcesses):
    """One process per run, on whatever node of the cluster Ray places it.

    This process must be connected to the cluster. Handles are those of processes, with the node's host.

    Args:
        home: the home, a folder that all nodes share.
        choice: what Ray reserves for each run.
        tracking_uri: the store that the training processes open.
        launch: see `Agent`.

    Raises:
        ResourceError: no node of the cluster can be used.
    """

    def __init__(
        self, home: Home, choice: ExecutorChoice, *, tracking_uri: str, launch: Callable[[], Launch] | None = None
    ) -> None:
        self._choice = choice
        self._nodes = Nodes(home, tracking_uri, launch=launch)
        self._slots = Slots()
        self._charges: dict[str, _Charge] = {}
        self._lost: list[Ended] = []
        self._lacking: dict[str, dict[str, str]] = {}
        # Those that a worker without Ray has left on this machine.
        self._here = LocalExecutor(_refuse)
        self._nodes.wait()
        if not self._nodes.usable:
            self._nodes.dismiss()
            reasons = " ".join(node.refusal or f"Node {node.name} does not respond." for node in self._nodes)
            raise ResourceError(f"No node of the cluster can be used. {reasons}")
        self._slots.find({each.slot: run_id for _, run_id, each in self._trainings()})

    def is_alive(self, handle: Owner) -> bool | None:
        """Return whether the process lives; None on a machine that is not known to the cluster."""
        if super().is_alive(handle) is not None:
            return super().is_alive(handle)
        if any(each.owner == handle for _, _, each in self._trainings()):
            return True
        return False if handle.host in self._nodes.hosts else None

    def kill(self, handle: Owner) -> bool:
        """Send SIGKILL to the process, on whatever node it is."""
        for node, _, each in self._trainings():
            if each.owner == handle:
                node.agent.kill.remote(handle)
                return True
        return super().kill(handle)

    def reserve(self, run_id: str, *, memory: int | None, config: str | None) -> Place:
        """Ask Ray for a slot, on a node that has the run's files."""
        if not self._nodes.respond():
            return Place(is_free=False, waits="the Ray cluster, which does not respond")
        needs = Needs.of(self._choice.cpus, self._choice.gpus, memory)
        if self._slots.of_run(run_id) is None and (place := self._unplaceable(run_id, needs)) is not None:
            return place
        slot = self._slots.ask(run_id, needs, without=self._unfit(run_id))
        is_new = time.monotonic() - slot.since < _QUIET_SECONDS
        if not slot.is_placed():
            if slot.failure:
                self._slots.free(slot)
            return Place(is_free=False, waits="" if is_new else f"a free node: it needs {self._words(needs)}")
        node = self._nodes.get(slot.node_id)
        if node is None or not node.is_usable or self._lacks(run_id, node, config):
            self._slots.free(slot)
            return Place(is_free=False)
        if not node.is_warm:
            return Place(is_free=False, waits=f"node {node.name}, which is loading TensorFlow")
        return Place(is_free=True)

    def keep_reserved(self, run_ids: Collection[str]) -> None:
        """Free the slots of all runs but these and those that train."""
        if self._nodes.respond():
            self._slots.keep({*run_ids, *self._charges, *(run_id for _, run_id, _ in self._trainings())})

    def submit(self, job: Job) -> Owner:
        """Start the run's process in its slot. Waits for a place if none was reserved."""
        slot, node = self._placed(job)
        cpus = max(1, self._choice.cpus)
        job = replace(
            job,
            runs_at_once=max(1, int(node.cpus) // cpus),
            devices=slot.devices if self._choice.gpus else None,
            may_share=job.may_share and not self._choice.gpus,
        )
        try:
            owner: Owner = ray.get(node.agent.start.remote(job, slot.name), timeout=_START_SECONDS)
        except (RayError, GetTimeoutError) as error:
            self._slots.free(slot)
            reason = f"Node {node.name} could not start the run ({type(error).__name__})."
            self._lost.append(Ended(run_id=job.run_id, exit_code=None, reason=reason))
            return replace(self.own_handle(), pid=0)
        _log.info("Run %s is on node %s.", job.run_id, node.name)
        self._charges[job.run_id] = _Charge(node=node, owner=owner, after=node.asked)
        return owner

    def adopt(self, run_id: str, handle: Owner) -> None:
        """Take charge of a living process of a node, or of this machine."""
        for node, _, each in self._trainings():
            if each.owner == handle:
                self._charges[run_id] = _Charge(node=node, owner=handle, after=node.asked)
                return
        self._here.adopt(run_id, handle)

    def alive(self) -> Sequence[str]:
        """Return the runs whose processes live, as of a moment ago."""
        self._listen()
        return [*self._charges, *self._here.alive()]

    def ended(self) -> Sequence[Ended]:
        """Return the processes that have ended since the last call."""
        self._listen()
        lost, self._lost = self._lost, []
        return [*lost, *self._here.ended()]

    def ask_to_leave(self, run_id: str) -> None:
        """Send SIGTERM to the run's process."""
        if (charge := self._charges.get(run_id)) is not None:
            charge.node.agent.ask_to_leave.remote(run_id)
        self._here.ask_to_leave(run_id)

    def cancel(self, run_id: str) -> None:
        """Kill the run's process."""
        if (charge := self._charges.get(run_id)) is not None:
            charge.node.agent.cancel.remote(run_id)
        self._here.cancel(run_id)

    def memory_used(self, run_id: str, *, beyond: int = 0) -> int | None:
        """Return the proportional set size (PSS) of the run's process, of some seconds ago."""
        training = self._training(run_id)
        return self._here.memory_used(run_id, beyond=beyond) if training is None else training.used

    def memory_held(self, run_id: str) -> int:
        """Return the unique set size (USS) of the run's process, of some seconds ago."""
        training = self._training(run_id)
        return self._here.memory_held(run_id) if training is None else training.held

    def free_memory(self) -> int:
        """Return the available memory of the node that has most of it."""
        return max((node.view.free for node in self._nodes.usable if node.view is not None), default=0)

    @property
    def capacity(self) -> int:
        """The number of runs that the nodes have CPUs and GPUs for."""
        cpus, gpus = self._choice.cpus, self._choice.gpus
        return sum(int(min(node.cpus // cpus, node.gpus // gpus if gpus else math.inf)) for node in self._nodes.usable)

    def nodes(self) -> Sequence[MachineNode]:
        """Return the nodes of the cluster, as of a moment ago."""
        return [node.described(cpus=self._choice.cpus, gpus=self._choice.gpus) for node in self._nodes]

    def close(self) -> None:
        """Free everything on the cluster and leave it; the processes must have ended."""
        # Without its head every call would hang.
        with contextlib.suppress(RayError, ResourceError):
            if self._nodes.respond():
                self._slots.free_all()
                self._nodes.dismiss()
                ray.shutdown()

    def _listen(self) -> None:
        """Read the answers of the agents that have come."""
        if not self._nodes.respond():
            return
        for node in self._nodes.refresh():
            self._slots.forget_node(node.id)
            for run_id in [run_id for run_id, charge in self._charges.items() if charge.node is node]:
                self._end(Ended(run_id=run_id, exit_code=None, reason=f"Node {node.name} left the cluster."))
        for node in self._nodes:
            view = node.listen()
            if view is None:
                continue
            for ended in view.ended.values():
                self._end(ended)
            for run_id, charge in list(self._charges.items()):
                if charge.node is node and node.looks > charge.after and run_id not in view.trainings:
                    self._end(Ended(run_id=run_id, exit_code=None, reason=f"The agent on node {node.name} died."))
        self._slots.tidy()

    def _end(self, ended: Ended) -> None:
        charge = self._charges.pop(ended.run_id, None)
        slot = self._slots.of_run(ended.run_id)
        if slot is not None:
            self._slots.release(slot)
        if charge is not None:
            self._lost.append(ended)

    def _trainings(self) -> Iterator[tuple[Node, str, Training]]:
        for node in self._nodes:
            for run_id, training in (node.view.trainings if node.view else {}).items():
                yield node, run_id, training

    def _training(self, run_id: str) -> Training | None:
        charge = self._charges.get(run_id)
        view = charge.node.view if charge else None
        return view.trainings.get(run_id) if view else None

    def _placed(self, job: Job) -> tuple[HeldSlot, Node]:
        until = time.monotonic() + _UNPLACED_SECONDS
        while not (place := self.reserve(job.run_id, memory=None, config=job.config)).is_free:
            self._listen()
            if place.refusal or time.monotonic() > until:
                raise ResourceError(place.refusal or f"No node has a place for run {job.run_id}.")
            time.sleep(_TICK_SECONDS)
        slot = self._slots.of_run(job.run_id)
        node = self._nodes.get(slot.node_id) if slot else None
        assert slot is not None  # noqa: S101 - the place is free
        assert node is not None  # noqa: S101 - likewise
        return slot, node

    def _lacks(self, run_id: str, node: Node, config: str | None) -> bool:
        """Return whether a node lacks a file that the run reads, and note it."""
        missing = None
        if config is not None and names_files(config):
            with contextlib.suppress(RayError):
                missing = ray.get(node.agent.lacks.remote(config), timeout=_START_SECONDS)
        if missing is None:
            self._lacking.pop(run_id, None)
            return False
        _log.warning("Run %s is not placed on node %s, which has no file %s.", run_id, node.name, missing)
        self._lacking.setdefault(run_id, {})[node.id] = missing
        return True

    def _unfit(self, run_id: str) -> list[str]:
        unusable = [node.id for node in self._nodes if not node.is_usable]
        return [*unusable, *self._lacking.get(run_id, {})]

    def _unplaceable(self, run_id: str, needs: Needs) -> Place | None:
        """Return why no node of now could ever take the run; None if one could."""
        lacking = self._lacking.get(run_id, {})
        usable = self._nodes.usable
        if not usable:
            return Place(is_free=False, waits="a node that can be used; the worker's log says why none can")
        left = [node for node in usable if node.id not in lacking]
        if not left:
            del self._lacking[run_id]
            missing = " ".join(f"Node {node.name} has no file {lacking[node.id]}." for node in usable)
            return Place(
                is_free=False,
                is_possible=False,
                refusal=f"{missing} Copy it there, or put it into a folder that all nodes share.",
            )
        if any(_has(node, needs) for node in left):
            return None
        return Place(is_free=False, is_possible=False, waits=f"a node with {self._words(needs)}; none has as much")

    def _words(self, needs: Needs) -> str:
        told = [counted(needs.cpus, "CPU")]
        if needs.gpus:
            told.append(counted(needs.gpus, "GPU"))
        if needs.memory:
            told.append(f"about {readable_bytes(needs.memory)} of memory")
        return " and ".join(told)


def _has(node: Node, needs: Needs) -> bool:
    return node.cpus >= needs.cpus and node.gpus >= needs.gpus and node.memory >= needs.memory


def _refuse(job: Job) -> Process:
    raise AssertionError(f"Run {job.run_id} is started by a node.")
