"""Both readers answer the same questions the same way."""

import math
from dataclasses import fields

import pytest

from tests.support.server import MlflowServer
from tests.support.store import digest_of
from trainer.errors import StoreError
from trainer.tracking import (
    GroupBy,
    Grouping,
    LoggedDataset,
    Run,
    RunQuery,
    RunReader,
    Series,
    Sort,
    Status,
    Tag,
    open_reader,
    pages,
    parse_filter,
)


def names(runs: tuple[Run, ...], ids: dict[str, str]) -> list[str]:
    labels = {run_id: label for label, run_id in ids.items()}
    return [labels[run.run_id] for run in runs]


def test_version_is_the_same_while_nothing_is_written(reader: RunReader) -> None:
    first = reader.version()
    assert reader.page(RunQuery()).runs
    assert reader.version() == first


def test_page_is_newest_first_with_everything_of_a_run(reader: RunReader, ids: dict[str, str]) -> None:
    page = reader.page(RunQuery())

    assert page.total == 12
    assert names(page.runs[:3], ids) == ["another program", "queued", "running"]
    finished = next(run for run in page.runs if run.run_id == ids["finished"])
    assert finished.name == "digits-mlp"
    assert finished.experiment == "Default"
    assert finished.status is Status.FINISHED
    assert finished.params["layers"] == "Flatten → Dense 128 relu → Dropout 0.2 → Dense 10"
    assert finished.metrics["test_accuracy"] == pytest.approx(0.97, abs=0.05)
    assert finished.by_fitboard
    assert finished.seconds == 3.0


@pytest.mark.slow
def test_both_readers_tell_the_same_of_every_field(
    seeded: tuple[str, dict[str, str]], server: MlflowServer, ids: dict[str, str]
) -> None:
    by_sql, by_rest = (open_reader(uri).get(list(ids.values())) for uri in (seeded[0], server.uri))

    assert len(by_sql) == len(ids)
    for field in fields(Run):
        values = [_told(getattr(run, field.name)) for run in by_sql]
        assert len(set(values)) > 1, f"no run of these tells {field.name} apart"
        assert [_told(getattr(run, field.name)) for run in by_rest] == values, field.name


def _told(value: object) -> str:
    """NaN equals itself, and the order of keys means nothing."""
    return repr(sorted(value.items()) if isinstance(value, dict) else value)


def test_deleted_run_is_found_by_its_id_and_says_so(reader: RunReader, ids: dict[str, str]) -> None:
    deleted, finished = reader.get([ids["deleted"], ids["finished"]])

    assert (deleted.deleted, finished.deleted) == (True, False)
    assert ids["deleted"] not in {run.run_id for run in reader.page(RunQuery()).runs}


def test_author_is_who_logged_it(reader: RunReader, ids: dict[str, str]) -> None:
    ours, theirs = reader.get([ids["finished"], ids["another program"]])

    assert (ours.author, theirs.author) == ("somebody", "another person")


def test_page_walks_by_offset_without_gap_or_repeat(reader: RunReader) -> None:
    first = reader.page(RunQuery(limit=4))
    second = reader.page(RunQuery(offset=4, limit=4))

    assert (first.total, second.total) == (12, 12)
    walked = [run.run_id for run in pages(reader, RunQuery(limit=4))]
    assert walked == [run.run_id for run in reader.page(RunQuery()).runs]
    assert walked[4:8] == [run.run_id for run in second.runs]


def test_page_beyond_the_end_is_empty_and_knows_the_total(reader: RunReader) -> None:
    page = reader.page(RunQuery(offset=50))

    assert page.runs == ()
    assert page.total == 12


@pytest.mark.parametrize("descending", [True, False])
def test_sort_by_metric_puts_nan_and_missing_last(reader: RunReader, ids: dict[str, str], descending: bool) -> None:
    page = reader.page(RunQuery(sort=Sort(kind="metric", name="test_accuracy", descending=descending)))

    values = [run.metrics.get("test_accuracy", math.nan) for run in page.runs]
    there = [value for value in values if not math.isnan(value)]
    assert there == sorted(there, reverse=descending)
    assert len(there) == 5
    assert all(math.isnan(value) for value in values[5:])
    assert ids["diverged"] in {run.run_id for run in page.runs[5:]}


