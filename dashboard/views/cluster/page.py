"""The Cluster page: a box for each machine with the runs on it, and the queued runs with what they wait for."""

import time
from collections.abc import Sequence

import streamlit as st

from dashboard import loaders
from dashboard.components.empty import empty
from dashboard.components.errors import show_error
from dashboard.components.markdown import plain
from dashboard.components.status import progress_words
from dashboard.navigation import BUILD, RUN, link
from trainer.errors import StoreError
from trainer.execution.cluster import Cluster, Node, Placed, Waiting, WorkerState
from trainer.format import counted, readable_bytes

__all__ = ["render"]

_LIVE_SECONDS = 2


def render() -> None:
    """Draw the page, and redraw it every two seconds."""
    with st.container(key="runs-head"):
        st.title("Cluster", anchor=False)
    st.fragment(_page, run_every=_LIVE_SECONDS)()


def _page() -> None:
    try:
        found = loaders.cluster()
    except StoreError as error:
        show_error(error)
        st.caption("The page reloads as soon as the store responds.")
        return
    st.caption(_worker_words(found.worker))
    now = time.time()
    for place, node in enumerate(found.nodes):
        _node(node, [each for each in found.running if each.node == node.name], now, key=f"cluster-node-{place}")
    _elsewhere([each for each in found.running if not each.node], now)
    _waiting(found)


def _worker_words(worker: WorkerState | None) -> str:
    if worker is None:
        return "No worker of this home is running; start one with `fitboard up` or `fitboard worker`."
    standby = ", with a process ready for the next run" if worker.has_standby else ""
    return (
        f"Worker {worker.pid} ({plain(worker.executor)}) is {plain(worker.state)} and trains "
        f"{counted(worker.jobs, 'run')} at a time{standby}."
    )


def _node(node: Node, placed: Sequence[Placed], now: float, *, key: str) -> None:
    with st.container(border=True, gap="small", key=key):
        st.markdown(f"### {plain(node.name)}")
        st.caption(" · ".join(_facts(node)))
        if node.problem:
            st.warning(plain(node.problem), icon=":material/warning:")
        for each in placed:
            _placed(each, now)
        if not placed and not node.problem:
            st.caption("No runs.")


def _facts(node: Node) -> list[str]:
    words = []
    for total, used, noun in ((node.cpus, node.cpus_used, "CPU"), (node.gpus, node.gpus_used, "GPU")):
        if total is not None:
            amount = f"{total:g} {noun}{'' if total == 1 else 's'}"
            words.append(amount if used is None else f"{used:g} of {amount} in use")
    if node.memory is not None:
        words.append(readable_bytes(node.memory))
    if node.free is not None:
        words.append(f"{readable_bytes(node.free)} free")
    return words or ["Known by its runs only."]


def _placed(each: Placed, now: float) -> None:
    words = [each.run.short_id, progress_words(each.run, now=now)]
    if each.process is not None:
        words.append(f"process {each.process.pid}")
    if each.memory is not None:
        words.append(readable_bytes(each.memory))
    _line(each.run.run_id, each.run.short_title, " · ".join(filter(None, words)))


def _line(run_id: str, name: str, words: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"cluster-run-{run_id}"):
        link(RUN, label=f"**{plain(name)}**", query_params={"id": run_id}, width="content")
        st.caption(plain(words))


def _elsewhere(placed: Sequence[Placed], now: float) -> None:
    """Draw running runs that do not say where they are: those of other programs, and ones that begin just now."""
    if not placed:
        return
    with st.container(border=True, gap="small", key="cluster-elsewhere"):
        st.markdown("### Unknown machine")
        for each in placed:
            _placed(each, now)


def _waiting(found: Cluster) -> None:
    if not found.waiting:
        if not found.running:
            empty("No runs are running or queued.", page=BUILD, label="Build a network")
        return
    st.markdown("## Queued")
    for queue in dict.fromkeys(each.queue for each in found.waiting):
        if queue != found.queue:
            st.caption(f"Queue {plain(queue)}")
        for each in found.waiting:
            if each.queue == queue:
                _queued(each)
    if found.more:
        st.caption(f"{counted(found.more, 'more run')} not listed.")


def _queued(each: Waiting) -> None:
    _line(each.run.run_id, each.run.short_title, f"{each.run.short_id} · {each.why}")
