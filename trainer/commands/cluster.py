"""The cluster command: machines, what runs on them, and what the queued runs wait for."""

from typing import Any

from rich.markup import escape
from rich.table import Table

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.execution.cluster import Cluster, Node, Placed, WorkerState, look_at_cluster
from trainer.format import counted, number, readable_bytes

__all__ = ["cluster"]


def cluster(as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """List machines, the runs that train on each, and what the queued runs wait for."""
    place = Place.of(home, tracking_uri)
    found = look_at_cluster(place.reader(), place.home)
    if as_json:
        print_json(_document(found))
    else:
        _print(found)


def _document(found: Cluster) -> dict[str, Any]:
    return {
        "queue": found.queue,
        "worker": None if found.worker is None else vars(found.worker),
        "nodes": [node.plain() for node in found.nodes],
        "running": [_placed(each) for each in found.running],
        "queued": [
            {
                "run_id": each.run.run_id,
                "name": each.run.name,
                "queue": each.queue,
                "why": each.why,
                "starts_in": each.expected.seconds if each.expected is not None else None,
            }
            for each in found.waiting
        ],
        "not_listed": found.more,
    }


def _placed(each: Placed) -> dict[str, Any]:
    progress = each.run.progress
    return {
        "run_id": each.run.run_id,
        "name": each.run.name,
        "node": each.node or None,
        "pid": None if each.process is None else each.process.pid,
        "memory": each.memory,
        "epoch": None if progress is None else progress.epoch,
        "epochs": None if progress is None else progress.epochs,
        "silent_since": each.silent_since,
        "lost": each.is_lost,
    }


def _print(found: Cluster) -> None:
    echo(_worker_words(found.worker))
    nodes = Table("node", "CPUs", "GPUs", "memory", "free", "", box=None, header_style="dim")
    for node in found.nodes:
        nodes.add_row(escape(node.name), *_node_cells(node), escape(node.problem))
    console().print(nodes)
    if found.running:
        running = Table("running", "name", "node", "process", "memory", "", box=None, header_style="dim")
        for each in found.running:
            running.add_row(each.run.short_id, escape(each.run.title), *_placed_cells(each))
        console().print(running)
    if found.waiting:
        waiting = Table("queued", "name", "queue", "why", box=None, header_style="dim")
        for queued in found.waiting:
            waiting.add_row(queued.run.short_id, escape(queued.run.title), escape(queued.queue), escape(queued.why))
        console().print(waiting)
    if not found.running and not found.waiting:
        echo("No runs are running or queued.")
    if found.more:
        echo(f"{counted(found.more, 'more run')} not listed.")


def _worker_words(worker: WorkerState | None) -> str:
    if worker is None:
        return "No worker of this home is running; start one with `fitboard up` or `fitboard worker`."
    standby = ", with a process ready for the next run" if worker.has_standby else ""
    runs = counted(worker.jobs, "run")
    return f"Worker {worker.pid} ({worker.executor}) is {worker.state} and trains {runs} at a time{standby}."


def _node_cells(node: Node) -> tuple[str, ...]:
    return (
        _used(node.cpus_used, node.cpus),
        _used(node.gpus_used, node.gpus),
        "" if node.memory is None else readable_bytes(node.memory),
        "" if node.free is None else readable_bytes(node.free),
    )


def _used(used: float | None, total: float | None) -> str:
    if total is None:
        return ""
    whole = f"{total:g}"
    return whole if used is None else f"{used:g} of {whole}"


def _placed_cells(each: Placed) -> tuple[str, ...]:
    progress = each.run.progress
    epoch = f"epoch {number(progress.epoch)} of {number(progress.epochs)}" if progress and progress.epochs else ""
    state = "lost" if each.is_lost else "silent" if each.silent_since is not None else epoch
    pid = "" if each.process is None else str(each.process.pid)
    return escape(each.node), pid, "" if each.memory is None else readable_bytes(each.memory), state
