"""The slots of runs: what a run takes of a node, reserved by a placement group until the run has ended.

Ray reserves a placement group in milliseconds. An actor that holds the same takes a second or more, for its process.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util import get_placement_group, placement_group, placement_group_table, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from trainer.execution.worker.standby import IDLE_SECONDS

__all__ = ["HeldSlot", "Needs", "Slots", "free_slot"]

_NAME = "slot-"
# Estimates differ a little between the trials of a sweep, which should be able to follow one another in a slot.
_MEMORY_STEP = 250_000_000
# Ray usually takes 3 to 7 ms to reserve a slot that is free, less than until the worker looks again.
_FIRST_SECONDS = 0.02
_FIRST_LOOK_SECONDS = 0.002
# A look takes 1 ms.
_LOOK_SECONDS = 0.1
_GONE = frozenset({"REMOVED", ""})


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

    def bundle(self) -> dict[str, float]:
        """Return them as Ray names them."""
        named = {"CPU": self.cpus, "GPU": self.gpus, "memory": self.memory}
        return {name: float(value) for name, value in named.items() if value}


class _Devices:
    """An actor in a slot with GPUs, since Ray tells only its own processes which ones they may use."""

    def visible(self) -> str:
        return os.environ.get("CUDA_VISIBLE_DEVICES", "")


class HeldSlot:
    """A slot: asked for, then placed on a node, and taken by one run after another."""

    def __init__(self, name: str, group: Any, needs: Needs | None, run_id: str | None) -> None:
        self.name, self.group, self.needs, self.run_id = name, group, needs, run_id
        self.node_id: str | None = None
        self.devices = ""
        self.failure = ""
        self.since = time.monotonic()
        self._looked = 0.0
        self._devices: Any = _devices_of(group, needs) if needs is not None and needs.gpus else None

    def is_placed(self) -> bool:
        """Return whether Ray has placed it; `failure` is set if it could not."""
        now = time.monotonic()
        if self.node_id is None and not self.failure and now - self._looked > _LOOK_SECONDS:
            self._looked = now
            self._look()
            while self.node_id is None and not self.failure and time.monotonic() - self.since < _FIRST_SECONDS:
                time.sleep(_FIRST_LOOK_SECONDS)
                self._look()
        return self.node_id is not None

    def _look(self) -> None:
        try:
            found = placement_group_table(self.group)
            if found.get("state", "") in _GONE:
                self.failure = "Ray has removed the slot."
            if found.get("state") != "CREATED":
                return
            if self._devices is not None:
                if not ray.wait([self._devices], timeout=0)[0]:
                    return
                self.devices = ray.get(self._devices)
            (self.node_id,) = found["bundles_to_node_id"].values()
        except RayError as error:
            self.failure = str(error)


def _devices_of(group: Any, needs: Needs) -> Any:
    """Return the answer to come of which GPUs a slot has."""
    strategy = PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=0)
    # It holds the GPUs until its slot is freed.
    actor = ray.remote(_Devices).options(
        num_cpus=0, num_gpus=needs.gpus, lifetime="detached", name=f"devices-{uuid.uuid4().hex}",
        scheduling_strategy=strategy,
    ).remote()  # fmt: skip
    return actor.visible.remote()


def free_slot(name: str) -> None:
    """Return to Ray what a slot of this namespace holds; do nothing if there is none."""
    with contextlib.suppress(ValueError):
        remove_placement_group(get_placement_group(name))


class Slots:
    """All slots of a home."""

    def __init__(self) -> None:
        self._slots: dict[str, HeldSlot] = {}

    def find(self, used: Mapping[str, str]) -> None:
        """Take over the slots that an earlier worker left: `used` maps them to their runs; the others are freed."""
        for each in placement_group_table().values():
            name = each["name"]
            if not name.startswith(_NAME) or each["state"] in _GONE:
                continue
            # Other homes have slots in other namespaces, where they are not found.
            with contextlib.suppress(ValueError):
                slot = HeldSlot(name, get_placement_group(name), None, used.get(name))
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
        avoid = [{"ray.io/node-id": f"!in({','.join(sorted(without))})"}] if without else None
        group = placement_group([needs.bundle()], name=name, lifetime="detached", bundle_label_selector=avoid)
        self._slots[name] = HeldSlot(name, group, needs, run_id)
        return self._slots[name]

    def release(self, slot: HeldSlot) -> None:
        """Have the slot wait for another run."""
        slot.run_id, slot.since = None, time.monotonic()

    def free(self, slot: HeldSlot) -> None:
        """Return to Ray what the slot holds."""
        self._slots.pop(slot.name, None)
        remove_placement_group(slot.group)

    def forget_node(self, node_id: str) -> None:
        """Free the slots of a node that has left; Ray would reserve the same on another one."""
        for slot in [each for each in self._slots.values() if each.node_id == node_id]:
            self.free(slot)

    def tidy(self) -> None:
        """Free the slots whose run ended a while ago; another one may have come that suits it."""
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
