"""How long configs take is measured by a few steps."""

import fcntl
import io
import json
import sys
from pathlib import Path

import pytest

from trainer.config import Config, load_config
from trainer.config.check import CheckReport
from trainer.engine import timing
from trainer.execution.timing import seconds_of
from trainer.home import Home

NETWORK = "{dataset: iris, layers: [{layer: Dense, units: 3}], loss: mae, epochs: 50}"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path).make()


def config_of(text: str = NETWORK) -> Config:
    return load_config(text)


def _run(home: Home, configs: list[Config], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"configs": [config.model_dump(mode="json") for config in configs], "jobs": 1}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(asked)))
    timing.main(["--home", str(home.path)])


def test_training_is_measured_once_for_all_epochs_and_rates(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of(NETWORK.replace("mae", "{name: SparseCategoricalCrossentropy, from_logits: true}"))
    assert seconds_of(home, [config]) is None
    _run(home, [config], monkeypatch)
    (seconds,) = seconds_of(home, [config]) or []
    longer = config.model_copy(update={"epochs": 100, "seed": 7})
    (more,) = seconds_of(home, [longer]) or []
    assert 0 < seconds < more, "epochs add to what the start takes"
    # Measured before, so nothing is trained again.
    monkeypatch.setattr(timing, "measure", lambda *_, **__: pytest.fail("measured again"))
    _run(home, [longer], monkeypatch)


def test_training_that_fails_tells_no_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    diverges = config_of(NETWORK.replace("mae", "mse, optimizer: {name: SGD, learning_rate: 1e30}, seed: 1"))
    passed = CheckReport.model_construct(ok=True, problems=())
    monkeypatch.setattr("trainer.engine.inspect.inspect", lambda *_, **__: passed)
    _run(home, [diverges], monkeypatch)
    assert seconds_of(home, [diverges]) == []


def test_network_that_the_check_refuses_is_not_trained(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    # The labels of iris are classes.
    refused = config_of(NETWORK.replace("mae", "CategoricalCrossentropy").replace("units: 3", "units: 2"))
    monkeypatch.setattr("trainer.engine.train.train", lambda *_, **__: pytest.fail("trained"))
    _run(home, [refused], monkeypatch)
    assert seconds_of(home, [refused]) is None


@pytest.mark.parametrize("text", ["", "[]", "7", '{"x": 1}', "\x00"])
def test_damaged_file_of_times_is_one_without_times(home: Home, text: str) -> None:
    home.timings.write_text(text)
    assert seconds_of(home, [config_of()]) is None


@pytest.mark.parametrize("kept", [[1], [None, None, None], "x", ["a", "b"], None])
def test_damaged_time_is_unknown(home: Home, kept: object) -> None:
    home.timings.write_text(json.dumps({timing._key(config_of(), home): kept}))
    assert seconds_of(home, [config_of()]) is None


def test_only_one_process_of_a_home_measures_at_a_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[Config] = []

    def measure(config: Config, home: Home, *, jobs: int) -> None:
        with home.timing_lock.open("a") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        measured.append(config)

    monkeypatch.setattr(timing, "measure", measure)
    _run(home, [config_of()], monkeypatch)
    assert measured == [config_of()]
