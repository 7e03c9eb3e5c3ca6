"""The nodes of a Ray cluster, as the worker sees them: one agent on each."""

import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import ActorUnavailableError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from trainer.execution.cluster.node import Node as MachineNode
from trainer.execution.executors.ray.agent import LOOKS, Agent, Launch, View
from trainer.execution.executors.ray.connection import Pulse
from trainer.execution.executors.ray.fitness import Answer, Wanted, refusal_of, versions
from trainer.home import Home

__all__ = ["Node", "Nodes"]

_log = logging.getLogger("fitboard.worker")

_REFRESH_SECONDS = 1.0
# Looks wait for news themselves; those of an agent that is dead do not.
_LOOK_SECONDS = 0.02
_FIRST_LOOK_SECONDS = 120.0
# Settings of the libraries that training processes use; Ray's nodes do not have the worker's.
_HANDED_OVER = ("AWS_", "FITBOARD_", "KERAS_", "MLFLOW_", "PG", "TF_")


class Node:
    """One node, and the questions to its agent that are under way."""

    def __init__(self, fields: Mapping[str, Any], agent: Any) -> None:
        resources = fields["Resources"]
        self.id, self.host, self.agent = str(fields["NodeID"]), str(fields["NodeManagerHostname"]), agent
        self.name = f"{self.host} ({fields['NodeManagerAddress']})"
        self.cpus, self.gpus = float(resources.get("CPU", 0)), float(resources.get("GPU", 0))
        self.memory = int(resources.get("memory", 0))
        self.refusal: str | None = None
        self.view: View | None = None
        self.looks = 0
        """How many looks have been answered; one is answered after all that was asked of the agent before."""
        self.asked = 0
        self._seen = 0
        self._look: Any = None
        self._looked = 0.0

    @property
    def is_usable(self) -> bool:
        """Whether runs may be placed on it."""
        return self.refusal == ""

    @property
    def is_warm(self) -> bool:
        """Whether a run would start there without delay, as of the latest look."""
        return self.view is not None and self.view.is_warm

    def listen(self) -> View | None:
        """Ask again if it is time; return the answer that has come since the last call."""
        if self.refusal:
            return None
        if self._look is not None and ray.wait([self._look], timeout=0)[0]:
            answer, self._look = self._look, None
            with contextlib.suppress(RayError):
                view: View = ray.get(answer)
                self._seen = max(view.ended, default=self._seen if self._knows(view) else 0)
                self.view, self.looks = view, self.asked
                return view
        if self._look is None and time.monotonic() - self._looked > _LOOK_SECONDS:
            birth = self.view.birth if self.view else ""
            self._looked, self._look = time.monotonic(), self.agent.look.remote(birth, self._seen)
            self.asked += 1
        return None

    def _knows(self, view: View) -> bool:
        return self.view is not None and self.view.birth == view.birth

    def described(self, *, cpus: int, gpus: int) -> MachineNode:
        """Return what is known of the node; `cpus` and `gpus` are those of one run."""
        view, resting = self.view, "" if self.refusal is not None else "has not responded yet"
        if self.is_usable and not self.is_warm:
            resting = "loading TensorFlow"
        count = len(view.trainings) if view else 0
        return MachineNode(
            name=self.host,
            cpus=self.cpus,
            cpus_used=count * cpus,
            gpus=self.gpus,
            gpus_used=count * gpus,
            memory=self.memory,
            free=view.free if view else None,
            problem=self.refusal or resting,
        )


