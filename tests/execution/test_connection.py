"""The head of a Ray cluster that goes away while a worker is connected. No Ray is needed to see that it has."""

import contextlib
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.support.hand_clock import HandClock
from tests.support.worker import wait_for
from trainer.errors import ResourceError
from trainer.execution.executors.ray.connection import Pulse

Opened = Callable[[Pulse], Pulse]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """A function that closes what it is given after the test."""
    with contextlib.ExitStack() as closing:
        yield lambda pulse: closing.enter_context(contextlib.closing(pulse))


def test_head_that_is_gone_is_noticed_and_given_up_after_a_while(opened: Opened) -> None:
    clock = HandClock()
    with socket.create_server(("127.0.0.1", 0)) as head:
        host, port = head.getsockname()
        pulse = opened(Pulse(f"{host}:{port}", clock=clock))
        assert pulse.beats()
        line, _ = head.accept()
        with contextlib.closing(line):
            line.sendall(b"what a server says first")
            assert pulse.beats()
    wait_for(lambda: not pulse.beats(), "the end of the connection")
    clock.now += 40
    assert not pulse.beats()
    clock.now += 1
    told = (
        rf"The Ray cluster at {host}:{port} has not responded for 40 seconds\. Its runs resume from their checkpoints"
    )
    with pytest.raises(ResourceError, match=told):
        pulse.beats()


def test_head_that_comes_back_is_used_again(opened: Opened) -> None:
    clock = HandClock()
    with socket.create_server(("127.0.0.1", 0)) as head:
        address = head.getsockname()
        pulse = opened(Pulse(f"{address[0]}:{address[1]}", clock=clock))
        assert pulse.beats()
        head.accept()[0].close()
    wait_for(lambda: not pulse.beats(), "the end of the connection")
    clock.now += 30
    with socket.create_server(address):
        assert pulse.beats()
        clock.now += 60
        assert pulse.beats()


def test_head_that_only_ends_the_connection_is_connected_to_again(opened: Opened) -> None:
    """Ray ends one over which it hears nothing for two minutes."""
    clock = HandClock()
    with socket.create_server(("127.0.0.1", 0)) as head:
        host, port = head.getsockname()
        pulse = opened(Pulse(f"{host}:{port}", clock=clock))
        assert pulse.beats()
        head.accept()[0].close()
        clock.now += 120
        assert pulse.beats()
