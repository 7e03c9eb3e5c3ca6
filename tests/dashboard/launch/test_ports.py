import os
import socket

import pytest

from dashboard.launch.ports import HOST, choose_port, holder_of_port, is_free
from trainer.errors import ResourceError


def test_taken_port_is_named_with_its_holder_and_the_next_is_used() -> None:
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        taken = server.getsockname()[1]
        assert not is_free(taken)
        port, told = choose_port(taken, "dashboard")
        assert port > taken
        assert told is not None
        assert f"Port {taken} is in use" in told
        assert f"the dashboard uses {port}" in told
        assert f"process {os.getpid()}" in (holder_of_port(taken) or "")


def test_free_port_is_used_without_a_word() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        free = probe.getsockname()[1]
    assert choose_port(free, "dashboard") == (free, None)


def test_port_kept_for_another_part_is_passed_over() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        free = probe.getsockname()[1]
    assert choose_port(free, "MLflow UI", frozenset({free}))[0] != free


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_no_port_gets_an_answer(port: int) -> None:
    with pytest.raises(ResourceError, match="is not a valid port"):
        choose_port(port, "dashboard")
