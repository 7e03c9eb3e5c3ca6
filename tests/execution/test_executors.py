"""What every executor does, held on the one for this machine and on the tests' own."""

import signal
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.support.executor import FakeExecutor
from tests.support.worker import wait_for
from trainer.execution.executors.base import Ended, Executor
from trainer.execution.executors.local import LocalExecutor, Process
from trainer.execution.executors.programs import Program
from trainer.execution.process.identity import owner_of
from trainer.execution.process.job import Job
from trainer.home import Home
from trainer.tracking import Owner

_WAITS = "import sys, time; sys.exit(3) if sys.argv[1] == 'ends' else time.sleep(60)"


def _start(job: Job) -> Process:
    """A process that ends at once with status 3 where its run is called `ends`, and else waits."""
    return Program([sys.executable, "-c", _WAITS, job.run_id])


class _Faked(FakeExecutor):
    """Processes with the habits of `_start`'s."""

    def submit(self, job: Job) -> Owner:
        handle = super().submit(job)
        if job.run_id == "ends":
            self.end(job.run_id, 3)
        return handle


@pytest.fixture(params=["local", "fake"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    made: Executor = LocalExecutor(_start) if request.param == "local" else _Faked(polite=True, mortal=True, memory=1)
    yield made
    for run_id in made.alive():
        made.cancel(run_id)


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
    stranger = Program([sys.executable, "-c", _WAITS, "waits"])
    executor.adopt("theirs", owner_of(stranger.pid))
    assert list(executor.alive()) == ["theirs"]
    assert not executor.ended()
    assert executor.memory_used("theirs")
    stranger._popen.kill()
    stranger._popen.wait()
    assert _ended(executor) == Ended(run_id="theirs", exit_code=None), "nobody could see how"


def test_memory_is_that_of_living_processes(executor: Executor, home: Home) -> None:
    _submit(executor, home, "waits")
    assert executor.memory_used("waits")
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
