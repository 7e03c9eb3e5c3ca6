"""Labels of runs that are shown together."""

from typing import Any

import pytest

from dashboard.components.comparison import labels
from tests.support.store import config_of
from trainer.config import Config
from trainer.tracking import Run, Status, Tag


def _run(run_id: str, name: str, *, named: bool = False, params: dict[str, str] | None = None, at: int = 0) -> Run:
    return Run(
        run_id=run_id * 32, name=name, experiment_id="0", experiment="Default", status=Status.FINISHED,
        start_time=at, end_time=at + 1, artifact_uri="", tags={Tag.NAMED: name} if named else {}, params=params or {},
    )  # fmt: skip


def _labels(*pairs: tuple[Run, Config | None], left_out: Any = ()) -> list[str]:
    configs = {run.run_id: config for run, config in pairs}
    return list(labels([run for run, _ in pairs], lambda run: configs[run.run_id], left_out=left_out).values())


def test_names_that_were_typed_are_the_labels() -> None:
    assert _labels((_run("a", "wide"), config_of(name="wide")), (_run("b", "mlp"), config_of(name="mlp"))) == [
        "wide",
        "mlp",
    ]


@pytest.mark.parametrize("name", ["digits-mlp", "bold-shrimp-12", "Dense 128 · Adam 0.001"])
def test_runs_of_one_name_are_called_by_what_differs(name: str) -> None:
    config = name if name == "digits-mlp" else None
    pairs = [(_run(each, name), config_of(name=config, rate=rate)) for each, rate in (("a", 0.1), ("b", 1e-5))]
    assert _labels(*pairs) == ["lr 0.1", "lr 1e-5"]


def test_names_that_nobody_typed_give_way_to_what_differs() -> None:
    given = _run("a", "Dense 128 · Adam 0.001", named=True), config_of(name=None)
    made_up = _run("b", "bold-shrimp-12"), config_of(name=None, units=64)
    assert _labels(given, made_up) == ["Dense 128", "Dense 64"]


def test_only_the_fields_that_are_needed_are_named() -> None:
    grid = [(0.1, 64, 1), (0.1, 32, 1), (0.2, 64, 1), (0.2, 32, 1)]
    pairs = [
        (_run("abcd"[place], "", named=True), config_of(name=None, rate=rate, units=units, seed=seed))
        for place, (rate, units, seed) in enumerate(grid)
    ]
    assert _labels(*pairs) == ["lr 0.1 · Dense 64", "lr 0.1 · Dense 32", "lr 0.2 · Dense 64", "lr 0.2 · Dense 32"]
    assert _labels(*pairs[:2]) == ["Dense 64", "Dense 32"]


def test_some_runs_of_one_name_have_it_in_front() -> None:
    pairs = [
        (_run("a", "mlp"), config_of(name="mlp")),
        (_run("b", "mlp"), config_of(name="mlp", seed=3)),
        (_run("c", "cnn"), config_of(name="cnn", seed=3)),
    ]
    assert _labels(*pairs) == ["mlp · seed 0", "mlp · seed 3", "cnn"]


def test_runs_that_differ_in_nothing_are_numbered_from_the_oldest() -> None:
    new, old = (_run(each, "mlp", at=at) for each, at in (("a", 2), ("b", 1)))
    assert _labels((new, config_of()), (old, config_of())) == ["mlp (2)", "mlp (1)"]
    rerun = _run("c", "mlp · rerun", named=True)
    assert _labels((new, config_of()), (rerun, config_of())) == ["mlp", "Dense 128"]


def test_runs_of_other_programs_are_called_by_their_params() -> None:
    pairs = [(_run(each, "same", params={"depth": each, "eta": "0.1"}), None) for each in "ab"]
    assert _labels(*pairs) == ["depth a", "depth b"]
    assert _labels((_run("a", ""), None), (_run("b", ""), None)) == ["aaaaaaaa", "bbbbbbbb"]


def test_group_is_not_called_by_its_seed() -> None:
    pairs = [
        (_run(each, "mlp"), config_of(rate=rate, seed=seed)) for each, rate, seed in (("a", 0.1, 1), ("b", 0.2, 2))
    ]
    assert _labels(*pairs, left_out=("seed",)) == ["lr 0.1", "lr 0.2"]
