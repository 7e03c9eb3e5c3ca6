"""When the worker prepares, keeps and frees its standby; and whose runs it may train."""

import os
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from tests.support.executor import CONFIG, FakeExecutor, admission_of_all, queue_run
from tests.support.worker import wait_for
from trainer.config import Config, load_config
from trainer.data import Splits
from trainer.data.sources.file import state_of, state_to_keep
from trainer.engine.report import Threads
from trainer.errors import PutBackError
from trainer.execution import Limits, enqueue, queue_name, wish_standby
from trainer.execution.process.attempts import note_attempt
from trainer.execution.process.job import Job
from trainer.execution.process.workplace import Fit, Kept, Order, Workplace
from trainer.execution.queue.wish import WISH_SECONDS
from trainer.execution.worker.admission import Admission
from trainer.execution.worker.dispatch import Worker
from trainer.execution.worker.standby import IDLE_SECONDS, REST_SECONDS, Standby
from trainer.home import Home
from trainer.tracking import Status, Store, Tag

WIDE = load_config(CONFIG.canonical_json().replace('"units":10', '"units":20'))


@dataclass
class FakeProcess:
    """The idle process as a test has it, and a clock that a test moves."""

    idle: Fit | None = None
    idle_seconds: float = 0.0
    memory: int = 100
    orders: list[Order] = field(default_factory=list)
    released: int = 0
    now: float = 0.0

    @property
    def pid(self) -> int | None:
        return None if self.idle is None else os.getpid()

    def is_prepared(self) -> bool:
        return self.idle is not None

    def suits(self, job: Job) -> bool:
        return self.idle is not None and job.may_share

    def prepare(self, order: Order, fit: Fit) -> None:
        self.orders.append(order)
        self.idle, self.idle_seconds = fit, 0.0

    def keep_one(self) -> None: ...

    def release(self) -> bool:
        had, self.idle = self.idle is not None, None
        self.released += had
        return had


@pytest.fixture
def process() -> FakeProcess:
    return FakeProcess()


@pytest.fixture
def standby(home: Home, process: FakeProcess) -> Standby:
    return Standby(process, home=home, tracking_uri="sqlite:///here.db", jobs=2, clock=lambda: process.now)


def _rest(standby: Standby, process: FakeProcess, *, free: int = 1) -> None:
    """Lets the wish rest for as long as it takes."""
    standby.tend(free)
    process.now += REST_SECONDS
    standby.tend(free)


def _ordered(process: FakeProcess) -> list[str]:
    return [order.config for order in process.orders]


def test_process_is_prepared_for_a_wish_that_has_rested(home: Home, standby: Standby, process: FakeProcess) -> None:
    standby.tend(1)
    wish_standby(home, CONFIG)
    standby.tend(1)
    process.now += REST_SECONDS / 2
    wish_standby(home, WIDE)
    standby.tend(1)
    process.now += REST_SECONDS / 2
    standby.tend(1)
    assert not process.orders, "the second wish has not rested yet"
    process.now += REST_SECONDS / 2
    standby.tend(1)
    standby.tend(1)
    assert _ordered(process) == [WIDE.canonical_json()]
    assert process.orders[0].runs_at_once == 2


def test_changed_wish_replaces_the_process_and_another_seed_does_not(
    home: Home, standby: Standby, process: FakeProcess
) -> None:
    wish_standby(home, CONFIG)
    _rest(standby, process)
    wish_standby(home, CONFIG.model_copy(update={"seed": 9, "name": "other"}))
    _rest(standby, process)
    assert len(process.orders) == 1
    wish_standby(home, WIDE)
    _rest(standby, process)
    assert _ordered(process) == [CONFIG.canonical_json(), WIDE.canonical_json()]


def test_process_is_freed_when_nobody_has_wished_for_minutes(
    home: Home, standby: Standby, process: FakeProcess
) -> None:
    wish_standby(home, CONFIG)
    _rest(standby, process)
    process.now += WISH_SECONDS - REST_SECONDS - 1
    standby.tend(1)
    assert process.idle is not None
    process.now += 2
    standby.tend(1)
    assert process.idle is None
    standby.tend(1)
    assert len(process.orders) == 1


def test_old_wish_that_a_starting_worker_finds_is_not_granted(
    home: Home, standby: Standby, process: FakeProcess
) -> None:
    wish_standby(home, CONFIG)
    long_ago = home.standby_wish.stat().st_mtime - WISH_SECONDS - 1
    os.utime(home.standby_wish, (long_ago, long_ago))
    _rest(standby, process)
    assert not process.orders


