"""The choice of an executor on the command line."""

import importlib.util
import socket

import pytest

from trainer.errors import ConfigError, ResourceError
from trainer.execution.executors.choice import ExecutorChoice, ExecutorName

_RAY = ExecutorChoice(name=ExecutorName.RAY)


@pytest.mark.parametrize(
    "choice",
    [
        ExecutorChoice(),
        ExecutorChoice(jobs=3),
        _RAY,
        ExecutorChoice(name=ExecutorName.RAY, jobs=9, address="10.0.0.7:6379", cpus=4, gpus=1),
    ],
)
def test_choice_is_handed_to_the_worker_on_its_command_line(choice: ExecutorChoice) -> None:
    assert ExecutorChoice.read(["--home", "x", *choice.arguments()]) == (choice, ["--home", "x"])


def test_number_of_runs_at_once_is_one_here_and_up_to_the_cluster_there() -> None:
    assert ExecutorChoice().words == "1 run at a time"
    assert ExecutorChoice(jobs=3).words == "3 runs at a time"
    assert _RAY.words == "as many runs at a time as there is room for on a Ray cluster"
    assert (ExecutorChoice().at_once, ExecutorChoice(name=ExecutorName.RAY, jobs=5).at_once) == (1, 5)


@pytest.mark.parametrize("option", [{"address": "10.0.0.7:6379"}, {"cpus": 2}, {"gpus": 1}])
def test_options_of_ray_are_refused_without_it(option: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="belong to --executor ray"):
        ExecutorChoice(**option).check()  # type: ignore[arg-type]


def test_ray_that_is_not_installed_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ResourceError, match=r"needs Ray; install it with `pip install '\.\[ray\]'`"):
        _RAY.check()


@pytest.mark.parametrize("address", ["here", ":6379", "here:", "here:70000", "here:x"])
def test_text_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="expected HOST:PORT"):
        ExecutorChoice(name=ExecutorName.RAY, address=address)._probe()


def test_cluster_that_is_not_there_is_reported_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        choice = ExecutorChoice(name=ExecutorName.RAY, address=f"127.0.0.1:{server.getsockname()[1]}")
        choice._probe()
        assert choice.stays_here
    with pytest.raises(ResourceError, match=f"No Ray cluster responds at {choice.address}"):
        choice._probe()


def test_cluster_of_this_machine_alone_stays_on_the_loopback_interface() -> None:
    assert _RAY.stays_here
    assert not ExecutorChoice(name=ExecutorName.RAY, address="10.0.0.7:6379").stays_here
