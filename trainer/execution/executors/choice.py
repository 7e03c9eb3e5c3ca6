"""Which executor a worker uses, as chosen on the command line."""

import argparse
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from socket import AF_INET, create_connection

import psutil

from trainer.errors import ConfigError, ResourceError
from trainer.format import counted

__all__ = ["LOCAL", "ExecutorChoice", "ExecutorName"]

_ANSWER_SECONDS = 3.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
# On a cluster Ray decides how many runs there is room for; this many may ask for it.
_MOST_JOBS = 64


class ExecutorName(StrEnum):
    """The executors."""

    LOCAL = "local"
    RAY = "ray"


@dataclass(frozen=True, kw_only=True)
class ExecutorChoice:
    """An executor and what it needs to know.

    Attributes:
        name: the executor.
        jobs: number of runs to train at once; by default 1, on a cluster as many as it has room for.
        address: `host:port` of a Ray cluster; None for one of this machine alone that ends with the worker.
        cpus: CPUs that Ray reserves for each run.
        gpus: GPUs that Ray reserves for each run.
    """

    name: ExecutorName = ExecutorName.LOCAL
    jobs: int | None = None
    address: str | None = None
    cpus: int = 1
    gpus: int = 0

    def check(self) -> "ExecutorChoice":
        """Check what can be checked without loading Ray.

        Raises:
            ConfigError: an option does not belong to the executor, or the address is not one.
            ResourceError: Ray is not installed, or nothing answers at the address.
        """
        if self.name is ExecutorName.LOCAL:
            if self != ExecutorChoice(jobs=self.jobs):
                raise ConfigError("--address, --cpus and --gpus belong to --executor ray; add it or leave them out.")
            return self
        if importlib.util.find_spec("ray") is None:
            raise ResourceError("The ray executor needs Ray; install it with `pip install '.[ray]'`.")
        if self.address is not None:
            self._probe()
        return self

    @property
    def stays_here(self) -> bool:
        """Whether the cluster listens on the loopback interface only, or will if the worker starts it."""
        if self.address is None:
            return True
        host, port = self._host_and_port()
        others = [each.address for every in psutil.net_if_addrs().values() for each in every if each.family == AF_INET]
        beyond = [each for each in others if not each.startswith("127.")]
        return host in _LOOPBACK and not any(_answers(each, port) for each in beyond)

    def arguments(self) -> list[str]:
        """Return the choice as options of `python -m trainer.execution.worker`."""
        told = ["--jobs", str(self.jobs)] if self.jobs else []
        if self.name is ExecutorName.LOCAL:
            return told
        told += ["--executor", str(self.name), "--cpus", str(self.cpus), "--gpus", str(self.gpus)]
        return [*told, "--address", self.address] if self.address else told

    @property
    def at_once(self) -> int:
        """The number of runs that may train at once, or ask a cluster for a place."""
        return self.jobs or (1 if self.name is ExecutorName.LOCAL else _MOST_JOBS)

    @property
    def words(self) -> str:
        """Where and how many runs train at once."""
        where = "" if self.name is ExecutorName.LOCAL else " on a Ray cluster"
        if where and self.jobs is None:
            return f"as many runs at a time as there is room for{where}"
        return f"{counted(self.at_once, 'run')} at a time{where}"

    @classmethod
    def read(cls, arguments: Sequence[str]) -> tuple["ExecutorChoice", list[str]]:
        """Read what `arguments` returned; also return the arguments that are left."""
        parser = argparse.ArgumentParser(add_help=False)
        parser.add_argument("--executor", type=ExecutorName, default=ExecutorName.LOCAL)
        parser.add_argument("--jobs", type=int)
        parser.add_argument("--address")
        parser.add_argument("--cpus", type=int, default=1)
        parser.add_argument("--gpus", type=int, default=0)
        given, left = parser.parse_known_args(arguments)
        told = {name: getattr(given, name) for name in ("jobs", "address", "cpus", "gpus")}
        return cls(name=given.executor, **told), left

    def _host_and_port(self) -> tuple[str, int]:
        host, _, port = (self.address or "").rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ConfigError(f"{self.address!r} is not the address of a Ray cluster; expected HOST:PORT.")
        return host, int(port)

    def _probe(self) -> None:
        """Connect once, since Ray would try for minutes."""
        try:
            create_connection(self._host_and_port(), timeout=_ANSWER_SECONDS).close()
        except OSError as error:
            raise ResourceError(
                f"No Ray cluster responds at {self.address} ({error.strerror or error}); start one with "
                "`ray start --head`, or leave --address out to use this machine alone."
            ) from error


def _answers(host: str, port: int) -> bool:
    try:
        create_connection((host, port), timeout=_ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


LOCAL = ExecutorChoice()