def test_nothing_is_prepared_or_kept_while_no_place_is_free(home: Home, standby: Standby, process: FakeProcess) -> None:
    wish_standby(home, CONFIG)
    _rest(standby, process, free=0)
    assert not process.orders
    standby.tend(1)
    assert len(process.orders) == 1
    standby.tend(0)
    assert process.idle is None
    standby.tend(1)
    assert len(process.orders) == 2, "it still is what Build shows"


def test_wish_is_granted_once(home: Home, standby: Standby, process: FakeProcess) -> None:
    """A process that was handed a run, or refused or died of the config, is not prepared again for the same wish."""
    wish_standby(home, CONFIG)
    _rest(standby, process)
    process.idle = None
    _rest(standby, process)
    assert len(process.orders) == 1
    later = home.standby_wish.stat().st_mtime + 1
    os.utime(home.standby_wish, (later, later))
    _rest(standby, process)
    assert len(process.orders) == 2


def test_process_that_has_finished_a_run_waits_a_moment_for_the_next(
    home: Home, standby: Standby, process: FakeProcess
) -> None:
    process.idle = Fit.of(CONFIG, home)
    process.idle_seconds = IDLE_SECONDS - 1
    standby.tend(1)
    assert process.idle is not None
    process.idle_seconds = IDLE_SECONDS + 1
    standby.tend(1)
    assert process.idle is None


def test_process_that_fits_the_wish_is_kept_and_no_other_prepared(
    home: Home, standby: Standby, process: FakeProcess
) -> None:
    process.idle = replace(Fit.of(CONFIG, home), threads={"intra": 1, "inter": 1})
    process.idle_seconds = IDLE_SECONDS + 1
    wish_standby(home, CONFIG)
    _rest(standby, process)
    assert process.idle is not None
    assert not process.orders


def test_changes_are_said_once(home: Home, process: FakeProcess) -> None:
    said: list[object] = []
    standby = Standby(process, home=home, tracking_uri="", say=said.append, clock=lambda: process.now)
    wish_standby(home, CONFIG)
    _rest(standby, process)
    standby.tend(1)
    standby.release()
    standby.tend(0)
    assert said == [{"pid": os.getpid(), "is_prepared": True}, None]


def _job(home: Home, config: Config = CONFIG, **fields: object) -> Job:
    job = Job(run_id="0", home=home.path, tracking_uri="", config=config.canonical_json(), may_share=True)
    return replace(job, **fields)  # type: ignore[arg-type]


def test_fit_suits_what_shares_its_trace(home: Home) -> None:
    fit = replace(Fit.of(CONFIG, home), threads={"intra": 2, "inter": 1})
    other = CONFIG.model_copy(update={"seed": 5, "epochs": 9, "name": "x"})
    faster = CONFIG.model_copy(update={"optimizer": CONFIG.optimizer.replace(learning_rate=0.5)})
    for config in (CONFIG, other, faster):
        assert fit.suits(_job(home, config), config)
    for config in (WIDE, CONFIG.model_copy(update={"batch_size": 7})):
        assert not fit.suits(_job(home, config), config)
    assert not fit.suits(_job(home, may_share=False), CONFIG)


def test_fit_takes_recorded_threads_only_if_they_are_in_effect(home: Home) -> None:
    chosen = replace(Fit.of(CONFIG, home), threads={"intra": 2, "inter": 1})
    assert chosen.suits(_job(home, threads={"intra": 2, "inter": 1}), CONFIG)
    assert not chosen.suits(_job(home, threads={"intra": 1, "inter": 1}), CONFIG)
    recorded = replace(chosen, asked={"intra": 2, "inter": 1})
    assert not recorded.suits(_job(home), CONFIG), "the trainer may choose others"


def test_fit_suits_no_more_when_the_file_of_its_data_has_changed(home: Home) -> None:
    file = home.data / "mine.npz"
    file.write_bytes(b"first")
    # Until then nothing is kept about the file, and the second write could have the times of the first.
    wait_for(lambda: state_to_keep(file) == state_of(file), "the clock to pass the write", every=0)
    config = load_config(CONFIG.canonical_json()).model_copy(
        update={
            "dataset": load_config("dataset: {name: npz, path: mine.npz}\nlayers: [Flatten]\nloss: Hinge\n").dataset
        }
    )
    fit = Fit.of(config, home)
    assert fit.stamp
    assert fit.suits(_job(home, config), config)
    before = file.stat()
    file.write_bytes(b"other")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not fit.suits(_job(home, config), config)


