"""The slots of runs: what a run takes of a node, held by an actor until the run has ended."""

import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError

from trainer.execution.executors.ray.agent import Slot
from trainer.execution.worker.standby import IDLE_SECONDS

__all__ = ["HeldSlot", "Needs", "Slots"]

_NAME = "slot-"
# Estimates differ a little between the trials of a sweep, which should be able to follow one another in a slot.
_MEMORY_STEP = 250_000_000


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a run takes of a node; `memory` in bytes, 0 if unknown."""

    cpus: int
    gpus: int
    memory: int = 0

    @classmethod
    def of(cls, cpus: int, gpus: int, memory: int | None) -> "Needs":
        """Return the needs with the memory rounded up."""
        return cls(cpus=cpus, gpus=gpus, memory=-(-(memory or 0) // _MEMORY_STEP) * _MEMORY_STEP)


class HeldSlot:
    """A slot: asked for, then placed on a node, and taken by one run after another."""

    def __init__(self, name: str, actor: Any, needs: Needs | None, run_id: str | None) -> None:
        self.name, self.actor, self.needs, self.run_id = name, actor, needs, run_id
        self.node_id: str | None = None
        self.devices = ""
        self.failure = ""
        self.since = time.monotonic()
        self._where = actor.where.remote()

    def is_placed(self) -> bool:
        """Return whether Ray has placed it; `failure` is set if it could not."""
        if self.node_id is None and not self.failure and ray.wait([self._where], timeout=0)[0]:
            try:
                self.node_id, self.devices = ray.get(self._where)
            except RayError as error:
                self.failure = str(error)
        return self.node_id is not None


class Slots:
    """All slots of a home."""

    def __init__(self) -> None:
        self._slots: dict[str, HeldSlot] = {}

    def find(self, used: Mapping[str, str]) -> None:
        """Take over the slots that an earlier worker left: `used` maps them to their runs; the others are freed."""
        for name in ray.util.list_named_actors():
            if name.startswith(_NAME):
                slot = HeldSlot(name, ray.get_actor(name), None, used.get(name))
                self._slots[name] = slot
                if name not in used:
                    self.free(slot)

    def of_run(self, run_id: str) -> HeldSlot | None:
        """Return the slot that a run has or waits for."""
        return next((slot for slot in self._slots.values() if slot.run_id == run_id), None)

    def ask(self, run_id: str, needs: Needs, *, without: Sequence[str]) -> HeldSlot:
        """Return the slot for a run: the one that it has, an idle one that suits, or a new one.

        `without` are the ids of the nodes that it must not be on.
        """
        own = self.of_run(run_id)
        if own is not None and own.is_placed():
            return own
        for slot in self._idle():
            if slot.needs == needs and slot.node_id not in without:
                if own is not None:
                    self.free(own)
                slot.run_id = run_id
                return slot
            # What it holds may be what the run waits for.
            self.free(slot)
        return own or self._new(run_id, needs, without)

    def _new(self, run_id: str, needs: Needs, without: Sequence[str]) -> HeldSlot:
        name = f"{_NAME}{uuid.uuid4().hex}"
        avoid = {"ray.io/node-id": f"!in({','.join(sorted(without))})"} if without else None
        actor = (
            ray.remote(Slot)
            .options(
                name=name,
                lifetime="detached",
                num_cpus=needs.cpus,
                num_gpus=needs.gpus,
                memory=needs.memory or None,
                label_selector=avoid,
            )
            .remote()
        )
        self._slots[name] = HeldSlot(name, actor, needs, run_id)
        return self._slots[name]

    def release(self, slot: HeldSlot) -> None:
        """Have the slot wait for another run."""
        slot.run_id, slot.since = None, time.monotonic()

    def free(self, slot: HeldSlot) -> None:
        """Return to Ray what the slot holds."""
        self._slots.pop(slot.name, None)
        ray.kill(slot.actor, no_restart=True)

    def forget_node(self, node_id: str) -> None:
        """Free the slots of a node that has left."""
        for slot in [each for each in self._slots.values() if each.node_id == node_id]:
            self.free(slot)

    def tidy(self) -> None:
        """Free the slots whose run ended a while ago: a new one takes over a second, and another run may come."""
        for slot in self._idle():
            if time.monotonic() - slot.since > IDLE_SECONDS:
                self.free(slot)

    def keep(self, run_ids: Collection[str]) -> None:
        """Free the slots of all runs but these."""
        for slot in list(self._slots.values()):
            if slot.run_id is not None and slot.run_id not in run_ids:
                self.free(slot)

    def free_all(self) -> None:
        """Free all slots."""
        for slot in list(self._slots.values()):
            self.free(slot)

    def _idle(self) -> list[HeldSlot]:
        return [slot for slot in self._slots.values() if slot.run_id is None]