def test_sort_by_param_is_by_number(reader: RunReader) -> None:
    runs = reader.page(RunQuery(sort=Sort(kind="param", name="layer.2.units", descending=False))).runs

    units = [run.params.get("layer.2.units") for run in runs]
    assert units[0] == "64"
    assert units[1:10] == ["128"] * 9
    assert units[10] is None


def test_sort_by_duration_leaves_runs_without_one_last(reader: RunReader, ids: dict[str, str]) -> None:
    runs = reader.page(RunQuery(sort=Sort(name="duration"))).runs

    seconds = [run.seconds for run in runs]
    assert [value is None for value in seconds] == [False] * 10 + [True] * 2
    assert set(names(runs[10:], ids)) == {"queued", "running"}


def test_sort_by_name_is_by_folded_letters(reader: RunReader, ids: dict[str, str]) -> None:
    runs = reader.page(RunQuery(sort=Sort(name="name", descending=True))).runs

    assert names(runs[:2], ids) == ["unicode", "another program"]


def test_filter_by_status_tag_and_experiment(reader: RunReader, ids: dict[str, str]) -> None:
    active = reader.page(RunQuery(statuses=(Status.SCHEDULED, Status.RUNNING)))
    stopped = reader.page(RunQuery(tags=((str(Tag.STOP), "requested"),)))
    other = next(one for one in reader.experiments() if one.name == "another program")
    elsewhere = reader.page(RunQuery(experiment_ids=(other.experiment_id,)))

    assert names(active.runs, ids) == ["queued", "running"]
    assert names(stopped.runs, ids) == ["killed"]
    assert names(elsewhere.runs, ids) == ["another program"]
    assert elsewhere.total == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SKLEARN", ["another program"]),
        ("100%_done", ["markup"]),
        ("<b>bold</b> script", ["markup"]),
        ("100x_done", []),
        ("_%", []),
        ("dense 64", ["second"]),
        ("layer.2.units=64", ["second"]),
        ("DIGITS units=64 markup", []),
        ("N_ESTIMATORS", ["another program"]),
        ("another person", ["another program"]),
        ("mlflow.user", []),
        ("fitboard.queue", []),
        ("ünï", ["unicode"]),
        ("u\u0308ni\u0308 STRASSE", ["unicode"]),
        ("😀", ["unicode"]),
        ("größe=", ["unicode"]),
        ("ТАК", ["unicode"]),
        ("team=blue", ["unicode"]),
        ("'; drop table runs; --", []),
        ("nothing of the kind", []),
    ],
)
def test_search_finds_every_word_literally(reader: RunReader, ids: dict[str, str], text: str, found: list[str]) -> None:
    page = reader.page(RunQuery(text=text))

    assert names(page.runs, ids) == found
    assert page.total == len(found)


def test_search_finds_the_beginning_of_an_id(reader: RunReader, ids: dict[str, str]) -> None:
    assert names(reader.page(RunQuery(text=ids["failed"][:10])).runs, ids) == ["failed"]


def test_search_for_a_data_set_pages(reader: RunReader) -> None:
    page = reader.page(RunQuery(text="digits", limit=3))

    assert len(page.runs) == 3
    assert page.total == 10


def test_get_keeps_the_order_and_leaves_out_the_unknown(reader: RunReader, ids: dict[str, str]) -> None:
    runs = reader.get([ids["killed"], "0" * 32, "no'id", ids["finished"]])

    assert names(runs, ids) == ["killed", "finished"]


