"""What is said of a space before it is searched."""

import pytest

from tests.support.sweeps import NETWORK, sweep_of
from trainer.config import Config
from trainer.config.check import CheckReport, Problem, Severity
from trainer.config.search import load_sweep
from trainer.errors import ConfigError
from trainer.sweeps.preview import duration_words, preview


def _units(config: Config) -> int:
    return sum(getattr(layer, "units", 0) for layer in config.layers)


def _report(memory: int, refusal: str | None = None) -> CheckReport:
    problems = (Problem.model_construct(severity=Severity.ERROR, where="", message=refusal),) if refusal else ()
    return CheckReport.model_construct(ok=not refusal, memory_bytes=memory, problems=problems)


def test_corners_and_a_sample_are_checked() -> None:
    space = sweep_of().space
    seen: list[Config] = []

    def check(config: Config) -> CheckReport:
        seen.append(config)
        big = _units(config) > 150
        return _report(_units(config), "Too many units." if big else None)

    found = preview(space, check)
    assert len({config.digest for config in seen}) == len(seen) == found.checked
    assert {16 + 10, 3 * 64 + 10} <= set(map(_units, seen)), "the smallest and the largest are among them"
    assert found.memory == max(units for units in map(_units, seen) if units <= 150)
    assert 0 < len(found.refusals) < found.checked
    assert "cannot be trained, for example: Too many units." in found.sentences()[0]
    assert found.size is None


def test_space_of_which_nothing_can_be_trained_is_refused() -> None:
    with pytest.raises(ConfigError, match="None of 12 checked configs of the space can be trained, for example"):
        preview(sweep_of().space, lambda config: _report(0, "No."))


def test_values_that_make_no_config_count_as_refused() -> None:
    network = NETWORK.replace("{layer: Dropout, rate: 0.2}", "{layer: Residual, layers: [{layer: Dense, units: 16}]}")
    space = load_sweep(f"{network}search: {{layers.3.layers.1: {{present: [true, false]}}}}\n").space
    found = preview(space, lambda config: _report(1_000_000))
    assert "expected a list of at least 1 item" in found.refusals[0]
    assert found.sentences()[0] == "The space has 2 combinations."


def test_configs_that_can_be_trained_are_kept_with_the_corners_first() -> None:
    found = preview(sweep_of().space, lambda config: _report(_units(config), "No." if _units(config) > 150 else None))
    assert len(found.trainable) == found.checked - len(found.refusals)
    assert _units(found.trainable[0]) == 16 + 10


@pytest.mark.parametrize(
    ("settings", "seconds", "words"),
    [
        ({"trials": 9}, [], ""),
        ({"trials": 9, "confirm": "2x3"}, [2.0, 2.0], "A trial takes 2 s, the sweep about 30 s."),
        ({"trials": 9, "confirm": "1x1", "jobs": 2}, [2.0, 6.0], "A trial takes 2 s to 6 s, the sweep about 20 s."),
        ({"trials": 9, "pruner": "median"}, [20.0], "A trial takes 20 s, the sweep at most about 3 min."),
        ({"trials": 9, "time": "1m"}, [20.0], "A trial takes 20 s: about 3 of 9 start within 1m."),
        ({"trials": 9, "time": "1h"}, [20.0], "A trial takes 20 s, the sweep about 3 min."),
    ],
)
def test_duration_counts_trials_jobs_confirmation_and_the_limit(
    settings: dict[str, object], seconds: list[float], words: str
) -> None:
    assert duration_words(sweep_of(**settings).settings, seconds) == words
