"""What every executor does, held on the one for this machine, the one for a Ray cluster, and the tests' own."""

import importlib.util
import itertools
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.support.executor import FakeExecutor
from tests.support.faults import Reference
from tests.support.ray_cluster import RayCluster, Waiting, ray_cluster
from tests.support.shop import pid_of
from tests.support.worker import running_worker, wait_for, wait_for_end
from trainer.config import load_config
from trainer.execution import enqueue, queue_name, wake_worker
from trainer.execution.executors.base import Ended, Executor, Place
from trainer.execution.executors.choice import ExecutorChoice, ExecutorName
from trainer.execution.executors.local import LocalExecutor
from trainer.execution.process.identity import owner_of
from trainer.execution.process.job import Job
from trainer.home import Home
from trainer.tracking import Owner, Status, Store, Tag

if TYPE_CHECKING:
    from trainer.execution.executors.ray.executor import RayExecutor
    from trainer.execution.executors.ray.slots import Needs


_CONFIG = """
name: on a cluster
dataset: digits
layers: [Flatten, {layer: Dense, units: 16, activation: relu}, {layer: Dropout, rate: 0.2}, {layer: Dense, units: 10}]
loss: {name: SparseCategoricalCrossentropy, from_logits: true}
optimizer: adam
epochs: 80
"""


# A worker that is killed while its run trains.
_EARLIER = """
import sys
import time
from pathlib import Path
from tests.support.ray_cluster import Waiting
from trainer.execution.executors.choice import ExecutorChoice, ExecutorName
from trainer.execution.executors.ray.connection import connect
from trainer.execution.process.job import Job
from trainer.home import Home
choice, home = ExecutorChoice(name=ExecutorName.RAY, address=sys.argv[1]), Home(Path(sys.argv[2]))
connect(choice, "fitboard-conformance")
from trainer.execution.executors.ray.executor import RayExecutor
executor = RayExecutor(home, choice, tracking_uri="sqlite:///nowhere.db", launch=Waiting)
job = Job(run_id="waits", home=home.path, tracking_uri="sqlite:///nowhere.db")
print(executor.submit(job).dumps(), flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    """A Ray cluster with two nodes of one CPU each, on the loopback interface."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    with ray_cluster() as started:
        yield started


class _Faked(FakeExecutor):
    """Processes with the habits of `Waiting`'s."""

    def submit(self, job: Job) -> Owner:
        handle = super().submit(job)
        if job.run_id == "ends":
            self.end(job.run_id, 3)
        return handle


def _needs(**needs: int) -> "Needs":
    # Late, since its module imports Ray.
    from trainer.execution.executors.ray.slots import Needs

    return Needs(**needs)


def _executor_of(home: Home, address: str) -> "RayExecutor":
    from trainer.execution.executors.ray.executor import RayExecutor

    choice = ExecutorChoice(name=ExecutorName.RAY, address=address)
    return RayExecutor(home, choice, tracking_uri=home.tracking_uri(environment={}), launch=Waiting)


