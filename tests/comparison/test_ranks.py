"""Mean ranks of configs over several datasets."""

import pytest

from tests.support.runs import a_run
from tests.support.store import config_of
from trainer.comparison import SAME, Basis, Side, compare, ranking_words, rankings, side_of
from trainer.config import Config, parse_config
from trainer.tracking import Run, Status

KINDS = ("digits", "iris", "wine", "breast_cancer", "moons", "circles")
CONFIGS = {"narrow": 16, "middle": 64, "wide": 128}
METRIC = "test_accuracy"


def _config(kind: str, units: int, *, seed: int = 0) -> Config:
    fields = config_of(name=None, units=units, seed=seed).model_dump(mode="json")
    fields["layers"][-1]["units"] = {"digits": 10}.get(kind, 3)
    return parse_config({**fields, "dataset": {"name": kind}})


def _side(name: str, kind: str, *values: float, metric: str = METRIC, status: Status = Status.FINISHED) -> Side:
    runs = [
        a_run(run_id=f"{name} {kind} {seed}", status=status, metrics={metric: value})
        for seed, value in enumerate(values)
    ]
    configs = {run.run_id: _config(kind, CONFIGS[name], seed=seed) for seed, run in enumerate(runs)}
    return side_of(runs, lambda run: configs[run.run_id])


def _bases(sides: list[Side]) -> dict[str, Basis]:
    return {run.run_id: Basis(frozenset({side.dataset}), "", "") for side in sides for run in side.runs}


def _sides(kinds: tuple[str, ...] = KINDS, configs: dict[str, int] = CONFIGS) -> list[Side]:
    """On every dataset the widest is best, by the mean over its two seeds only."""
    return [
        _side(name, kind, 0.5 + units / 1_000 + place / 50, 0.6 + units / 1_000 + place / 50)
        for place, kind in enumerate(kinds)
        for name, units in configs.items()
    ]


def test_configs_are_ranked_on_each_dataset_by_the_mean_over_their_runs() -> None:
    sides = _sides()
    (found,) = rankings(sides, [METRIC], bases=_bases(sides))
    assert found.datasets == KINDS
    assert found.ranks == (3, 2, 1)
    assert found.values[0][:2] == (pytest.approx(0.566), pytest.approx(0.586))
    assert found.p == pytest.approx(found.found.p)
    assert found.better == ((2, 0),), "neighbors are less than Nemenyi's 1.35 apart"
    words = ranking_words(found, list(CONFIGS))
    assert words.startswith("test_accuracy: mean ranks over 6 datasets (1 is best): wide 1, middle 2, narrow 3. ")
    assert words.endswith(": wide is better than narrow; other pairs cannot be told apart.")


def test_comparison_has_the_ranks_of_every_metric_corrected_as_a_family() -> None:
    sides = [side._replace(runs=tuple(_and_validation(run) for run in side.runs)) for side in _sides()]
    found = compare(sides, [METRIC, "val_accuracy", "unknown"], bases=_bases(sides)).rankings
    assert [each.metric for each in found] == [METRIC, "val_accuracy"]
    assert [each.p for each in found] == [pytest.approx(2 * (each.found.p or 0)) for each in found]


def _and_validation(run: Run) -> Run:
    value = run.metrics[METRIC]
    return a_run(run_id=run.run_id, status=run.status, metrics={METRIC: value, "val_accuracy": value, "unknown": 1.0})


def test_few_datasets_are_ranked_without_a_test() -> None:
    sides = _sides(KINDS[:3])
    (found,) = rankings(sides, [METRIC], bases=_bases(sides))
    assert (found.ranks, found.p, found.better) == ((3, 2, 1), None, ())
    assert ranking_words(found, list(CONFIGS)).endswith("tests require at least 5 datasets and 3 configs.")


def test_equal_configs_are_not_called_different() -> None:
    sides = [_side(name, kind, 0.5) for kind in KINDS for name in CONFIGS]
    (found,) = rankings(sides, [METRIC], bases=_bases(sides))
    assert (found.ranks, found.better) == ((2, 2, 2), ())
    assert "The configs cannot be told apart (Friedman’s test, p 1 " in ranking_words(found, list(CONFIGS))


def test_dataset_without_a_result_of_every_config_is_left_out() -> None:
    sides = [*_sides(KINDS[:4])[:-1], _side("wide", KINDS[3], float("nan"))]
    sides += [_side("narrow", "moons", 0.5), _side("wide", "moons", 0.6, status=Status.FAILED)]
    (found,) = rankings(sides, [METRIC], bases=_bases(sides))
    assert (found.datasets, found.left_out) == (KINDS[:3], 2)
    assert "Left out: 2 datasets without a comparable result of every config." in ranking_words(found, list(CONFIGS))


def test_losses_of_unlike_functions_are_not_ranked() -> None:
    sides = [_side(name, kind, 0.5, metric="test_loss") for kind in KINDS for name in CONFIGS]
    bases = _bases(sides)
    assert len(rankings(sides, ["test_loss"], bases=bases)) == 1
    unlike = {run_id: basis._replace(loss=run_id.split(" ")[0]) for run_id, basis in bases.items()}
    assert rankings(sides, ["test_loss"], bases=unlike) == ()


@pytest.mark.parametrize(
    "sides",
    [
        [],
        _sides(KINDS[:1]),
        _sides(KINDS, {"wide": 128}),
        [_side("narrow", "digits", 0.5), _side("wide", "iris", 0.6)],
        [*_sides(KINDS[:2], {"wide": 128}), *_sides(KINDS[2:4], {"narrow": 16})],
        [*_sides(KINDS[:2], {"narrow": 16, "wide": 128}), *_sides(KINDS[:2], {"narrow": 16})],
        [side._replace(method="") for side in _sides()],
    ],
)
def test_what_does_not_cross_configs_and_datasets_is_not_ranked(sides: list[Side]) -> None:
    assert rankings(sides, [METRIC], bases=_bases(sides)) == ()


def test_data_without_a_digest_are_known_by_name() -> None:
    sides = _sides(KINDS[:2])
    (found,) = rankings(sides, [METRIC], bases=dict.fromkeys(_bases(sides), SAME))
    assert found.datasets == KINDS[:2]
