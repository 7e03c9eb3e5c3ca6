"""A session of the dashboard without a browser: requests pages over the websocket and draws nothing."""

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

__all__ = ["Answer", "StreamlitClient", "all_at_once"]

_PATIENCE_SECONDS = 120


class Answer(NamedTuple):
    """How long a page took until its script had ended, and how many bytes it sent."""

    milliseconds: float
    size: int


class StreamlitClient:
    """A connection to the dashboard, as a new tab of a browser has one; a context manager."""

    def __init__(self, dashboard: str) -> None:
        address = f"ws://{urlsplit(dashboard).netloc}/_stcore/stream"
        self._socket = connect(address, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def visit(self, url: str) -> Answer:
        """Request a page, and read what the server sends until the script has ended."""
        parts = urlsplit(url)
        message = BackMsg()
        message.rerun_script.page_name = parts.path.strip("/")
        message.rerun_script.query_string = parts.query
        begun, size = time.perf_counter(), 0
        self._socket.send(message.SerializeToString())
        while True:
            data = self._socket.recv(_PATIENCE_SECONDS, decode=False)
            size += len(data)
            answer = ForwardMsg.FromString(data)
            # A script that calls `st.rerun` ends early, and the page is drawn by the next one.
            if answer.WhichOneof("type") == "script_finished" and answer.script_finished != (
                ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
                return Answer((time.perf_counter() - begun) * 1000, size)


def all_at_once(dashboard: str, urls: Sequence[Sequence[str]]) -> list[Answer]:
    """Let one client a list of URLs visit them without a pause, all clients at once; return all answers."""
    answers: list[Answer] = []
    ready = threading.Barrier(len(urls))

    def visit(own: Sequence[str]) -> None:
        with StreamlitClient(dashboard) as client:
            client.visit(own[0])
            ready.wait(_PATIENCE_SECONDS)
            answers.extend(client.visit(url) for url in own)

    threads = [threading.Thread(target=visit, args=(own,)) for own in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