@pytest.fixture(scope="module")
def ray_executor(cluster: RayCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator["RayExecutor"]:
    """An executor on the cluster, whose processes train nothing."""
    from trainer.execution.executors.ray.connection import connect

    connect(ExecutorChoice(name=ExecutorName.RAY, address=cluster.address), "fitboard-conformance")
    executor = _executor_of(Home(tmp_path_factory.mktemp("ray")).make(), cluster.address)
    yield executor
    executor.close()


@pytest.fixture(params=["local", "fake", pytest.param("ray", marks=pytest.mark.slow)])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "ray":
        made: Executor = request.getfixturevalue("ray_executor")
    else:
        is_local = request.param == "local"
        made = LocalExecutor(Waiting().start) if is_local else _Faked(polite=True, mortal=True, memory=1)
    yield made
    for run_id in made.alive():
        made.cancel(run_id)
    wait_for(lambda: not (made.ended() or made.alive()), "the processes to end")


def _submit(executor: Executor, home: Home, run_id: str) -> Owner:
    return executor.submit(Job(run_id=run_id, home=home.path, tracking_uri="sqlite:///nowhere.db"))


def _ended(executor: Executor) -> Ended:
    found: list[Ended] = []
    wait_for(lambda: found.extend(executor.ended()) or found, "the end of a process", 20)
    assert len(found) == 1
    return found[0]


def test_submitted_process_lives_until_it_is_cancelled(executor: Executor, home: Home) -> None:
    handle = _submit(executor, home, "waits")
    assert Owner.loads(handle.dumps()) == handle, "it can be kept in a run's record"
    assert executor.is_alive(handle) is True
    assert list(executor.alive()) == ["waits"]
    assert not executor.ended()
    executor.cancel("waits")
    assert _ended(executor) == Ended(run_id="waits", exit_code=-signal.SIGKILL)
    assert not executor.alive()
    assert not executor.ended(), "said once"


def test_process_that_ends_by_itself_says_how(executor: Executor, home: Home) -> None:
    _submit(executor, home, "ends")
    assert _ended(executor) == Ended(run_id="ends", exit_code=3)


def test_process_that_is_asked_to_leave_leaves(executor: Executor, home: Home) -> None:
    _submit(executor, home, "waits")
    executor.ask_to_leave("waits")
    assert _ended(executor).run_id == "waits"


def test_adopted_process_is_looked_after_like_ones_own(executor: Executor) -> None:
    stranger = Waiting().start(Job(run_id="waits", home=Path(), tracking_uri=""))
    executor.adopt("theirs", owner_of(stranger.pid))
    assert list(executor.alive()) == ["theirs"]
    assert not executor.ended()
    assert executor.memory_used("theirs")
    psutil.Process(stranger.pid).kill()
    wait_for(lambda: not stranger.is_alive(), "its end")
    assert _ended(executor) == Ended(run_id="theirs", exit_code=None), "nobody could see how"


def test_memory_is_that_of_living_processes(executor: Executor, home: Home) -> None:
    _submit(executor, home, "waits")
    wait_for(lambda: executor.alive() and executor.memory_used("waits"), "its memory")
    wait_for(lambda: executor.memory_held("waits") > 0, "the process")
    assert executor.free_memory() > 0
    executor.cancel("waits")
    _ended(executor)
    assert executor.memory_used("waits") is None
    assert executor.memory_held("waits") == 0


@pytest.mark.parametrize("ask", [Executor.ask_to_leave, Executor.cancel], ids=["ask_to_leave", "cancel"])
def test_run_without_a_process_is_nothing_to_signal(executor: Executor, ask: Callable[..., None]) -> None:
    getattr(executor, ask.__name__)("nobody")
    assert not executor.alive()
    assert not executor.ended()


def test_handle_of_the_worker_itself_is_alive_and_of_another_host_is_not_known(executor: Executor) -> None:
    own = executor.own_handle()
    assert executor.is_alive(own) is True
    elsewhere = Owner(host="elsewhere", boot=own.boot, pid=own.pid, started=own.started)
    assert executor.is_alive(elsewhere) is None


@pytest.mark.slow
def test_run_that_no_node_can_take_says_what_it_needs(ray_executor: "RayExecutor") -> None:
    place = ray_executor.reserve("vast", memory=10**15, config=None)
    assert not place.is_free
    assert not place.is_possible
    assert place.waits == "a node with 1 CPU and about 1.0 PB of memory; none has as much"


@pytest.mark.slow
def test_run_that_needs_more_gpus_than_a_node_has_says_so(
    ray_executor: "RayExecutor", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_executor, "_choice", ExecutorChoice(name=ExecutorName.RAY, gpus=2))
    place = ray_executor.reserve("greedy", memory=None, config=None)
    assert not place.is_possible
    assert place.waits == "a node with 1 CPU and 2 GPUs; none has as much"


@pytest.mark.slow
def test_slot_with_gpus_says_which(ray_executor: "RayExecutor") -> None:
    """The first node says that it has one."""
    slots = ray_executor._slots
    slot = slots.ask("greedy", _needs(cpus=1, gpus=1), without=())
    wait_for(slot.is_placed, "a place")
    assert slot.devices == "0"
    slots.free(slot)


@pytest.mark.slow
def test_slots_of_an_earlier_worker_are_taken_over_or_freed(ray_executor: "RayExecutor") -> None:
    """There are two CPUs."""
    earlier, needs = ray_executor._slots, _needs(cpus=1, gpus=0)
    used, idle = (earlier.ask(run_id, needs, without=()) for run_id in ("used", "idle"))
    wait_for(lambda: used.is_placed() and idle.is_placed(), "two places")
    later = type(earlier)()
    later.find({used.name: "used"})
    found = later.of_run("used")
    assert found is not None
    assert found.name == used.name
    wait_for(later.ask("next", needs, without=()).is_placed, "the place that was freed")
    for slots in (earlier, later):
        slots.free_all()


@pytest.mark.slow
def test_slot_is_on_none_of_the_nodes_that_it_must_not_be_on(ray_executor: "RayExecutor") -> None:
    slots, needs = ray_executor._slots, _needs(cpus=1, gpus=0)
    for unfit, other in itertools.permutations(node.id for node in ray_executor._nodes):
        slot = slots.ask("choosy", needs, without=[unfit])
        wait_for(slot.is_placed, "a place")
        assert slot.node_id == other
        slots.free(slot)


@pytest.mark.slow
def test_run_whose_file_is_on_no_node_is_refused_with_the_names_of_both(
    ray_executor: "RayExecutor", tmp_path: Path
) -> None:
    file = tmp_path / "away.npz"
    config = load_config(_CONFIG.replace("digits", f"{{name: npz, path: {file}}}")).canonical_json()
    found: list[Place] = []
    wait_for(
        lambda: found.append(ray_executor.reserve("lacking", memory=None, config=config)) or found[-1].refusal,
        "both nodes to be asked",
    )
    assert found[-1].refusal.count(f"has no file {file}.") == 2
    assert found[-1].refusal.endswith("Copy it there, or put it into a folder that all nodes share.")


@pytest.mark.slow
def test_place_that_is_given_up_is_free_for_the_next_run(ray_executor: "RayExecutor") -> None:
    """There are two CPUs."""

    def place(run_id: str) -> bool:
        return ray_executor.reserve(run_id, memory=None, config=None).is_free

    wait_for(lambda: place("one") and place("two"), "two places")
    assert not place("three")
    ray_executor.keep_reserved({"one", "three"})
    wait_for(lambda: place("three"), "the place of the second")
    ray_executor.keep_reserved(set())


@pytest.mark.slow
def test_waiting_run_takes_over_the_slot_of_one_that_has_ended(ray_executor: "RayExecutor", home: Home) -> None:
    """A new slot would wait for the CPU that the old one holds, and might be on a node without a process to reuse."""

    def is_free(run_id: str) -> bool:
        return ray_executor.reserve(run_id, memory=None, config=None).is_free

    for run_id in ("one", "two"):
        _submit(ray_executor, home, run_id)
    assert not is_free("three")
    slot = ray_executor._slots.of_run("one")
    ray_executor.cancel("one")
    assert _ended(ray_executor).run_id == "one"
    assert is_free("three"), "at once"
    assert ray_executor._slots.of_run("three") is slot
    ray_executor.cancel("two")
    _ended(ray_executor)
    ray_executor.keep_reserved(set())


@pytest.mark.slow
def test_run_of_a_worker_that_was_killed_is_looked_after_by_the_next(
    cluster: RayCluster, ray_executor: "RayExecutor", home: Home
) -> None:
    # Those of the tests above that are idle would hold the CPUs.
    ray_executor._slots.free_all()
    command = [sys.executable, "-c", _EARLIER, cluster.address, str(home.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as earlier:
        assert earlier.stdout is not None
        handle = Owner.loads(earlier.stdout.readline())
        earlier.kill()
    later = _executor_of(home, cluster.address)
    assert later.is_alive(handle)
    later.adopt("waits", handle)
    assert list(later.alive()) == ["waits"]
    slot = later._slots.of_run("waits")
    later.ask_to_leave("waits")
    assert _ended(later) == Ended(run_id="waits", exit_code=-signal.SIGTERM), "its agent saw how"
    assert slot is not None, "what it took of its node is known"
    later._slots.free_all()
    later._nodes._pulse.close()


@pytest.mark.slow
def test_runs_on_a_cluster_survive_the_death_of_their_node(
    cluster: RayCluster, ray_executor: "RayExecutor", home: Home, uri: str, store: Store
) -> None:
    """The last one, since its nodes are of no use to others."""
    ray_executor._slots.free_all()
    options = ExecutorChoice(name=ExecutorName.RAY, address=cluster.address).arguments()
    with running_worker(home, uri, jobs=2, options=options):
        assert not cluster.ports_beyond_loopback()
        ids = [_queue(store, home) for _ in range(2)]
        processes = [_training(store, run_id) for run_id in ids]
        for process in processes:
            process.suspend()
        (doomed,) = (each for each in processes if cluster.is_on_second_node(each.pid))
        (other,) = (each for each in processes if each != doomed)
        cluster.kill_node()
        wait_for(lambda: not doomed.is_running() or doomed.status() == psutil.STATUS_ZOMBIE, "its process to end")
        other.resume()
        runs = [wait_for_end(store, run_id) for run_id in ids]
    assert [run.status for run in runs] == [Status.FINISHED] * 2, [run.tags.get(Tag.FAILURE) for run in runs]
    assert Reference.of(store, runs[0]) == Reference.of(store, runs[1])
    assert doomed.pid not in {pid_of(run) for run in runs}


def _queue(store: Store, home: Home) -> str:
    run_id = enqueue(store, load_config(_CONFIG), queue=queue_name(home))
    wake_worker(home)
    return run_id


def _training(store: Store, run_id: str) -> psutil.Process:
    """Return the run's process, once an epoch was logged."""
    wait_for(lambda: "loss" in store.get(run_id).metrics, "the first epoch")
    owner = store.get(run_id).owner
    assert owner is not None
    return psutil.Process(owner.pid)