def test_deleted_runs_are_listed_filtered_and_found_when_asked_for(reader: RunReader, ids: dict[str, str]) -> None:
    assert names(reader.page(RunQuery(deleted=True)).runs, ids) == ["deleted"]
    assert reader.page(RunQuery(deleted=True, statuses=(Status.FAILED,), text=ids["deleted"][:8])).total == 1
    assert reader.page(RunQuery(deleted=True, statuses=(Status.FINISHED,))).total == 0
    assert reader.page(RunQuery(deleted=True, sort=Sort(name="duration"))).total == 1
    assert reader.groups(RunQuery(deleted=True), GroupBy(mode=Grouping.CONFIG)).runs == 1
    assert reader.find(ids["deleted"][:6]) == ()
    assert reader.find(ids["deleted"][:6], deleted=True) == (ids["deleted"],)


def test_find_takes_beginnings(reader: RunReader, ids: dict[str, str]) -> None:
    assert reader.find(ids["queued"][:6]) == (ids["queued"],)
    assert reader.find("%") == ()
    assert reader.find("zz") == ()


def test_histories_are_in_order_with_nan_and_infinity(reader: RunReader, ids: dict[str, str]) -> None:
    found = reader.histories([ids["diverged"], ids["infinite"], ids["queued"]], ["loss", "val_loss"])

    assert list(found) == [ids["diverged"], ids["infinite"], ids["queued"]]
    assert found[ids["queued"]] == {}
    diverged = found[ids["diverged"]]["val_loss"]
    assert list(diverged.steps) == [1, 2, 3]
    assert diverged.values[0] == 2.1
    assert all(math.isnan(value) for value in diverged.values[1:])
    assert list(found[ids["infinite"]]["loss"].values) == [2.1, math.inf, math.inf]
    assert list(diverged.times) == sorted(diverged.times)


def test_histories_of_all_metrics(reader: RunReader, ids: dict[str, str]) -> None:
    found = reader.histories([ids["another program"], ids["finished"]])

    assert list(found[ids["another program"]]) == ["rmse"]
    assert list(found[ids["another program"]]["rmse"].steps) == list(range(10))
    assert {"loss", "val_loss", "test_loss", "learning_rate"} <= set(found[ids["finished"]])


def test_known_histories_change_no_answer(reader: RunReader, ids: dict[str, str]) -> None:
    asked = [ids["diverged"], ids["infinite"], ids["queued"], ids["another program"]]
    whole = reader.histories(asked)
    part = {
        ids["infinite"]: {"loss": Series(steps=(1,), values=(2.1,), times=whole[ids["infinite"]]["loss"].times[:1])}
    }

    for known in (whole, part, {}, {run_id: {} for run_id in asked}):
        assert repr(reader.histories(asked, known=known)) == repr(whole)


def test_datasets_are_those_that_a_run_logged(reader: RunReader, ids: dict[str, str]) -> None:
    found = reader.datasets([ids["finished"], ids["queued"], "0" * 32, "no'id", ids["deleted"]])

    assert found[ids["finished"]] == (LoggedDataset("digits", digest_of("digits"), "training"),)
    assert [found[each] for each in (ids["queued"], "0" * 32, "no'id")] == [(), (), ()]
    assert found[ids["deleted"]] == (LoggedDataset("data", "0123", "training"),)


def test_experiments_and_columns(reader: RunReader) -> None:
    assert [one.name for one in reader.experiments()] == ["Default", "another program"]
    columns = reader.columns()
    assert {("metric", "val_loss"), ("param", "layer.2.units"), ("param", "n_estimators")} <= set(columns)
    assert [name for kind, name in columns if kind == "tag"] == ["team"]


