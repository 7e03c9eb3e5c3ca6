from collections.abc import Sequence

import pytest

from tests.support.store import config_of
from trainer.comparison import SAME, Basis, Side, Split, compare, grouped_runs, sides_of
from trainer.config import Config, Directions, Vary, parse_config
from trainer.reproduce import repeats
from trainer.statistics import Method, resampled
from trainer.tracking import Run, Status, Tag

OTHER_DATA = Basis(frozenset({"training other"}), "", "")


def _run(name: str, value: float | None, *, group: str = "", status: Status = Status.FINISHED) -> Run:
    tags = {str(Tag.GROUP): group, str(Tag.CONFIG_DIGEST): name} if group else {}
    metrics = {} if value is None else {"test_accuracy": value}
    return Run(
        run_id=name, name=name, experiment_id="0", experiment="Default", status=status, start_time=1, end_time=2,
        artifact_uri="", metrics=metrics, tags=tags,
    )  # fmt: skip


def _side(name: str, values: Sequence[float], *, splits: Sequence[int] = ()) -> Side:
    return Side(tuple(_run(f"{name}{place}", value) for place, value in enumerate(values)), tuple(map(Split, splits)))


def _bases(*sides: Side) -> dict[str, Basis]:
    return {run.run_id: SAME for side in sides for run in side.runs}


GOOD, BAD, WORSE = [0.951, 0.953, 0.952, 0.950], [0.937, 0.938, 0.936, 0.939], [0.91, 0.92, 0.90, 0.91]


def test_sides_are_compared_with_the_baseline_as_one_family() -> None:
    sides = [_side("a", BAD), _side("b", GOOD), _side("c", WORSE)]
    found = compare(sides, ["test_accuracy"], baseline=0, bases=_bases(*sides))
    assert found.family == 2
    assert list(found.comparisons) == [(1, "test_accuracy"), (2, "test_accuracy")]
    words = [each.words for each in found.comparisons.values()]
    assert [each.split(" ")[0] for each in words] == ["better", "worse"]
    assert found.summaries[1, "test_accuracy"].n == 4
    assert found.held == "over 4 seeds, on the same data: other data may give other results"


def test_other_baseline_reverses_the_difference() -> None:
    sides = [_side("a", BAD), _side("b", GOOD)]
    one = compare(sides, ["test_accuracy"], baseline=0, bases=_bases(*sides)).comparisons[1, "test_accuracy"]
    other = compare(sides, ["test_accuracy"], baseline=1, bases=_bases(*sides)).comparisons[0, "test_accuracy"]
    assert one.finding
    assert other.finding
    assert (one.finding.low, one.finding.high) == (-other.finding.high, -other.finding.low)


def test_one_run_on_a_side_says_nothing_of_its_config() -> None:
    sides = [_side("a", BAD), _side("b", [0.99])]
    (found,) = compare(sides, ["test_accuracy"], bases=_bases(*sides)).comparisons.values()
    assert found.finding is None
    assert found.words == "one run says nothing about other seeds; repeat each config with several seeds"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "no finished run of this config has a value"),
        ([0.9, float("nan"), 0.9], "a run of this config has a value that is not finite"),
    ],
)
def test_side_without_finite_values_says_so(values: list[float], words: str) -> None:
    sides = [_side("a", BAD), _side("b", values)] if values else [_side("a", BAD), Side((_run("b", None),))]
    (found,) = compare(sides, ["test_accuracy"], bases=_bases(*sides)).comparisons.values()
    assert (found.finding, found.words) == (None, words)


def test_results_on_other_data_are_not_compared() -> None:
    sides = [_side("a", BAD), _side("b", GOOD)]
    bases = _bases(sides[0]) | dict.fromkeys((run.run_id for run in sides[1].runs), OTHER_DATA)
    (found,) = compare(sides, ["test_accuracy"], bases=bases).comparisons.values()
    assert (found.finding, found.words) == (None, "not comparable: the data differ")
    assert found.superiority is None


def test_runs_that_did_not_finish_do_not_count() -> None:
    stopped = _run("stopped", 0.1, status=Status.KILLED)
    sides = [_side("a", BAD), Side((*_side("b", GOOD).runs, stopped))]
    found = compare(sides, ["test_accuracy"], bases=_bases(*sides))
    assert found.summaries[1, "test_accuracy"].n == 4


@pytest.mark.parametrize(
    ("splits", "words"),
    [
        ([[0, 1, 2, 3], [0, 1, 2, 3]], "over 4 seeds, 4 splits of the data"),
        ([[0, 1, 2, 3], [0, 0, 0, 0]], "several splits of the data for some configs only"),
        ([[0, 0, 0, 0], [5, 5, 5, 5]], "one split of the data for each config, but not the same"),
        ([[5, 5, 5, 5], [5, 5, 5, 5]], "one split of the data: other splits may give other results"),
    ],
)
def test_splits_that_were_held_are_told(splits: Sequence[Sequence[int]], words: str) -> None:
    sides = [_side("a", BAD, splits=splits[0]), _side("b", GOOD, splits=splits[1])]
    assert words in compare(sides, ["test_accuracy"], bases=_bases(*sides)).held


