import json
import math
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import loaders
from dashboard.charts.compare import lines
from dashboard.components.differences import config_differences, data_row, shortened
from dashboard.components.results import Result, doubts, group_results, results, signed, undirected
from dashboard.loaders.similar_runs import Group
from dashboard.views.compare.controls import groups_of
from dashboard.views.compare.histories import histories, steps_words
from dashboard.views.compare.report import report_of
from dashboard.views.compare.tables import run_mark
from dashboard.views.run.group import Fold, folds_of, group_line
from tests.support.pages import draw_compare, page_of
from tests.support.store import NAMES, config_of, run_id_of
from trainer.comparison.basis import Basis
from trainer.config import UNTOLD, Config, Vary
from trainer.config.recipes import RECIPES
from trainer.errors import StoreUnreachableError
from trainer.home import Home
from trainer.reproduce import repeats
from trainer.tracking import Kept, LoggedDataset, Progress, Run, RunQuery, Series, Status, open_reader

FINISHED, SECOND = run_id_of("finished"), run_id_of("second")
KILLED = run_id_of("killed")


@pytest.fixture
def app(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Compare page over a store with a run of every state."""
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    return page_of(draw_compare)


def asked(app: AppTest, *run_ids: str) -> AppTest:
    app.query_params["runs"] = ",".join(run_ids)
    return app.run()


def open_add(app: AppTest) -> None:
    """Opens the menu of runs to add."""
    app.session_state["compare.add"] = True
    app.run()


def remove(app: AppTest, run_id: str) -> None:
    """Presses the button that removes a run in the legend."""
    pressed = iter([run_id])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "dashboard.views.compare.legend._legend", lambda **_: SimpleNamespace(removed=next(pressed, None))
        )
        app.run()


def a_run(run_id: str, *, name: str = "mlp", **fields: Any) -> Run:
    return Run(
        run_id=run_id, name=name, experiment_id="0", experiment="Default", status=Status.FINISHED,
        start_time=0, end_time=1, artifact_uri="", **fields,
    )  # fmt: skip


def test_compare_shows_results_and_only_the_fields_that_differ(app: AppTest) -> None:
    asked(app, FINISHED, SECOND)
    assert not app.exception
    differing, _, shown = (table.value for table in app.table)
    assert "**0.9629** ★" in shown.iloc[0].to_list()[1]
    assert list(differing.iloc[:, 0]) == [r"optimizer\.learning\_rate", "seed"]
    assert app.multiselect(key="metric").value == ["val_accuracy", "val_loss"]


def test_first_drawing_reads_the_runs_once_and_later_ones_read_them_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, read = loaders.runs_by_id, list[tuple[str, ...]]()
    monkeypatch.setattr(loaders, "runs_by_id", lambda words: read.append(tuple(words)) or found(words))
    asked(app, FINISHED, SECOND)
    assert read == [(FINISHED, SECOND)]
    app.run()
    assert len(read) == 2


def test_runs_to_add_are_read_only_once_their_menu_is_open(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[RunQuery]()
    find = loaders.run_page
    monkeypatch.setattr(loaders, "run_page", lambda query: read.append(query) or find(query))
    asked(app, FINISHED, SECOND)
    assert not app.exception
    assert not read
    open_add(app)
    assert read


def test_compare_understands_beginnings_of_ids_and_names_those_that_are_unknown(app: AppTest) -> None:
    asked(app, FINISHED[:6], SECOND, "0000no-such")
    assert not app.exception
    assert len(app.table) == 3
    assert "0000no\\-such" in app.warning[0].value


def test_deleted_run_is_compared_and_said_to_be_deleted(app: AppTest, seeded_home: Path) -> None:
    change(seeded_home, "update runs set lifecycle_stage = 'deleted' where run_uuid = ?", SECOND)
    asked(app, FINISHED, SECOND)
    assert not app.exception
    assert "2 finished · 1 deleted" in [each.value for each in app.caption]


def test_metric_of_the_address_that_no_run_has_is_said(app: AppTest) -> None:
    app.query_params["metric"] = ["nope", "val_loss"]
    asked(app, FINISHED, SECOND)
    assert "None of these runs has the metric “nope”." in [each.value for each in app.warning]
    assert app.multiselect(key="metric").value == ["nope", "val_loss"]


def test_compare_of_one_run_offers_others_to_pick(app: AppTest) -> None:
    asked(app, FINISHED)
    assert not app.table
    app.button(key=f"compare.search.{KILLED}").click().run()
    assert app.query_params["runs"] == f"{FINISHED},{KILLED}"
    assert app.table


def test_compare_of_nothing_searches_the_store(app: AppTest) -> None:
    app.run()
    assert any("Pick two or more runs" in words.value for words in app.markdown)
    app.text_input(key="compare.search").set_value("sklearn").run()
    offered = [button.label for button in app.button if button.key.startswith("compare.search.")]
    assert len(offered) == 1
    assert offered[0].startswith(r"sklearn\-forest")


def test_compare_lets_a_run_be_taken_out(app: AppTest) -> None:
    asked(app, FINISHED, SECOND, KILLED)
    remove(app, SECOND)
    assert app.query_params["runs"] == f"{FINISHED},{KILLED}"


def test_compare_of_many_runs_takes_one_out_by_name(app: AppTest) -> None:
    runs = [run_id_of(label) for label in NAMES]
    asked(app, *runs)
    open_add(app)
    app.text_input(key="compare.search").set_value("sklearn").run()
    next(button for button in app.button if button.key.startswith("compare.search.")).click().run()
    assert not app.exception
    assert len(app.dataframe) == 2
    shown = [json.loads(each.proto.json) for each in app.get("bidi_component") if "legend" in each.proto.component_name]
    assert len(shown[0]["entries"]) == len(runs) + 1
    remove(app, SECOND)
    assert SECOND not in app.query_params["runs"]


def test_compare_with_a_run_of_another_program_falls_back_on_params(app: AppTest) -> None:
    asked(app, FINISHED, run_id_of("regression"))
    open_add(app)
    app.text_input(key="compare.search").set_value("sklearn").run()
    (add,) = [button for button in app.button if button.key.startswith("compare.search.")]
    add.click().run()
    assert not app.exception
    assert any("logged params are compared" in caption.value for caption in app.caption)
    assert "learning\\_rate" in list(app.table[0].value.iloc[:, 0])
    assert any("more differences" in each.label for each in app.expander)


def test_compare_of_runs_that_are_the_same_in_everything_says_so(app: AppTest) -> None:
    asked(app, FINISHED, run_id_of("markup"))
    assert "No recorded difference in configs, data or environments explains" in said(app)
    assert "unknown" not in said(app)


def test_compare_of_equal_configs_says_that_the_file_behind_them_changed(app: AppTest, seeded_home: Path) -> None:
    give_other_data(seeded_home, "markup")
    asked(app, FINISHED, run_id_of("markup"))
    (row,) = app.table[0].value.to_numpy().tolist()
    assert row[0] == "data digest"
    assert row[2] == "markup"
    assert "are the same" not in said(app)


def test_compare_shows_where_environments_differ_and_what_is_harmless(app: AppTest, seeded_home: Path) -> None:
    folder = seeded_home / "markup"
    folder.mkdir()
    document = {"python": "3.12.1", "packages": {"keras": "3.15.1", "mlflow": "9"}, "cores": 2}
    (folder / "environment.json").write_text(json.dumps(document))
    change(seeded_home, "update runs set artifact_uri = ? where run_uuid = ?", str(folder), run_id_of("markup"))
    st.cache_resource.clear()
    asked(app, FINISHED, run_id_of("markup"))
    assert app.table[0].value.to_numpy().tolist() == [["python", r"3\.11\.9", r"3\.12\.1"]]
    assert "without an effect on the results: mlflow: none, 9." in said(app)


def test_compare_says_what_is_on_record_of_neither_run(app: AppTest, seeded_home: Path) -> None:
    change(seeded_home, "delete from inputs where destination_id = ?", KILLED)
    asked(app, FINISHED, KILLED)
    assert "No recorded differences." in said(app)
    assert "No differences: " not in said(app)
    assert "Data unknown for digits-mlp (2): no digest was logged." in said(app)
    assert "Environment unknown for" in said(app)


def test_compare_of_foreign_runs_without_params_knows_nothing(app: AppTest, seeded_home: Path) -> None:
    for label in ("finished", "second"):
        change(seeded_home, "delete from tags where run_uuid = ? and key like 'fitboard.%'", run_id_of(label))
        change(seeded_home, "delete from params where run_uuid = ?", run_id_of(label))
    asked(app, FINISHED, SECOND)
    assert "Config unknown for all runs: no params were logged." in said(app)
    assert "No differences: " not in said(app)


def test_compare_links_to_mlflow_s_own_page_where_it_answers(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_MLFLOW_UI", "http://127.0.0.1:5000")
    monkeypatch.setattr("dashboard.loaders.mlflow_answers", lambda: False)
    asked(app, FINISHED, SECOND)
    assert app.button(key="compare.mlflow").disabled
    monkeypatch.setattr("dashboard.loaders.mlflow_answers", lambda: True)
    app.run()
    (address,) = [found.proto.url for found in app.get("link_button")]
    assert address.startswith("http://127.0.0.1:5000/#/compare-runs?runs=")
    assert FINISHED in address


def test_compare_while_the_store_is_away_says_so_and_comes_back(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise StoreUnreachableError("The store does not answer; start it again.")

    paces: list[Any] = []
    fragment = st.fragment
    monkeypatch.setattr(st, "fragment", lambda draw, **given: paces.append((draw.__name__, given)) or fragment(draw))

    def pace() -> Any:
        return [given["run_every"] for name, given in paces if name == "_page"][-1]

    asked(app, FINISHED, SECOND)
    assert pace() is None
    with monkeypatch.context() as patch:
        patch.setattr("dashboard.loaders.metric_curves", away)
        app.run()
        assert "does not answer" in app.warning[0].value
        assert pace() == 2, "nobody would redraw the page"
    app.run()
    assert len(app.table) == 3
    assert pace() is None


def test_results_compare_with_the_first_run_by_the_metric_s_direction() -> None:
    table = results(
        [
            a_run("a", metrics={"val_loss": 0.5, "val_accuracy": 0.8}),
            a_run("b", metrics={"val_loss": 0.4, "val_accuracy": 0.7}),
            a_run("c", metrics={"val_loss": math.nan}),
        ]
    )
    assert list(table) == ["val_accuracy", "val_loss"]
    first, second, third = table["val_loss"]
    assert (first.delta, first.best) == (None, False)
    assert second.delta == pytest.approx(-0.1)
    assert (round(second.percent or 0), second.better, second.best) == (-20, True, True)
    assert third.delta is None
    assert (table["val_accuracy"][1].better, table["val_accuracy"][2].value) == (False, None)


def test_signed_tells_the_difference_and_the_percentage_where_there_is_one() -> None:
    assert signed(Result(1.0, 0.5, 50.0, True, True)) == "+0.500 (+50.0 %)"
    assert signed(Result(1.0, -0.25, None, False, False)) == "−0.250"
    assert signed(Result(1.0, 0.0, 0.0, None, False)) == "±0 (0 %)"
    assert signed(Result(1.0, None, None, None, False)) == ""
    assert signed(Result(5100.01, 5100.0, 5.1e7, None, False)) == "+5,100 (510,000 times)"
    assert signed(Result(0.01, -5100.0, -99.9998, None, False)) == "−5,100 (1/510,000)"
    assert signed(Result(-10.0, -11.0, -1100.0, None, False)) == "−11"
    assert signed(Result(0.0, -2.0, -100.0, None, False)) == "−2 (−100.0 %)"


ONE = Basis(frozenset({"training 01"}), "fitboard", "mse")


@pytest.mark.parametrize(
    ("other", "metric", "has_difference", "reason"),
    [
        (ONE, "val_loss", True, None),
        (ONE._replace(data=frozenset({"training 02"})), "val_accuracy", False, "the data differ"),
        (ONE._replace(loss="mae"), "val_loss", False, "the losses differ"),
        (ONE._replace(loss="mae"), "val_accuracy", True, None),
        (ONE._replace(data=None), "val_accuracy", True, "it is unknown whether the data are the same"),
        (
            ONE._replace(data=frozenset({"training ab"}), program="another"),
            "val_accuracy",
            True,
            "it is unknown whether the data are the same",
        ),
        (ONE._replace(loss=None), "val_loss", True, "it is unknown whether the losses are the same"),
        (ONE._replace(loss=None), "val_accuracy", True, None),
    ],
)
def test_results_of_other_data_or_losses_have_no_best(
    other: Basis, metric: str, has_difference: bool, reason: str | None
) -> None:
    runs = [a_run("a", metrics={metric: 0.5}), a_run("b", metrics={metric: 0.4})]
    bases = {"a": ONE, "b": other}
    row = results(runs, (), bases)[metric]
    assert any(each.best for each in row) is (reason is None)
    assert (row[1].better is not None) is (reason is None)
    assert (row[1].delta is not None) is has_difference
    assert doubts(runs, bases) == ({reason: (metric,)} if reason else {})


def test_compare_of_other_data_says_so_instead_of_a_star(app: AppTest, seeded_home: Path) -> None:
    assert "★" in asked(app, FINISHED, SECOND).table[-1].value.to_string()
    assert "Not comparable" not in said(app)
    change(
        seeded_home, "insert into datasets select 'other', experiment_id, name, 'ffff', '', '', '', '' from datasets"
    )
    change(seeded_home, "update inputs set source_id = 'other' where destination_id = ?", SECOND)
    st.cache_resource.clear()
    asked(app, FINISHED, SECOND)
    assert "**Not comparable**, since the data differ: all metrics." in said(app)
    assert "★" not in app.table[-1].value.to_string()


def test_config_differences_tell_values_in_words() -> None:
    runs = [a_run("a"), a_run("b")]
    configs = {"a": config_of(units=8), "b": config_of(units=16)}
    found = config_differences(runs, lambda run: configs[run.run_id])
    assert found == ((("layers.2.units", ("8", "16")),), False, ())


def test_proposed_numbers_are_shortened_unless_they_would_no_longer_differ() -> None:
    found = shortened(("0.0034567890123456", "ExponentialDecay(initial_learning_rate=1.2345678901e-05)", "0.00025"))
    assert found == ("0.003457", "ExponentialDecay(initial_learning_rate=1.235e-05)", "0.00025")
    alike = ("0.0034567890123456", "0.0034567890123457")
    assert shortened(alike) == alike
    versions = ("3.15.1234567", "runs-2.1234567890", "-0.1234567890123")
    assert shortened(versions) == (*versions[:2], "-0.1235")


def test_config_differences_of_params_leave_out_what_is_the_same() -> None:
    runs = [a_run("a", params={"lr": "1", "seed": "0"}), a_run("b", params={"seed": "0"}), a_run("c")]
    found = config_differences(runs, lambda _: None)
    assert found == ((("lr", ("1", "–", "–")), ("seed", ("0", "0", "–"))), True, ("c",))


def test_data_row_says_whose_digests_are_made_differently() -> None:
    runs = [a_run("a", tags={"fitboard.config_digest": "1"}), a_run("b"), a_run("c")]
    logged = {"a": (LoggedDataset("d", "0" * 36, "training"),), "b": (LoggedDataset("d", "f", "train"),)}
    assert data_row(runs, logged) == (
        "data digest",
        ("00000000000…", "f (another program's)", "unknown"),
    )
    assert data_row(runs, {}) is None
    assert data_row(runs[1:], {"b": logged["b"], "c": logged["b"]}) is None


def test_group_of_a_file_that_changed_is_two_groups() -> None:
    tags = {"fitboard.group": "one"}
    runs = [a_run(each, tags={**tags, "fitboard.config_digest": each}) for each in "abcd"]
    data = {"a": frozenset({"1"}), "b": frozenset({"2"}), "c": frozenset({"1"}), "d": None}
    bases = {run_id: Basis(digests, "fitboard", "mse") for run_id, digests in data.items()}
    found = groups_of(runs, lines([*"abcd"], {}), bases, lambda some: {run.run_id: run.run_id for run in some})
    assert [[run.run_id for run in group.runs] for group in found] == [["a", "c", "d"], ["b"]]


def test_run_mark_shows_a_name_as_it_was_typed() -> None:
    (line,) = lines(["a"], {"a": "<b>[x](y)</b>"})
    assert run_mark(line).endswith(r" \<b\>\[x\]\(y\)\<\/b\>")


def make_repeats(home: Path, *labels: str) -> None:
    """Makes runs one group with the finished one."""
    for label in labels:
        change(
            home,
            "update tags set value = ? where run_uuid = ? and key = 'fitboard.group'",
            config_of().group,
            run_id_of(label),
        )
        change(
            home,
            "update tags set value = ? where run_uuid = ? and key = 'fitboard.config_digest'",
            label,
            run_id_of(label),
        )


def test_repeats_can_be_shown_as_groups(app: AppTest, seeded_home: Path) -> None:
    asked(app, FINISHED, SECOND)
    assert [each.key for each in app.toggle] == ["log", "log_x"]
    make_repeats(seeded_home, "second")
    asked(app, FINISHED, SECOND)
    app.toggle(key="groups").set_value(True).run()
    assert not app.exception
    assert "2 runs: n 2." in said(app)
    (shown,) = (table.value for table in app.table)
    assert "Only the seeds differ." in said(app)
    assert shown.shape[1] == 2, "a column for the names, one for the group"
    accuracy = shown.set_index("metric").iloc[:, 0]["test_accuracy".replace("_", chr(92) + "_")]
    assert r"95 \% 0\." in accuracy
    assert "n 2" in accuracy
    assert "★" not in shown.to_string()


def test_group_says_where_its_runs_end_and_counts_finished_ones(app: AppTest, seeded_home: Path) -> None:
    make_repeats(seeded_home, "second", "killed")
    app.query_params["groups"] = "true"
    app.query_params["by"] = "time"
    asked(app, FINISHED, SECOND, KILLED)
    assert not app.exception
    assert "3 runs: n 3 to epoch 3, 2 to epoch 5." in said(app)
    assert "Each epoch is drawn at its mean time over the runs" in said(app)
    assert "n 2" in app.table[-1].value.iloc[0, 1]


def test_group_of_one_run_has_no_interval_and_says_so(app: AppTest, seeded_home: Path) -> None:
    make_repeats(seeded_home, "killed")
    app.query_params["groups"] = "true"
    asked(app, FINISHED, KILLED, SECOND)
    assert "no interval" in app.table[-1].value.to_string()
    assert "± 0" not in app.table[-1].value.to_string()


def test_group_results_are_over_finished_runs() -> None:
    runs = [a_run("a", metrics={"val_loss": 1.0}), a_run("b", metrics={"val_loss": 3.0})]
    runs.append(replace(a_run("d", metrics={"val_loss": 9.0}), status=Status.FAILED))
    (row,) = group_results([runs, [a_run("c")]]).values()
    assert row[0] is not None
    assert (row[0].mean, row[0].n) == (2.0, 2)
    assert row[1] is None


def test_compare_that_opens_before_its_runs_have_begun_fills_itself(app: AppTest, seeded_home: Path) -> None:
    queued, running = run_id_of("queued"), run_id_of("running")
    # Its last heartbeat lies ahead, so that it is not silent, however long the tests before this one took.
    heard = Progress(time=time.time() + 3600, epoch=0, epochs=5).dumps()
    progress = "update tags set value = ? where run_uuid = ? and key = 'fitboard.progress'"
    change(seeded_home, progress, heard, running)
    change(seeded_home, "delete from metrics where run_uuid in (?, ?)", queued, running)
    change(seeded_home, "delete from latest_metrics where run_uuid in (?, ?)", queued, running)
    asked(app, queued, running)
    before = drawn(app)
    assert app.multiselect(key="metric").value == ["val_accuracy", "val_loss"]
    assert "1 queued · 1 running. Waiting for digits-mlp (1) " in said(app)
    assert "Curves appear after the first epoch." in said(app)
    for name in ("val_accuracy", "val_loss"):
        change(seeded_home, "insert into metrics values (?, 0.5, 1000, ?, 1, 0)", name, running)
        change(seeded_home, "insert into latest_metrics values (?, 0.5, 1000, 1, 0, ?)", name, running)
    app.run()
    assert "2 points" in said(app)
    assert drawn(app) == before, "everything had its place before"
    change(seeded_home, "update runs set status = 'FINISHED', end_time = 1 where run_uuid in (?, ?)", queued, running)
    app.run()
    assert "2 finished" in said(app)
    assert "Waiting" not in said(app)


def test_compare_of_runs_of_which_nothing_is_expected_draws_what_comes(app: AppTest, seeded_home: Path) -> None:
    """A choice among no metrics must not stay empty once there are some."""
    queued, running = run_id_of("queued"), run_id_of("running")
    change(seeded_home, "delete from tags where run_uuid in (?, ?) and key like 'fitboard.config%'", queued, running)
    change(seeded_home, "delete from metrics where run_uuid in (?, ?)", queued, running)
    change(seeded_home, "delete from latest_metrics where run_uuid in (?, ?)", queued, running)
    asked(app, queued, running)
    assert "No metric is chosen" in said(app)
    change(seeded_home, "insert into metrics values ('rmse', 0.5, 1000, ?, 1, 0)", running)
    change(seeded_home, "insert into latest_metrics values ('rmse', 0.5, 1000, 1, 0, ?)", running)
    app.run()
    assert app.multiselect(key="metric").value == ["rmse"]
    assert "1 point." in said(app)


@pytest.mark.parametrize(
    ("labels", "every"),
    [(("finished", "second"), None), (("finished", "running"), 2), (("finished",), 2), (("finished", "0000"), 2)],
)
def test_compare_looks_again_while_something_is_awaited(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, labels: tuple[str, ...], every: int | None
) -> None:
    asked_for = []
    monkeypatch.setattr(
        "dashboard.views.compare.page.st.fragment",
        lambda draw, run_every=None: asked_for.append(run_every) or draw,
    )
    asked(app, *(label if label == "0000" else run_id_of(label) for label in labels))
    assert not app.exception
    # The charts are a fragment of their own, which only a zoom redraws.
    assert (asked_for[0], {*asked_for[1:]}) == (every, {None} if len(asked_for) > 1 else set())


def change(home: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(Home(home).database) as connection:
        connection.execute(statement, values)


def test_direction_of_a_metric_can_be_set(app: AppTest, seeded_home: Path) -> None:
    for label, value in (("finished", 0.4), ("second", 0.1)):
        change(
            seeded_home, "insert into latest_metrics values ('accident_rate', ?, 1, 1, 0, ?)", value, run_id_of(label)
        )
    asked(app, FINISHED, SECOND)
    assert "unknown direction; set it under Better: accident_rate." in said(app)
    row = app.table[-1].value.set_index("metric").loc[r"accident\_rate"].to_list()
    assert not any("★" in cell for cell in row)
    app.multiselect(key="lower").set_value(["accident_rate"]).run()
    assert "unknown direction" not in said(app)
    row = app.table[-1].value.set_index("metric").loc[r"accident\_rate"].to_list()
    assert row[1].startswith("**0.1000** ★")


def test_direction_in_the_address_is_followed(app: AppTest) -> None:
    app.query_params["higher"] = ["test_loss"]
    asked(app, FINISHED, SECOND)
    table = app.table[-1].value.set_index("metric")
    stars = {name: ["★" in cell for cell in table.loc[name].to_list()] for name in (r"test\_loss", r"test\_accuracy")}
    assert stars[r"test\_loss"] != stars[r"test\_accuracy"]


def test_epochs_that_were_counted_from_0_are_laid_beside_those_from_1(app: AppTest, seeded_home: Path) -> None:
    make_foreign(seeded_home, "second", "mlflow.autologging", "tensorflow")
    asked(app, FINISHED, SECOND)
    assert not app.exception
    mine, theirs = (run for run in open_reader(Home(seeded_home).tracking_uri({})).get([FINISHED, SECOND]))
    points = Series(steps=range(3), values=(3.0, 2.0, 1.0), times=(1, 2, 3))
    found = histories([mine, theirs], {FINISHED: {"loss": points}, SECOND: {"loss": points}}, ["loss"])
    assert [list(found.series["loss"][each].steps) for each in (FINISHED, SECOND)] == [[0, 1, 2], [1, 2, 3]]
    names = {FINISHED: "a", SECOND: "b"}
    assert steps_words(found, names) == ["Epochs of b were logged from 0 and are shown from 1."]
    logged = histories([mine, theirs], {SECOND: {"loss": points}}, ["loss"], as_logged=True)
    assert (steps_words(logged, names), logged.unit("loss")) == ([], "step")


def test_metrics_of_which_the_steps_are_not_known_are_named_beside_those_of_which_they_are() -> None:
    """MLflow's callback logs what `evaluate` measures under `validation_` with the step 0, again and again."""
    theirs = a_run("a", tags={"mlflow.autologging": "keras"})
    epochs = Series(steps=range(3), values=(3.0, 2.0, 1.0), times=(1, 2, 3))
    evaluated = Series(steps=(0, 0, 0), values=(3.0, 2.0, 1.0), times=(1, 2, 3))
    logged = {"a": {"val_loss": epochs, "validation_loss": evaluated}}
    found = histories([theirs], logged, ["val_loss", "validation_loss"])
    assert [found.unit(name) for name in found.series] == ["epoch", "step"]
    assert steps_words(found, {"a": "a", "b": "b"}) == [
        "Epochs of a were logged from 0 and are shown from 1.",
        "The unit of their validation\\_loss steps is unknown; these are shown as logged.",
    ]


def test_compare_draws_one_thing_under_two_names_once_at_first(app: AppTest, seeded_home: Path) -> None:
    for name in ("val_accuracy", "val_loss"):
        for table in ("metrics", "latest_metrics"):
            columns = "value, timestamp, run_uuid, step, is_nan"
            copy = f"insert into {table} (key, {columns}) select ?, {columns} from {table} where key = ?"
            change(seeded_home, copy, name.replace("val", "validation"), name)
    asked(app, FINISHED, SECOND)
    assert app.multiselect(key="metric").value == ["val_accuracy", "val_loss"]


def test_values_that_are_no_numbers_are_neither_the_best_nor_another_value_of_the_last_epoch() -> None:
    runs = [
        a_run("a", metrics={"loss": -math.inf, "accuracy": math.inf, "cost": float("nan")}),
        a_run("b", metrics={"loss": 0.5, "accuracy": 0.5, "cost": float("nan")}),
        a_run("c", metrics={"loss": 0.7, "accuracy": 0.4, "cost": float("nan")}),
    ]
    table = results(runs)
    for name in ("loss", "accuracy"):
        assert [each.best for each in table[name]] == [False, True, False]
    assert [each.last for each in table["cost"]] == [None, None, None]
    assert undirected(runs, UNTOLD) == ()


def test_compare_says_that_the_steps_of_a_run_are_not_known(app: AppTest, seeded_home: Path) -> None:
    make_foreign(seeded_home, "second", "team", "blue")
    asked(app, FINISHED, SECOND)
    assert "The unit of the steps of " in said(app)
    assert "shown as logged" in said(app)


def make_foreign(home: Path, label: str, tag: str, value: str) -> None:
    """Makes a run one of another program, with one tag."""
    change(home, "delete from tags where run_uuid = ? and key like 'fitboard.%'", run_id_of(label))
    change(home, "insert into tags (run_uuid, key, value) values (?, ?, ?)", run_id_of(label), tag, value)


KEPT = Kept(epoch=2, epochs=5, ended_by="EarlyStopping", values={"val_loss": 0.1, "val_accuracy": 0.99}).dumps()


def test_results_are_those_of_the_kept_epoch_with_the_last_beside() -> None:
    early = a_run("a", metrics={"val_loss": 0.5, "test_loss": 0.2}, tags={"fitboard.kept": KEPT})
    usual = a_run("b", metrics={"val_loss": 0.3, "test_loss": 0.3})
    table = results([early, usual])
    assert [(each.value, each.last, each.best) for each in table["val_loss"]] == [(0.1, 0.5, True), (0.3, None, False)]
    assert table["val_loss"][1].delta == pytest.approx(0.2)
    assert table["test_loss"][0].last is None, "the test is always of the kept network"
    summary = group_results([[early, usual]])["val_loss"][0]
    assert summary is not None
    assert summary.mean == pytest.approx(0.2)


def test_compare_shows_the_kept_and_the_last_value_and_says_which_epoch(app: AppTest, seeded_home: Path) -> None:
    change(seeded_home, "insert into tags (run_uuid, key, value) values (?, 'fitboard.kept', ?)", FINISHED, KEPT)
    asked(app, FINISHED, SECOND)
    assert "whose weights were kept (lr 0.001 epoch 2 of 5" in said(app)
    assert "epoch 2 of 5), otherwise from the last epoch" in said(app)
    row = app.table[-1].value.set_index("metric").loc[r"val\_accuracy"].to_list()
    assert row[0].startswith("**0.9900** ★ :small[:gray[last 0.")


def test_group_line_is_over_the_networks_that_were_kept() -> None:
    runs = tuple(a_run(each, metrics={"val_loss": 0.5}, tags={"fitboard.kept": KEPT}) for each in "ab")
    line = group_line(Group(runs, ()))
    assert line is not None
    assert "validation accuracy 0.9900 (all equal, n 2)" in line.words


def test_runs_on_other_folds_are_found_in_their_order() -> None:
    base = RECIPES[0].config
    configs = dict(zip("abc", repeats(base, 3, Vary.FOLD), strict=True))
    runs = {each: a_run(run_id=each, tags={"fitboard.vary": "fold"}) for each in ("c", "a", "b")}
    again = a_run(run_id="d", tags={"fitboard.vary": "fold"})
    group = Group((again, *runs.values()), ())

    def config(run: Run) -> Config | None:
        return configs["b" if run.run_id == "d" else run.run_id]

    assert folds_of(runs["b"], group, config) == (Fold(1, "a"), Fold(2, "b"), Fold(3, "c"))
    assert folds_of(runs["a"], group, config)[1] == Fold(2, "d"), "the newest of several"
    assert folds_of(runs["a"], Group((runs["a"],), ()), config) == ()
    assert folds_of(a_run(run_id="a"), group, config) == (), "the runs differ in the seed alone"


def give_other_data(home: Path, label: str) -> None:
    change(home, "insert into datasets select ?, experiment_id, name, ?, '', '', '', '' from datasets", label, label)
    change(home, "update inputs set source_id = ? where destination_id = ?", label, run_id_of(label))


def said(app: AppTest) -> str:
    return "\n".join(words.value for words in (*app.caption, *app.markdown)).replace("\\", "")


def drawn(app: AppTest) -> list[tuple[str, str]]:
    """The elements in their order, with the names of the table's rows: what would move if one came between."""
    return [
        (element.type, str(list(element.value.iloc[:, 0])) if element.type == "arrow_table" else "")
        for element in app.main
    ]


def test_differences_stand_above_the_curves(app: AppTest) -> None:
    asked(app, FINISHED, SECOND)
    headings = [each.value for each in app.markdown if each.value.startswith("## ")]
    assert headings == ["## What differs", "## Curves", "## Results", "## Statistical significance", "## Samples"]


def test_log_scale_stands_in_the_address_and_spares_values_without_a_logarithm(app: AppTest, seeded_home: Path) -> None:
    change(seeded_home, "update metrics set value = 0 where key = 'accuracy' and run_uuid = ?", SECOND)
    app.query_params["log"] = "true"
    app.query_params["metric"] = ["loss", "accuracy"]
    asked(app, FINISHED, SECOND)
    assert app.toggle(key="log").value
    assert "Linear, since values of 0 or less have no logarithm: accuracy." in said(app)


def test_report_of_the_page_is_offered_with_notes(app: AppTest) -> None:
    asked(app, FINISHED, SECOND)
    app.text_area(key="compare.notes").set_value("*Width* matters.").run()
    assert not app.exception
    (button,) = app.get("download_button")
    assert button.label == "Download (.html)"
    assert not button.disabled


def test_report_of_the_page_has_the_baseline_first(seeded_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITBOARD_HOME", str(seeded_home))
    runs = open_reader(Home(seeded_home).tracking_uri(environment={})).get([SECOND, FINISHED])
    text = report_of(runs, ["val_loss"], UNTOLD, "*Width* matters.").decode()
    held = json.loads(text.partition('id="fitboard-comparison">')[2].partition("</script>")[0])
    assert held["baseline"] == SECOND
    assert list(held["curves"]) == ["val_loss"]
    assert "<em>Width</em>" in text


def test_layers_are_aligned_beside_the_curves_and_not_repeated_as_settings(app: AppTest) -> None:
    asked(app, FINISHED, SECOND)
    tables = [table.value for table in app.table]
    layers = next(table for table in tables if "layers" in table.columns)
    assert list(layers["layers"]) == [":gray[same]", ":blue-badge[changed]", ":gray[same]"]
    assert list(layers.iloc[1])[1:] == ["2 Dense\\: units\\=128", "2 Dense\\: units\\=64"]
    assert not any(str(name).startswith("layers") for table in tables for name in table.get("setting", ()))


def test_thousands_of_unknown_ids_are_one_sentence_and_few_searches(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []
    find = loaders.find
    monkeypatch.setattr(loaders, "find", lambda word: searched.append(word) or find(word))
    asked(app, FINISHED, SECOND[:8], *(f"{number:08x}" for number in range(5_000)), "f" * 10_000)
    assert not app.exception
    assert [each.value.replace("\\", "") for each in app.warning] == [
        "5,001 of the 5,003 run ids in the address were not found or are ambiguous, such as '00000000', '00000001', "
        "'00000002'; `fitboard runs` lists all runs."
    ]
    assert len(app.table) == 3, "the runs that were found are compared"
    assert len(searched) <= 2 * 21
