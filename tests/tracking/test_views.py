"""Saved views: ours as they are written and read, and those of MLflow's own UI as far as Runs can show them."""

import base64
import json
import zlib
from typing import Any

import pytest

from tests.support.server import MlflowServer
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.tracking import Experiment, Store, View, ViewPage, open_store, views_of
from trainer.tracking.mlflow_views import read_mlflow_view
from trainer.tracking.write.views import delete_view, overwrite_view, rename_view, save_view

QUERY = (("q", "metrics.`a b` > 0.5 & <b>"), ("columns", "metrics.val_loss"), ("columns", "params.größe"))


def views(store: Store) -> tuple[View, ...]:
    return views_of(store.reader.experiments()).views


def as_mlflow(state: dict[str, Any], *, packed: bool = True) -> str:
    """The value of a tag as the UI of MLflow 3.17 writes it."""
    text = json.dumps(state)
    held = f"deflate;{base64.b64encode(zlib.compress(text.encode())).decode()}" if packed else text
    return json.dumps({"name": "Best", "createdAt": 1_700_000_000_000, "state": held})


def tagged(**tags: str) -> Experiment:
    return Experiment(experiment_id="3", name="vision", tags={key.replace("__", "."): tags[key] for key in tags})


def test_view_is_saved_renamed_overwritten_and_deleted(store: Store) -> None:
    folder = store.experiment_id("vision")
    saved = save_view(store, folder, "  Best 😀 ", ViewPage.RUNS, QUERY)
    (found,) = views(store)
    assert (found.id, found.name, found.page, found.query) == (saved.id, "Best 😀", ViewPage.RUNS, QUERY)
    assert (found.experiment_id, found.experiment, found.by_mlflow) == (folder, "vision", False)

    rename_view(store, found, "Second")
    overwrite_view(store, views(store)[0], [("runs", "a,b")])
    assert [(each.name, each.query) for each in views(store)] == [("Second", (("runs", "a,b"),))]
    # A name that was read earlier does not bring back the query of that time.
    rename_view(store, found, "Third")
    assert [(each.name, each.query) for each in views(store)] == [("Third", (("runs", "a,b"),))]

    delete_view(store, found)
    delete_view(store, found)
    assert views(store) == ()
    with pytest.raises(ConfigError, match="'Best 😀' was deleted in the meantime"):
        rename_view(store, found, "Fourth")


def test_name_that_another_view_of_the_experiment_has_is_refused(store: Store) -> None:
    folder, other = store.experiment_id("vision"), store.experiment_id("text")
    save_view(store, folder, "Best", ViewPage.RUNS, QUERY)
    second = save_view(store, folder, "Second", ViewPage.RUNS, QUERY)
    with pytest.raises(ConfigError, match="already has a view 'Best'; choose another name"):
        save_view(store, folder, "Best ", ViewPage.COMPARE, QUERY)
    with pytest.raises(ConfigError, match="already has a view 'Best'"):
        rename_view(store, second, "Best")
    rename_view(store, second, "Second")
    save_view(store, other, "Best", ViewPage.RUNS, QUERY)
    assert sorted(each.name for each in views(store)) == ["Best", "Best", "Second"]


@pytest.mark.slow
def test_views_over_a_server(server: MlflowServer, home: Home) -> None:
    store = open_store(server.uri, home)
    folder = store.experiment_id("views over http")
    saved = save_view(store, folder, "Best", ViewPage.COMPARE, QUERY)
    (found,) = [each for each in views(store) if each.experiment_id == folder]
    assert (found.id, found.page, found.query) == (saved.id, ViewPage.COMPARE, QUERY)
    delete_view(store, found)
    delete_view(store, found)
    assert all(each.experiment_id != folder for each in views(store))
    store.client.delete_experiment(folder)


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        (" ", QUERY, "must have a visible character"),
        ("x" * 251, QUERY, "at most 250 characters, got 251"),
        ("a", [("runs", "x" * 20_000)], r"at most 20,000 characters, got 20,0\d\d; choose fewer columns"),
    ],
)
def test_view_that_cannot_be_kept_is_refused(store: Store, name: str, query: Any, told: str) -> None:
    folder = store.experiment_id("vision")
    with pytest.raises(ConfigError, match=told):
        save_view(store, folder, name, ViewPage.RUNS, query)
    assert views(store) == ()


def test_view_of_500_compared_runs_can_be_kept(store: Store) -> None:
    runs = ",".join(f"{number:032x}" for number in range(500))
    save_view(store, store.experiment_id("vision"), "all", ViewPage.COMPARE, [("runs", runs)])
    assert views(store)[0].query == (("runs", runs),)


