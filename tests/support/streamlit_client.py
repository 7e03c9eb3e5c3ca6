"""A session of the dashboard without a browser: requests pages over the websocket and draws nothing."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
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
        self._address = f"ws://{urlsplit(dashboard).netloc}/_stcore/stream"
        self._open = ExitStack()

    def __enter__(self) -> Self:
        connection = connect(self._address, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]
        self._socket = self._open.enter_context(connection)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def visit(self, url: str) -> Answer:
        """Request a page, and read what the server sends until the script has ended."""
        parts = urlsplit(url)
        message = BackMsg()
        message.rerun_script.page_name = parts.path.strip("/")
        message.rerun_script.query_string = parts.query
        begun = time.perf_counter()
        size = sum(each.ByteSize() for each in self.ask(message))
        return Answer((time.perf_counter() - begun) * 1000, size)

    def ask(self, message: BackMsg) -> list[ForwardMsg]:
        """Send a message that runs the script; returns what the server sends until the script has ended."""
        self.send(message)
        answers: list[ForwardMsg] = []
        # A script that calls `st.rerun` ends early, and the page is drawn by the next one.
        ends = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
        has_ended = False
        while not has_ended or answers[-1].WhichOneof("type") != "session_status_changed":
            answers.append(ForwardMsg.FromString(self._socket.recv(_PATIENCE_SECONDS, decode=False)))
            has_ended |= answers[-1].WhichOneof("type") == "script_finished" and answers[-1].script_finished in ends
        return answers

    def send(self, message: BackMsg) -> None:
        """Send a message that may run the script."""
        self._socket.send(message.SerializeToString())

    def is_answered(self, seconds: float) -> bool:
        """Return whether the server sends anything within a number of seconds."""
        try:
            self._socket.recv(seconds, decode=False)
        except TimeoutError:
            return False
        return True


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
