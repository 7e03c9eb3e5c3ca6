"""Groups of runs: the same from every store, and the numbers are those of their runs, whatever is shown."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.groups import assert_alike
from tests.support.store import SeedRun, add_runs, run_id_of
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.statistics import summarize, summary_of
from trainer.tracking import (
    Field,
    GroupBy,
    Grouping,
    GroupPage,
    RunGroup,
    RunQuery,
    RunReader,
    Sort,
    Status,
    Store,
    Tag,
    open_reader,
    pages,
    parse_field,
)
from trainer.tracking.read.group_runs import group_here

BY_OPTIMIZER = GroupBy(mode=Grouping.FIELDS, fields=(Field("param", "optimizer"),), metrics=("val_loss",))
BY_TWO = replace(BY_OPTIMIZER, fields=(Field("param", "optimizer"), Field("tag", "team")))
BY_CONFIG = GroupBy(mode=Grouping.CONFIG, metrics=("val_loss", "test_accuracy"))
BUT_SEED = GroupBy(mode=Grouping.EXCEPT, fields=(Field("param", "seed"),), metrics=("val_loss",))

_START = 1_700_000_000_000


def seeded_run(label: str, value: float | None, *, data: str = "same", **changes: object) -> SeedRun:
    """A finished run of another program, with a last `val_loss`."""
    fields = {"params": {"optimizer": "Adam", "seed": label}, "tags": {}, **changes}
    return SeedRun(
        label=label,
        name=label,
        start_time=_START + int(label) * 1000,
        end_time=_START + int(label) * 1000 + 5,
        curves={} if value is None else {"val_loss": [9.0, value]},
        data_digest=data,
        **{"status": Status.FINISHED, **fields},  # type: ignore[arg-type]
    )


@pytest.fixture
def runs(store: Store, home: Home) -> RunReader:
    """Runs of two optimizers, in one of which a run diverged, one failed, and two are of one config."""
    uri = home.tracking_uri(environment={})
    twice = {str(Tag.CONFIG_DIGEST): "d", str(Tag.GROUP): "g"}
    sgd = {"optimizer": "SGD", "seed": "1"}
    some = [
        seeded_run("1", 0.5),
        seeded_run("2", 0.7),
        seeded_run("3", math.nan),
        seeded_run("4", 0.1, status=Status.FAILED),
        seeded_run("5", 0.9, tags={"team": "a"}),
        seeded_run("6", 0.25, params=sgd, tags=twice),
        seeded_run("7", 0.75, params=sgd, tags=twice),
        seeded_run("8", 0.3, params=sgd, tags={**twice, str(Tag.CONFIG_DIGEST): "e"}),
        seeded_run("9", 0.3, params=sgd, tags={**twice, str(Tag.CONFIG_DIGEST): "f"}, data="other"),
        seeded_run("10", None, params={}, data=""),
        seeded_run("11", None, params=sgd, tags=twice, data="", status=Status.SCHEDULED),
    ]
    add_runs(uri, home.artifacts, some)
    return open_reader(uri)


def labels(group: RunGroup) -> list[str]:
    names = {run_id_of(str(number)): str(number) for number in range(1, 12)}
    return [names[run_id] for run_id in group.members]


def opened(reader: RunReader, by: GroupBy) -> dict[tuple[str, ...], RunGroup]:
    """Return the members of each group → the group."""
    ids = tuple(group.id for group in reader.groups(RunQuery(), by).groups)
    return {tuple(labels(group)): group for group in reader.groups(RunQuery(), replace(by, opened=ids)).groups}


def test_group_counts_finished_runs_once_a_config(runs: RunReader) -> None:
    page = runs.groups(RunQuery(), BY_OPTIMIZER)

    assert (page.total, page.runs, page.complete) == (3, 11, True)
    found = {group.values: group for group in page.groups}
    adam, sgd = found["Adam",], found["SGD",]
    assert (adam.runs, adam.finished, adam.counted, adam.odd) == (5, 4, 4, {"val_loss": 1})
    assert (sgd.runs, sgd.finished, sgd.counted, sgd.newest) == (5, 4, 3, run_id_of("11"))
    assert found[None,].metrics == {}
    moments = adam.metrics["val_loss"]
    expected = summarize([0.5, 0.7, 0.9])
    assert expected is not None
    assert summary_of(moments.mean, moments.deviation, moments.n) == pytest.approx(expected)
    assert (moments.smallest, moments.largest) == (0.5, 0.9)
    assert sgd.metrics["val_loss"].mean == pytest.approx((0.25 + 0.3 + 0.3) / 3)


def test_group_by_config_leaves_out_seeds_and_keeps_data_apart(runs: RunReader) -> None:
    found = opened(runs, BY_CONFIG)

    # The run that waits has not logged its data yet, and joins others of its config; the one without params is alone.
    assert set(found) == {("5", "4", "3", "2", "1"), ("11", "8", "7", "6"), ("9",), ("10",)}


def test_group_by_all_params_but_chosen_ones(runs: RunReader) -> None:
    assert set(opened(runs, BUT_SEED)) == {("5", "4", "3", "2", "1"), ("11", "9", "8", "7", "6"), ("10",)}


def test_groups_by_two_fields_tell_missing_values_apart(runs: RunReader) -> None:
    assert {members: group.values for members, group in opened(runs, BY_TWO).items()} == {
        ("4", "3", "2", "1"): ("Adam", None),
        ("5",): ("Adam", "a"),
        ("11", "9", "8", "7", "6"): ("SGD", None),
        ("10",): (None, None),
    }


def test_groups_are_sorted_by_mean_field_and_number(runs: RunReader) -> None:
    def values(sort: Sort) -> list[str | None]:
        return [group.values[0] for group in runs.groups(RunQuery(sort=sort), BY_OPTIMIZER).groups]

    assert values(Sort(kind="metric", name="val_loss")) == ["Adam", "SGD", None]
    assert values(Sort(kind="metric", name="val_loss", descending=False)) == ["SGD", "Adam", None]
    assert values(Sort(kind="param", name="optimizer", descending=False)) == ["Adam", "SGD", None]
    assert values(Sort(name="runs", descending=False))[0] is None
    assert values(Sort()) == ["SGD", None, "Adam"]


def test_numbers_of_a_group_depend_on_no_page_and_no_order(runs: RunReader) -> None:
    whole = {group.key: group for group in runs.groups(RunQuery(), BY_TWO).groups}
    for sort in (Sort(), Sort(kind="metric", name="val_loss"), Sort(name="runs", descending=False)):
        paged: list[RunGroup] = []
        for offset in range(4):
            page = runs.groups(RunQuery(sort=sort, offset=offset, limit=1), BY_TWO)
            assert (page.total, page.runs) == (4, 11)
            paged += page.groups
        assert {group.key: group for group in paged} == whole
    beyond = runs.groups(RunQuery(offset=50), BY_TWO)
    assert (beyond.groups, beyond.total, beyond.runs) == ((), 4, 11)


def test_groups_are_of_the_runs_that_match(runs: RunReader) -> None:
    page = runs.groups(RunQuery(statuses=(Status.FAILED,)), BY_OPTIMIZER)

    assert [(group.values, group.runs, group.counted) for group in page.groups] == [(("Adam",), 1, 0)]


@pytest.mark.parametrize("values", [[0.1] * 3, [1e9 + 0.001, 1e9 + 0.002, 1e9 + 0.004], [math.inf, 2.0], [1e200, 1.0]])
def test_moments_are_exact_for_awkward_values(store: Store, home: Home, values: list[float]) -> None:
    uri = home.tracking_uri(environment={})
    add_runs(uri, home.artifacts, [seeded_run(str(place), value) for place, value in enumerate(values, start=1)])
    group = open_reader(uri).groups(RunQuery(), BY_OPTIMIZER).groups[0]

    expected = summarize([value for value in values if value < 1e150])
    assert expected is not None
    found = group.metrics["val_loss"]
    assert found.n + group.odd.get("val_loss", 0) == len(values)
    assert (found.mean, found.deviation) == pytest.approx((expected.mean, expected.deviation or 0.0), rel=1e-9)


@pytest.mark.parametrize("by", [BY_OPTIMIZER, BY_TWO, BY_CONFIG, BUT_SEED])
@pytest.mark.parametrize("sort", [Sort(), Sort(kind="metric", name="val_loss", descending=False)])
def test_groups_of_runs_that_were_read_are_those_of_the_store(runs: RunReader, by: GroupBy, sort: Sort) -> None:
    every = list(pages(runs, RunQuery()))
    data = runs.datasets([run.run_id for run in every])
    ids = tuple(group.id for group in runs.groups(RunQuery(), by).groups)
    query, by = RunQuery(sort=sort), replace(by, opened=ids)

    here = group_here(every, query, by, data=data, histories=runs.histories, complete=True)
    assert_alike(here, runs.groups(query, by))


@pytest.mark.parametrize("by", [replace(BY_OPTIMIZER, metrics=("test_accuracy",)), BY_CONFIG, BUT_SEED])
def test_both_readers_group_alike(reader: RunReader, seeded: tuple[str, dict[str, str]], by: GroupBy) -> None:
    sort = Sort(kind="metric", name=by.metrics[0])
    found = reader.groups(RunQuery(sort=sort), by)

    assert (found.total > 1, found.runs) == (True, 12)
    assert_alike(found, open_reader(seeded[0]).groups(RunQuery(sort=sort), by))


def test_missing_store_has_no_groups(tmp_path: Path) -> None:
    assert open_reader(f"sqlite:///{tmp_path}/none.db").groups(RunQuery(), BY_CONFIG) == GroupPage(
        groups=(), total=0, runs=0
    )


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("params.optimizer", Field("param", "optimizer")),
        ("optimizer", Field("param", "optimizer")),
        ("tags.team", Field("tag", "team")),
        ("tags.mlflow.user", Field("tag", "mlflow.user")),
        ("experiment", Field("attribute", "experiment")),
    ],
)
def test_field_is_parsed(text: str, field: Field) -> None:
    assert parse_field(text, KNOWN) == field


KNOWN: Sequence[tuple[str, str]] = (("param", "optimizer"), ("tag", "team"), ("metric", "loss"))


def test_field_that_no_run_has_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"No run has a field 'optimiser'.*did you mean 'optimizer'"):
        parse_field("optimiser", KNOWN)
    with pytest.raises(ConfigError, match=r"such as `params\.optimizer`"):
        parse_field("zzz", KNOWN)