def test_artifacts_are_read_and_listed(reader: RunReader, ids: dict[str, str]) -> None:
    (run,) = reader.get([ids["finished"]])

    assert reader.artifacts(run) == ("config.yaml", "environment.json", "evaluation", "log.txt")
    assert reader.artifacts(run, "evaluation") == ("evaluation/confusion.json", "evaluation/mistakes.json")
    assert (reader.artifact(run, "log.txt") or b"").startswith(b"epoch 1")
    assert reader.artifact(run, "missing.txt") is None
    assert reader.artifacts(run, "missing") == ()


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "evaluation/../../x", "", "~/x", "a\\..\\b"])
def test_artifact_outside_the_run_is_refused(reader: RunReader, ids: dict[str, str], path: str) -> None:
    (run,) = reader.get([ids["finished"]])

    with pytest.raises(StoreError, match="not a path within"):
        reader.artifact(run, path)


def test_recorded_configs_are_of_the_latest_runs_and_one_more(reader: RunReader, ids: dict[str, str]) -> None:
    found = reader.recorded("Default", 3)
    latest = reader.page(RunQuery(limit=3, experiment_ids=("0",))).runs
    assert [(each.run_id, each.name) for each in found] == [(run.run_id, run.name) for run in latest]
    assert [each.config_text for each in found] == [run.tags.get(Tag.CONFIG) for run in latest]
    also = reader.recorded("Default", 2, also=ids["finished"])
    assert [each.run_id for each in also] == [ids["finished"], found[0].run_id]
    assert reader.recorded("no such experiment", 2) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("status = 'FAILED'", ["failed", "unicode"]),
        ("params.`Größe` = 'так'", ["unicode"]),
        ("tags.team LIKE 'B%'", ["unicode"]),
        ("tags.team LIKE 'b%'", []),
        ("tags.team ILIKE 'b%'", ["unicode"]),
        ("params.`Größe` IS NOT NULL and tags.team != 'Red'", ["unicode"]),
        ("params.`Größe` != 'x' and status = 'FINISHED'", []),
        ("metrics.loss > 1000000", ["infinite"]),
        ("metrics.test_accuracy <= 0", []),
        ("attributes.start_time <= 1", ["unicode"]),
        ("attributes.user_id = 'another person'", ["another program"]),
    ],
)
def test_filter_is_answered_alike_by_both_readers(
    reader: RunReader, ids: dict[str, str], text: str, found: list[str]
) -> None:
    page = reader.page(RunQuery(filters=parse_filter(text)))
    assert (sorted(names(page.runs, ids)), page.total) == (sorted(found), len(found))


def test_filter_by_dataset_finds_the_runs_that_logged_it(reader: RunReader, ids: dict[str, str]) -> None:
    with_digits = reader.page(
        RunQuery(filters=parse_filter("datasets.name = 'digits' and datasets.context = 'training'"))
    )
    named = reader.page(RunQuery(filters=parse_filter(f"run_id IN ('{ids['finished']}', '{ids['deleted']}')")))
    assert with_digits.total == sum(bool(each) for each in reader.datasets(list(ids.values())).values()) - 1
    assert names(named.runs, ids) == ["finished"]


def test_nan_matches_no_comparison_but_unequal(reader: RunReader, ids: dict[str, str]) -> None:
    """MLflow's tables have 0 in its place, so that its own search finds it below any limit."""
    unequal = reader.page(RunQuery(filters=parse_filter("metrics.test_accuracy != 0")))
    assert "diverged" in names(unequal.runs, ids)
    below = reader.page(RunQuery(filters=parse_filter("metrics.test_accuracy < 2")))
    assert "diverged" not in names(below.runs, ids)
    assert below.total == unequal.total - 1


def test_common_columns_are_those_that_all_runs_of_a_query_have(reader: RunReader) -> None:
    digits = RunQuery(filters=parse_filter("params.dataset = 'digits'"))
    values = {("param", "dataset"): "digits", ("param", "seed"): "0", ("tag", "team"): "Blue", ("param", "nope"): ""}
    found = reader.common(digits, values)
    assert found.columns == {("param", "dataset")}
    assert found.among == reader.page(digits).total
    # One run of the whole store has no dataset.
    assert reader.common(RunQuery(limit=1), values).columns == frozenset()
    nobody = RunQuery(text="no such run at all")
    assert reader.common(nobody, values) == (frozenset(), 0)