def test_view_of_mlflow_is_translated(store: Store) -> None:
    folder = store.experiment_id("vision")
    state = {
        "searchFilter": "metrics.acc > 0.9",
        "orderByKey": "metrics.`val loss`",
        "orderByAsc": True,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [{"name": "digits", "digest": "ab", "experiment_id": "1"}],
        "selectedColumns": ["attributes.`Source`", "params.`batch size`", "metrics.`val loss`", "tags.`team`"],
        "columnOrder": ["tags.`team`", "metrics.`val loss`"],
        "columnWidths": {"tags.`team`": 180.4},
        "groupBy": {"aggregateFunction": "average", "groupByKeys": [{"mode": "param", "groupByData": "seed"}]},
        "compareRunCharts": None,
    }
    store.client.set_experiment_tag(folder, "mlflow.sharedViewState.0123456789", as_mlflow(state))
    (view,) = views(store)
    assert (view.name, view.by_mlflow, view.page, view.left_out) == ("Best", True, ViewPage.RUNS, ())
    assert view.query == (
        ("experiment", "vision"),
        ("q", "metrics.acc > 0.9 and dataset.name IN ('digits') and dataset.digest IN ('ab')"),
        ("sort", "metrics.val loss"),
        ("ascending", "true"),
        ("columns", "tags.team"),
        ("width", "tags.team:180"),
        ("columns", "metrics.val loss"),
        ("columns", "params.batch size"),
        ("group", "fields"),
        ("by", "params.seed"),
    )
    for change in (lambda: rename_view(store, view, "x"), lambda: delete_view(store, view)):
        with pytest.raises(ConfigError, match="saved in MLflow's UI; change it there"):
            change()


@pytest.mark.parametrize(
    ("state", "query", "left_out"),
    [
        ({}, (), ()),
        ({"orderByKey": "attributes.start_time", "orderByAsc": False}, (), ()),
        ({"orderByKey": "tags.`mlflow.runName`", "orderByAsc": True}, (("sort", "name"), ("ascending", "true")), ()),
        ({"orderByKey": "attributes.`Source`", "orderByAsc": True}, (), ("the sort order",)),
        ({"groupBy": "param.average.my.seed"}, (("group", "fields"), ("by", "params.my.seed")), ()),
        ({"groupBy": {"groupByKeys": [{"mode": "dataset", "groupByData": "dataset"}]}}, (), ("the grouping",)),
        ({"searchFilter": "resnet", "datasetsFilter": [{"name": "a"}]}, (("q", "resnet"),),
         ("the filter by datasets",)),
        ({"startTime": "LAST_HOUR", "lifecycleFilter": "Deleted", "modelVersionFilter": "With Model Versions",
          "compareRunCharts": [{"type": "BAR"}]}, (("status", "deleted"),),
         ("charts", "the period of time", "the filter by model versions")),
    ],
)  # fmt: skip
def test_parts_of_a_view_of_mlflow(state: dict[str, Any], query: tuple[Any, ...], left_out: tuple[str, ...]) -> None:
    for value in (as_mlflow(state), as_mlflow(state, packed=False)):
        read = read_mlflow_view(value, "vision")
        assert read == ("Best", (("experiment", "vision"), *query), left_out)


def test_older_view_of_mlflow_has_no_name_and_gets_one() -> None:
    bare = json.loads(as_mlflow({"searchFilter": "a"}))["state"]
    (view,) = views_of([tagged(mlflow__sharedViewState__bb56700ecaef4d19=bare)]).views
    assert (view.name, view.query[1]) == ("MLflow view bb56700e", ("q", "a"))


@pytest.mark.parametrize(
    "value",
    [
        "", "null", "[]", "{", '{"name": 1, "page": "runs", "query": []}', '{"name": "a", "page": "run", "query": []}',
        '{"name": "a", "page": "runs", "query": [["q"]]}', '{"name": "a", "page": "runs", "query": [["q", 1]]}',
        '{"name": "a", "page": "runs", "query": 5}', "[" * 5_000,
    ],
)  # fmt: skip
def test_view_that_cannot_be_read_does_not_hide_the_others(value: str) -> None:
    good = '{"name": "good", "page": "runs", "query": []}'
    found = views_of([tagged(fitboard__view__a=value, fitboard__view__b=good, mlflow__note__content="a note")])
    assert [view.name for view in found.views] == ["good"]
    assert found.unreadable == ("fitboard.view.a",)


@pytest.mark.parametrize("state", ["deflate;", "deflate;!", "deflate;aGVsbG8=", '{"startTime": []}', "[1]", "5"])
def test_broken_view_of_mlflow_is_named(state: str) -> None:
    value = json.dumps({"name": "Best", "createdAt": 1, "state": state})
    assert views_of([tagged(mlflow__sharedViewState__a=value)]) == ((), ("mlflow.sharedViewState.a",))


def test_view_of_mlflow_that_unpacks_to_far_more_is_not_unpacked() -> None:
    packed = base64.b64encode(zlib.compress(b" " * 10_000_000)).decode()
    value = json.dumps({"name": "Best", "createdAt": 1, "state": f"deflate;{packed}"})
    assert views_of([tagged(mlflow__sharedViewState__a=value)]).views == ()