class Nodes:
    """Finds the nodes of the cluster, and starts an agent on each.

    Args:
        home: the home whose folder the nodes must see.
        tracking_uri: the store that the training processes open.
        launch: see `Agent`.
    """

    def __init__(self, home: Home, tracking_uri: str, *, launch: Callable[[], Launch] | None = None) -> None:
        self._home, self._launch = home, launch
        self._wanted = Wanted(home=home.path, host=socket.gethostname(), tracking_uri=tracking_uri, versions=versions())
        self._nodes: dict[str, Node] = {}
        self._pulse = Pulse(ray.get_runtime_context().gcs_address)
        self._checks: dict[str, Any] = {}
        self.hosts: set[str] = set()
        """All hosts that the cluster had a node on."""
        self._refreshed = 0.0
        token = secrets.token_hex()
        home.shared_mark.write_text(token)
        self._question = self._wanted.question(home.shared_mark, token)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def respond(self) -> bool:
        """Return whether the head of the cluster responds; Ray's own calls would hang.

        Raises:
            ResourceError: it is gone for good.
        """
        return self._pulse.beats()

    def get(self, node_id: str | None) -> Node | None:
        """Return a node of the cluster; None if it has left."""
        return self._nodes.get(node_id or "")

    @property
    def usable(self) -> Sequence[Node]:
        """The nodes that runs may be placed on."""
        return [node for node in self if node.is_usable]

    def wait(self) -> None:
        """Wait until every node of now can start runs, or is known not to be usable; at most for two minutes."""
        until = time.monotonic() + _FIRST_LOOK_SECONDS
        while any(node.refusal is None or (node.is_usable and not node.is_warm) for node in self._listened()):
            if time.monotonic() > until:
                return
            time.sleep(_LOOK_SECONDS)

    def _listened(self) -> Iterator[Node]:
        self.refresh()
        for node in self:
            node.listen()
        return iter(self)

    def refresh(self) -> Sequence[Node]:
        """Look for nodes that have come or gone, once a second; return those that have gone."""
        self._finish_checks()
        if time.monotonic() - self._refreshed < _REFRESH_SECONDS:
            return ()
        self._refreshed = time.monotonic()
        fields = {each["NodeID"]: each for each in ray.nodes()}
        self.hosts |= {str(each["NodeManagerHostname"]) for each in fields.values()}
        alive = {node_id for node_id, each in fields.items() if each["Alive"]}
        for node_id in alive - self._nodes.keys():
            self._join(fields[node_id])
        return [self._leave(node_id) for node_id in self._nodes.keys() - alive]

    def dismiss(self) -> None:
        """End all agents, and so their forkservers."""
        for node in self:
            _dismiss(node)
        self._pulse.close()

    def _join(self, fields: Mapping[str, Any]) -> None:
        node_id = str(fields["NodeID"])
        agent = (
            ray.remote(concurrency_groups={LOOKS: 1})(Agent)
            .options(
                name=f"agent-{node_id}",
                lifetime="detached",
                get_if_exists=True,
                num_cpus=0,
                max_restarts=-1,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node_id, soft=False),
            )
            .remote(self._home.path, Path.cwd(), _environment(), self._launch)
        )
        self._nodes[node_id] = Node(fields, agent)
        self._checks[node_id] = agent.answer.remote(self._question)

    def _leave(self, node_id: str) -> Node:
        node = self._nodes.pop(node_id)
        self._checks.pop(node_id, None)
        _log.warning("Node %s has left the cluster.", node.name)
        # Ray would keep trying to start it there.
        _dismiss(node)
        return node

    def _finish_checks(self) -> None:
        for node_id, ref in list(self._checks.items()):
            if not ray.wait([ref], timeout=0)[0]:
                continue
            node = self._nodes[node_id]
            try:
                answer: Answer = ray.get(ref)
                node.refusal = refusal_of(node.name, node.host, answer, self._wanted)
            except ActorUnavailableError:
                continue
            except RayError as error:
                node.refusal = f"Fitboard cannot run on node {node.name}: {_first_line(error)}"
            del self._checks[node_id]
            if node.refusal:
                _log.warning("%s No run is placed on it.", node.refusal)
                _dismiss(node)
            else:
                _log.info("Node %s is in the cluster, with %g CPUs and %g GPUs.", node.name, node.cpus, node.gpus)


def _dismiss(node: Node) -> None:
    with contextlib.suppress(RayError):
        ray.kill(node.agent, no_restart=True)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_HANDED_OVER)}


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # Ray puts the error of the node's own Python last.
    return lines[-1] if lines else type(error).__name__