def test_worker_hands_out_new_runs_without_a_limit_to_their_memory_alone(home: Home, store: Store) -> None:
    executor = FakeExecutor()
    worker = Worker(
        home=home, tracking_uri=store.tracking_uri, store=store, executor=executor, jobs=4,
        admission=admission_of_all(home, executor),
    )  # fmt: skip
    plain, begun, retried = (queue_run(store, home) for _ in range(3))
    limited = enqueue(store, CONFIG, queue=queue_name(home), limits=Limits(memory=10**10))
    store.set_tags(begun, {Tag.STARTED: "1"})
    note_attempt(home.run(retried), 1)
    worker.look()
    shared = {run_id: job.may_share for run_id, job in executor.jobs.items()}
    assert shared == {plain: True, begun: False, retried: False, limited: False}


def test_standby_gives_its_memory_back_to_a_run_that_needs_it(home: Home, store: Store, process: FakeProcess) -> None:
    executor = FakeExecutor(free=10**9, memory=2 * 10**9)
    standby = Standby(process, home=home, tracking_uri="", jobs=2)
    admission = Admission(home, executor, check=lambda _: 10**9)
    worker = Worker(
        home=home,
        tracking_uri=store.tracking_uri,
        store=store,
        executor=executor,
        jobs=2,
        admission=admission,
        standby=standby,
    )
    first = queue_run(store, home)
    worker.look()
    assert first in executor.jobs
    process.idle = Fit.of(WIDE, home)
    process.memory = 2 * 10**8
    second = enqueue(store, CONFIG, queue=queue_name(home), limits=Limits(memory=10**10))
    wait_for(lambda: worker.look() or process.idle is None, "the standby to be freed", 20)
    assert second not in executor.jobs
    assert Tag.WAITS not in store.get(second).tags, "it waits for nothing yet"
    executor.free = 2 * 10**9
    wait_for(lambda: worker.look() or second in executor.jobs, "the run to start", 20)
    assert store.get(second).status is Status.RUNNING


def test_run_that_the_standby_takes_needs_no_memory_twice(home: Home, store: Store, process: FakeProcess) -> None:
    executor = FakeExecutor(free=10**9, memory=2 * 10**9)
    worker = Worker(
        home=home,
        tracking_uri=store.tracking_uri,
        store=store,
        executor=executor,
        jobs=2,
        admission=Admission(home, executor, check=lambda _: 10**9),
        standby=Standby(process, home=home, tracking_uri="", jobs=2),
    )
    queue_run(store, home)
    worker.look()
    process.idle, process.memory = Fit.of(CONFIG, home), 2 * 10**8
    second = queue_run(store, home)
    wait_for(lambda: worker.look() or second in executor.jobs, "the run to start", 20)


def test_ending_worker_ends_its_standby(home: Home, store: Store, process: FakeProcess) -> None:
    worker = Worker(
        home=home,
        tracking_uri=store.tracking_uri,
        store=store,
        executor=FakeExecutor(),
        standby=Standby(process, home=home, tracking_uri=""),
    )
    process.idle = Fit.of(CONFIG, home)
    worker.put_back()
    assert process.idle is None


def test_workplace_fits_nothing_from_the_beginning_of_a_run_to_its_end(home: Home) -> None:
    """A process whose run fails, or is returned to the queue, exits and trains no further run."""
    place = Workplace(keeps=True)
    place._fit = replace(Fit.of(CONFIG, home), threads={"intra": 1, "inter": 1})
    place._kept = Kept(splits=cast(Splits, None))
    threads = Threads(intra=1, inter=1)
    place.begin(_job(home), CONFIG, threads, check=_never, read=_never)
    assert place.fit is None
    place.end(failed=True)
    assert place.fit is None


def test_workplace_refuses_a_run_that_needs_other_data(home: Home) -> None:
    place = Workplace(keeps=True)
    place._fit = replace(Fit.of(CONFIG, home), data="other")
    place._kept = Kept(splits=cast(Splits, None), config=CONFIG)
    with pytest.raises(PutBackError, match="prepared for other data"):
        place.begin(_job(home), CONFIG, Threads(intra=1, inter=1), check=_never, read=_never)
    assert place.fit is None


def _never() -> Splits:
    raise AssertionError("what is kept was checked and read before")