def test_sides_with_the_same_splits_are_paired_and_others_are_not() -> None:
    """Each split is harder or easier for both configs alike, which pairs take out."""
    first, second = [0.80, 0.90, 0.85, 0.95], [0.79, 0.885, 0.84, 0.935]
    sides = [_side("a", second, splits=[0, 1, 2, 3]), _side("b", first[::-1], splits=[3, 2, 1, 0])]
    (found,) = compare(sides, ["test_accuracy"], bases=_bases(*sides)).comparisons.values()
    assert found.words.startswith("better by")
    one_split = [side._replace(splits=(Split(0),) * 4) for side in sides]
    (found,) = compare(one_split, ["test_accuracy"], bases=_bases(*sides)).comparisons.values()
    assert found.words.startswith("cannot be told apart with 4 runs each")


def test_runs_on_the_same_random_splits_are_compared_with_a_correction_for_what_the_splits_share() -> None:
    first, second = [0.80, 0.90, 0.85, 0.95], [0.79, 0.88, 0.835, 0.93]
    configs, runs = {}, []
    for group, units, values in (("a", 64, second), ("b", 128, first)):
        for place, value in enumerate(values):
            fields = config_of(units=units, seed=place).model_dump(mode="json")
            fields["dataset"] |= {"split_seed": place, "test_fraction": 0.2, "validation_fraction": 0.25}
            runs.append(_run(f"{group}{place}", value, group=group))
            configs[runs[-1].run_id] = parse_config(fields)
    bases = {run.run_id: SAME for run in runs}
    sides = sides_of(runs, bases, lambda run: configs[run.run_id])
    found = compare(sides, ["test_accuracy"], bases=bases)
    (each,) = found.comparisons.values()
    expected = resampled(first, second, test_samples=20, training_samples=60)
    assert each.finding
    assert expected
    assert (each.finding.method, each.finding.p) == (Method.RESAMPLED, pytest.approx(expected.p))
    assert found.held == (
        "over 4 seeds, 4 splits of the data, with a correction for training samples that the splits share"
    )


def test_runs_on_the_same_folds_are_compared_with_the_correction_for_folds() -> None:
    first, second = [0.80, 0.90, 0.85, 0.95, 0.91], [0.79, 0.88, 0.835, 0.93, 0.90]
    configs, runs = {}, []
    for units, values in ((64, second), (128, first)):
        for config, value in zip(repeats(config_of(units=units), 5, Vary.FOLD), values, strict=True):
            runs.append(_run(f"{units}{config.seed}", value, group=config.group_over(Vary.FOLD)))
            configs[runs[-1].run_id] = config
    bases = {run.run_id: SAME for run in runs}
    sides = sides_of(runs, bases, lambda run: configs[run.run_id])
    found = compare(sides, ["test_accuracy"], bases=bases)
    (each,) = found.comparisons.values()
    # Of five folds one is the test part, and a fifth of the others the validation part.
    expected = resampled(first, second, test_samples=20, training_samples=64)
    assert each.finding
    assert expected
    assert (each.finding.method, each.finding.p) == (Method.RESAMPLED, pytest.approx(expected.p))
    assert found.held == (
        "over 5 seeds, 5 folds of the data, with a correction for training samples that the folds share"
    )


def test_direction_that_was_chosen_decides_what_is_better() -> None:
    sides = [_side("a", BAD), _side("b", GOOD)]
    chosen = Directions.of([], ["test_accuracy"])
    found = compare(sides, ["test_accuracy"], bases=_bases(*sides), directions=chosen)
    assert found.comparisons[1, "test_accuracy"].words.startswith("worse by")


def test_runs_of_a_group_are_one_side_with_one_run_for_each_seed() -> None:
    rerun = _run("a", 0.5, group="one")
    runs = [_run("b", 0.9, group="two"), rerun, _run("a", 0.5, group="one"), _run("c", 0.6, group="one")]
    configs: dict[str, Config] = {"a": config_of(seed=0), "c": config_of(seed=1)}
    sides = sides_of(runs, dict.fromkeys("abc", SAME), lambda run: configs.get(run.run_id))
    assert [[run.run_id for run in side.runs] for side in sides] == [["b"], ["a", "c"]]
    assert [side.splits for side in sides] == [(), (Split(0), Split(0))]


def test_runs_of_a_group_on_other_data_are_apart() -> None:
    runs = [_run("a", 0.5, group="one"), _run("b", 0.6, group="one")]
    assert len(grouped_runs(runs, {"a": SAME, "b": OTHER_DATA})) == 2
    assert len(grouped_runs(runs, {"a": SAME, "b": Basis(None, "", "")})) == 1
