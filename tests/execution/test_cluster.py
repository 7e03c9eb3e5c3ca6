"""What runs where, as the store and this home's worker tell it: for the command, the page and their words."""

import json
import os
import socket
import time
from dataclasses import replace

import pytest

from tests.support.commands import call
from tests.support.executor import queue_run
from tests.support.pages import opened
from trainer.execution.cluster import Cluster, Node, look_at_cluster
from trainer.execution.executors.handles import own_handle
from trainer.execution.lock import FileLock
from trainer.home import Home
from trainer.tracking import Owner, Progress, Status, Store, Tag

_HERE = socket.gethostname()
_FAR = Owner(host="far", boot="b", pid=7, started=1.0)
_GB = 10**9


def _run(store: Store, home: Home, owner: Owner, *, heard: float = 0.0) -> str:
    """A running run of the process `owner`, last heard from `heard` seconds ago."""
    run_id = queue_run(store, home)
    store.set_status(run_id, Status.RUNNING)
    progress = Progress(time=time.time() - heard, epoch=2, epochs=5)
    store.set_tags(run_id, {Tag.OWNER: owner.dumps(), Tag.PROGRESS: progress.dumps()})
    return run_id


def _look(store: Store, home: Home, **said: object) -> Cluster:
    """What is seen while a worker says this of itself."""
    with FileLock(home.worker_lock).held({"pid": 1, "state": "ready", "jobs": 1, **said}, ""):
        return look_at_cluster(store.reader, home)


def test_runs_are_at_their_machines_with_the_memory_of_processes_that_are_here(home: Home, store: Store) -> None:
    here, far = _run(store, home, own_handle()), _run(store, home, _FAR)
    found = _look(store, home)
    placed = {each.run.run_id: each for each in found.running}
    assert placed[here].node == _HERE
    assert (placed[here].memory or 0) > 10**6
    assert (placed[far].node, placed[far].memory) == ("far", None)
    assert [node.name for node in found.nodes] == [_HERE, "far"]
    mine, other = found.nodes
    assert mine.cpus == len(os.sched_getaffinity(0))
    assert 0 < (mine.free or 0) < (mine.memory or 0)
    assert other == Node(name="far")


def test_lost_and_silent_runs_are_told_from_those_that_report(home: Home, store: Store) -> None:
    gone = _run(store, home, replace(own_handle(), pid=2**22, started=1.0))
    silent = _run(store, home, _FAR, heard=600)
    well = _run(store, home, _FAR)
    placed = {each.run.run_id: each for each in look_at_cluster(store.reader, home).running}
    assert [placed[each].is_lost for each in (gone, silent, well)] == [True, True, False]
    assert [placed[each].silent_since is not None for each in (gone, silent, well)] == [False, True, False]


def test_queued_runs_say_what_they_wait_for(home: Home, store: Store) -> None:
    memory = "waiting for memory: needs about 9 GB, 1 GB free"
    _run(store, home, own_handle())
    next_one, behind, elsewhere = (queue_run(store, home) for _ in range(3))
    store.set_tags(next_one, {Tag.WAITS: memory})
    store.set_tags(elsewhere, {Tag.QUEUE: "far/01234567"})

    found = {each.run.run_id: each.why for each in _look(store, home, jobs=2).waiting}
    assert memory in found[next_one]
    assert "behind 1 run" in found[behind]
    assert found[elsewhere] == "no worker of its queue is known"
    without = {each.run.run_id: each.why for each in look_at_cluster(store.reader, home).waiting}
    assert without[next_one] == "no worker serves its queue"


def test_nodes_of_the_workers_executor_are_shown_as_it_says(home: Home, store: Store) -> None:
    nodes = [
        Node(name="a", cpus=4, cpus_used=1, gpus=2, gpus_used=0, memory=8 * _GB, free=2 * _GB),
        Node(name="b", problem="It has TensorFlow 2.20, the worker 2.21."),
    ]
    written = json.loads(json.dumps([node.plain() | {"of_a_later_version": 1} for node in nodes]))
    found = _look(store, home, executor="ray", nodes=[*written, "rubbish", {"cpus": 1}])
    assert list(found.nodes) == nodes
    assert found.worker is not None
    assert found.worker.executor == "ray"


def test_command_and_page_name_machines_runs_and_reasons(
    home: Home, store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, far = _run(store, home, own_handle()), _run(store, home, _FAR)
    queued = queue_run(store, home)
    assert call("cluster", "--home", home.path) == 0
    told = capsys.readouterr()
    for word in (_HERE, "far", here[:8], far[:8], queued[:8], "no worker serves its queue"):
        assert word in told.out
    assert "No worker of this home is running" in told.err

    assert call("cluster", "--json", "--home", home.path) == 0
    document = json.loads(capsys.readouterr().out)
    assert {each["run_id"]: each["node"] for each in document["running"]} == {here: _HERE, far: "far"}
    assert [each["run_id"] for each in document["queued"]] == [queued]
    assert document["worker"] is None

    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    page = opened(_draw)
    drawn = " ".join(each.value for each in (*page.markdown, *page.caption))
    for word in (_HERE, "Known by its runs only", "no worker serves its queue", f"process {os.getpid()}"):
        assert word in drawn
    assert not page.exception


def test_page_of_a_quiet_store_leads_to_build(home: Home, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(home.path))
    page = opened(_draw)
    assert not page.exception
    assert any("No runs are running or queued" in each.value for each in page.markdown)


def _draw() -> None:
    from dashboard.views import cluster

    cluster.render()
