"""The recorder against a real store: fast, never lost, never doubled."""

import errno
import json
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.hand_clock import HandClock
from trainer.engine.report import Facts, Reporter, Threads
from trainer.errors import StoreError, StoreUnreachableError
from trainer.home import Home
from trainer.tracking import Owner, Progress, RunQuery, Status, Store, Tag
from trainer.tracking.record.delivery import deliver, seed_journal
from trainer.tracking.record.journal import JOURNAL, Journal, JournalTail, note_backlog, read_backlog, read_journal
from trainer.tracking.record.outbox import Outbox
from trainer.tracking.record.recorder import Recorder
from trainer.tracking.run import Point

FACTS = Facts(
    parameters=9_610,
    trainable_parameters=9_600,
    threads=Threads(intra=1, inter=2),
    steps=36,
    steps_per_execution=6,
    data_digest="ab" * 32,
    samples={"train": 1_149},
)


@pytest.fixture
def run_id(store: Store) -> str:
    run_id = store.create(config_text="", experiment="Default", name="x", tags={}, params={})
    store.set_status(run_id, Status.RUNNING)
    return run_id


def until(done: Callable[[], Any], seconds: float = 300.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := done()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
    return answer


def losses(store: Store, run_id: str) -> list[tuple[int, float]]:
    series = store.reader.histories([run_id], ["loss"])[run_id].get("loss")
    return list(zip(series.steps, series.values, strict=True)) if series else []


class Away:
    """Makes a store's writes fail while it is away, after `lost` of them were done but not answered."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = False
        self.written_but_unanswered = False
        self.attempts = 0
        write = store.log_batch

        def log_batch(run_id: str, **batch: Any) -> None:
            if self.written_but_unanswered:
                write(run_id, **batch)
            if self.away:
                self.attempts += 1
                raise StoreUnreachableError("The store does not answer.")
            write(run_id, **batch)

        monkeypatch.setattr(store, "log_batch", log_batch)


def test_recorder_is_a_reporter(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        reporter: Reporter = recorder
        assert reporter.stop_requested() is False


def test_first_epoch_is_in_the_store_at_once(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.began(FACTS)
        until(lambda: Tag.STARTED in store.get(run_id).tags)
        recorder.epoch_ended(1, {"loss": 0.5, "val_loss": 0.6}, 0.1)
        until(lambda: losses(store, run_id))


def settle(recorder: Recorder, store: Store, run_id: str) -> None:
    """Wait until the recorder has noted when it last sent something: a test sees that in the store a moment earlier.

    A clock that moves in this moment would move the time of the next message with it.
    """
    recorder.tag({"settled": "yes"})
    until(lambda: "settled" in store.get(run_id).tags)


def test_epochs_are_sent_together_once_a_second(
    store: Store, run_id: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    write = store.log_batch

    def count(run: str, **batch: Any) -> None:
        sizes.append(len(batch.get("points", ())))
        write(run, **batch)

    monkeypatch.setattr(store, "log_batch", count)
    clock = HandClock()
    with Recorder(store, run_id, home, system=False, clock=clock) as recorder:
        recorder.epoch_ended(1, {"loss": 1.0}, 0.0)
        until(lambda: losses(store, run_id))
        settle(recorder, store, run_id)
        for epoch in range(2, 12):
            recorder.epoch_ended(epoch, {"loss": 1 / epoch}, 0.0)
        clock.now += 1.0
        until(lambda: len(losses(store, run_id)) == 11)
        for epoch in range(12, 21):
            recorder.epoch_ended(epoch, {"loss": 1 / epoch}, 0.0)

    assert [step for step, _ in losses(store, run_id)] == list(range(1, 21))
    assert [size for size in sizes if size] == [2, 20, 18], "loss and epoch_seconds of each epoch"


def test_epoch_that_ends_while_files_are_written_comes_before_the_rest_of_them(store: Store, run_id: str) -> None:
    outbox, written = Outbox(store, run_id), list[str]()

    def first() -> None:
        written.append("first")
        outbox.add(points=[Point("loss", 0.5, 1, 1)])

    outbox.add(task=first)
    outbox.add(task=lambda: written.append(f"second, {len(losses(store, run_id))} epoch in the store"))
    outbox.send()
    assert written == ["first"]
    outbox.send()
    assert written == ["first", "second, 1 epoch in the store"]
    assert not outbox


def test_facts_become_params_tags_and_environment(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.began(FACTS)

    run = store.get(run_id)
    assert run.params == {"parameters": "9610", "trainable_parameters": "9600"}
    assert json.loads(run.tags[Tag.THREADS]) == {"intra": 1, "inter": 2, "grappler": True}
    assert abs(int(run.tags[Tag.STARTED]) / 1000 - time.time()) < 60
    environment = json.loads(store.reader.artifact(run, "environment.json") or b"")
    assert environment["training"]["steps_per_execution"] == 6
    assert environment["packages"]["keras"]


def test_progress_is_the_heartbeat(store: Store, run_id: str, home: Home) -> None:
    clock = HandClock()
    with Recorder(store, run_id, home, system=False, clock=clock) as recorder:
        until(lambda: store.get(run_id).progress)
        clock.now += 0.5  # tags wait for the first epoch that long
        settle(recorder, store, run_id)
        recorder.phase("downloading mnist, 40 %")
        clock.now += 1.0
        recorder.tag({"wake": "up"})
        first = until(lambda: (found := store.get(run_id).progress) and found.phase and found)
        recorder.progressed(Progress(time=0, epoch=1, epochs=5, step=10, steps=36, values={"loss": 0.4}))
        recorder.tag({"wake": "again"})
        until(lambda: store.get(run_id).tags["wake"] == "again")
        assert store.get(run_id).progress == first, "one heartbeat a second"
        clock.now += 1.0
        second = until(lambda: (found := store.get(run_id).progress) and found.epochs and found)

    assert first.phase == "downloading mnist, 40 %"
    assert second.values == {"loss": 0.4}


def test_last_progress_is_sent_with_the_end(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        until(lambda: store.get(run_id).progress)
        recorder.progressed(Progress(time=0, epoch=1, epochs=2, step=36, steps=36, values={"loss": 0.4}))
        recorder.epoch_ended(2, {"loss": 0.3, "val_loss": 0.5}, 0.1)
        recorder.phase("saving")
    last = store.get(run_id).progress
    assert last is not None
    assert (last.epoch, last.epochs, last.step, last.share, last.phase) == (2, 2, 0, 1.0, "")
    assert last.values == {"loss": 0.3, "val_loss": 0.5}


def test_stop_is_heard(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        assert not recorder.stop_requested()
        store.set_tags(run_id, {Tag.STOP: "requested"})
        until(recorder.stop_requested)
        assert not recorder.taken_over


def test_run_that_another_process_owns_is_left_alone(store: Store, run_id: str, home: Home) -> None:
    mine, theirs = (Owner(host="h", boot="b", pid=pid, started=1.0) for pid in (1, 2))
    store.set_tags(run_id, {Tag.OWNER: mine.dumps()})
    recorder = Recorder(store, run_id, home, owner=mine, system=False)
    until(lambda: store.get(run_id).progress)
    store.set_tags(run_id, {Tag.OWNER: theirs.dumps()})
    until(lambda: recorder.taken_over)
    recorder.epoch_ended(1, {"loss": 1.0}, 0.1)

    assert recorder.stop_requested()
    assert recorder.close()
    assert losses(store, run_id) == []


def test_store_that_is_away_gets_every_point_once_later(
    store: Store, run_id: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Away(store, monkeypatch)
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.epoch_ended(1, {"loss": 1.0}, 0.1)
        until(lambda: losses(store, run_id))
        away.away = away.written_but_unanswered = True
        recorder.epoch_ended(2, {"loss": 0.5}, 0.1)
        until(lambda: away.attempts)
        away.written_but_unanswered = False
        recorder.epoch_ended(3, {"loss": 0.25}, 0.1)
        tried = away.attempts
        until(lambda: away.attempts > tried)
        assert [point.step for point in read_journal(home.run(run_id)) if point.key == "loss"] == [1, 2, 3]
        away.away = False

    assert losses(store, run_id) == [(1, 1.0), (2, 0.5), (3, 0.25)]


def test_closing_gives_up_in_time_and_the_journal_has_it_all(
    store: Store, run_id: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    Away(store, monkeypatch).away = True
    recorder = Recorder(store, run_id, home, system=False)
    recorder.epoch_ended(1, {"loss": math.nan, "accuracy": math.inf}, 0.1)

    assert recorder.close(patience=0.3) is False
    kept = {point.key: point.value for point in read_journal(home.run(run_id))}
    assert math.isnan(kept["loss"])
    assert kept["accuracy"] == math.inf
    monkeypatch.undo()
    store.log_metrics(run_id, list(read_journal(home.run(run_id))))
    assert store.get(run_id).metrics["accuracy"] == math.inf


def test_tail_of_a_journal_has_one_metric_as_far_as_its_lines_are_whole(tmp_path: Path) -> None:
    tail = JournalTail(tmp_path, "loss")
    assert tail.points() == {}, "there is no journal yet"
    with Journal(tmp_path) as journal:
        journal.append([Point("loss", 0.5, 1, 1), Point("loss_of_another", 9.0, 1, 1), Point("accuracy", 0.9, 1, 1)])
        assert tail.points() == {1: Point("loss", 0.5, 1, 1)}
        # A resumed run reports its epochs again; the store keeps the first.
        journal.append([Point("loss", 0.5, 7, 1), Point("loss", math.inf, 8, 2)])
    line = json.dumps(Point("loss", 0.25, 9, 3))
    file = tmp_path / JOURNAL
    with file.open("a") as half:
        half.write(line[:9])
    assert tail.points() == {1: Point("loss", 0.5, 1, 1), 2: Point("loss", math.inf, 8, 2)}
    with file.open("a") as rest:
        rest.write(f"{line[9:]}\n")
    assert tail.points()[3] == Point("loss", 0.25, 9, 3)


def test_refused_value_holds_nothing_up(
    store: Store, run_id: str, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    store.log_params(run_id, {"parameters": "1"})
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.began(FACTS)
        recorder.epoch_ended(1, {"loss": 1.0}, 0.1)

    run = store.get(run_id)
    assert run.params["parameters"] == "1"
    assert Tag.STARTED in run.tags
    assert losses(store, run_id) == [(1, 1.0)]
    assert "The store refused params" in caplog.text


def test_file_and_task_are_done_before_closing(store: Store, run_id: str, home: Home) -> None:
    done: list[Mapping[str, str]] = []

    def refuse() -> None:
        raise StoreError("No.")

    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.file("evaluation/a.json", b"[]")
        recorder.later(refuse)
        recorder.later(lambda: done.append({"a": "b"}))
        recorder.tag({Tag.WEIGHTS: "ab"})
        recorder.log({"test_loss": 0.5}, step=5)

    run = store.get(run_id)
    assert store.reader.artifact(run, "evaluation/a.json") == b"[]"
    assert done == [{"a": "b"}]
    assert run.tags[Tag.WEIGHTS] == "ab"
    assert run.metrics["test_loss"] == 0.5


def test_short_run_gets_one_sample_of_the_machine(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home) as recorder:
        recorder.epoch_ended(1, {"loss": 1.0}, 0.1)
        until(lambda: losses(store, run_id))
        time.sleep(0.5)

    metrics = store.get(run_id).metrics
    assert "system/cpu_utilization_percentage" in metrics
    assert metrics["system/system_memory_usage_megabytes"] > 0
    assert "system/cpu_utilization_percentage" not in store.reader.histories([run_id])[run_id]


def test_recorder_has_one_thread(store: Store, run_id: str, home: Home) -> None:
    before = threading.active_count()
    recorder = Recorder(store, run_id, home)
    until(lambda: store.get(run_id).progress)
    assert threading.active_count() == before + 1
    recorder.close()
    assert threading.active_count() == before


def test_torn_line_of_a_journal_is_skipped_and_the_next_is_whole(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.epoch_ended(1, {"loss": 0.1 + 0.2}, 0.1)
    file = home.run(run_id) / JOURNAL
    file.write_text(file.read_text() + '["loss", 0.5, 17')
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.epoch_ended(2, {"loss": 0.25}, 0.1)

    kept = [(point.step, point.value) for point in read_journal(home.run(run_id)) if point.key == "loss"]
    assert kept == [(1, 0.1 + 0.2), (2, 0.25)]
    assert list(read_journal(home.run("none"))) == []
    assert store.reader.page(RunQuery()).total == 1


def _times(store: Store, run_id: str, key: str) -> list[tuple[int, int]]:
    series = store.reader.histories([run_id])[run_id].get(key)
    return list(zip(series.steps, series.times, strict=True)) if series else []


def test_epochs_told_again_after_an_interruption_make_no_second_point(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.epoch_ended(1, {"loss": math.nan}, 0.1)
        recorder.epoch_ended(2, {"loss": 0.25}, 0.1)
    before = {key: _times(store, run_id, key) for key in ("loss", "epoch_seconds")}
    time.sleep(0.01)
    with Recorder(store, run_id, home, system=False, resumed=True) as recorder:
        recorder.epoch_ended(1, {"loss": math.nan}, 0.7)
        recorder.epoch_ended(2, {"loss": 0.25}, 0.8)
        recorder.epoch_ended(3, {"loss": 0.125}, 0.1)
    assert _times(store, run_id, "loss")[:2] == before["loss"]
    assert _times(store, run_id, "epoch_seconds")[:2] == before["epoch_seconds"]
    assert [step for step, _ in _times(store, run_id, "loss")] == [1, 2, 3]
    assert len(list(read_journal(home.run(run_id)))) == 6


def test_points_that_a_full_disk_kept_from_the_journal_make_no_second_one(
    store: Store, run_id: str, home: Home
) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.epoch_ended(1, {"loss": 0.5}, 0.1)
        recorder.epoch_ended(2, {"loss": 0.25}, 0.1)
    before = _times(store, run_id, "loss")
    file = home.run(run_id) / JOURNAL
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:2]))
    seed_journal(store.reader, run_id, home.run(run_id))
    with Recorder(store, run_id, home, system=False, resumed=True) as recorder:
        for epoch, loss in ((1, 0.5), (2, 0.25), (3, 0.125)):
            recorder.epoch_ended(epoch, {"loss": loss}, 0.1)
    assert _times(store, run_id, "loss")[:2] == before
    with sqlite3.connect(home.database) as connection:
        (points,) = connection.execute("SELECT count(*) FROM metrics WHERE key = 'loss'").fetchone()
    connection.close()
    assert points == 3


def test_test_of_the_network_after_another_stop_is_a_point_of_its_own(store: Store, run_id: str, home: Home) -> None:
    for value in (0.5, 0.5, 0.4):
        with Recorder(store, run_id, home, system=False) as recorder:
            recorder.log({"test_loss": value}, step=3)
        time.sleep(0.002)
    assert store.get(run_id).metrics["test_loss"] == 0.4
    assert len(list(read_journal(home.run(run_id)))) == 2


def test_points_of_the_journal_that_the_store_lacks_are_sent_at_the_next_start(
    store: Store, run_id: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Away(store, monkeypatch)
    away.away = True
    recorder = Recorder(store, run_id, home, system=False)
    recorder.epoch_ended(1, {"loss": 0.5}, 0.1)
    assert not recorder.close(patience=0.2)
    written = list(read_journal(home.run(run_id)))
    assert len(written) == 2
    away.away = False
    monkeypatch.setattr(store, "log_metrics", lambda run_id, points: store.log_batch(run_id, points=points))
    with Recorder(store, run_id, home, system=False):
        pass
    assert _times(store, run_id, "loss") == [(1, written[0].time_ms)]


def test_resumed_run_keeps_when_it_began(store: Store, run_id: str, home: Home) -> None:
    with Recorder(store, run_id, home, system=False) as recorder:
        recorder.began(FACTS)
    begun = store.get(run_id).tags[Tag.STARTED]
    time.sleep(0.005)
    with Recorder(store, run_id, home, system=False, resumed=True) as recorder:
        recorder.began(FACTS)
    assert store.get(run_id).tags[Tag.STARTED] == begun


def test_run_folder_tells_how_far_the_record_is_behind_until_it_is_not(
    store: Store, run_id: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, folder = Away(store, monkeypatch), home.run(run_id)
    recorder = Recorder(store, run_id, home, system=False)
    until(lambda: store.get(run_id).progress)
    away.away = True
    recorder.epoch_ended(1, {"loss": 0.5}, 0.1)
    behind = until(lambda: read_backlog(folder))
    assert (behind.points, abs(behind.since - time.time()) < 10) == (2, True)
    recorder.epoch_ended(2, {"loss": 0.4}, 0.1)
    now = read_backlog(folder)
    assert now is not None
    assert (now.points, now.since) == (4, behind.since), "what came since counts too"
    away.away = False
    recorder.close()
    assert read_backlog(folder) is None
    assert [step for step, _ in losses(store, run_id)] == [1, 2]


def test_process_that_goes_on_while_the_store_is_away_counts_what_an_earlier_one_left(
    store: Store, run_id: str, home: Home
) -> None:
    with Journal(home.run(run_id)) as journal:
        journal.append([Point("loss", 0.5, 1, 1)])
        note_backlog(home.run(run_id), 1)
        journal.append([Point("loss", 0.5, 1, 2)])
    note_backlog(home.run(run_id), 0)
    behind = read_backlog(home.run(run_id))
    assert behind is not None
    assert behind.points == 2
    deliver(store, run_id, home.run(run_id))
    assert read_backlog(home.run(run_id)) is None


def test_note_that_a_full_disk_refuses_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, text: str) -> None:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    note_backlog(tmp_path, 3)
    assert list(tmp_path.iterdir()) == []
    assert read_backlog(tmp_path) is None
