import pytest

from dashboard.views.runs.columns import clicked_sort, param_words, run_rows, sort_of
from tests.support.runs import NOW, a_run
from trainer.config import Directions
from trainer.execution import Expected
from trainer.format import when
from trainer.tracking import Progress, Series, Sort, Status, Tag

DAY = 86_400


@pytest.mark.parametrize(
    ("clicked", "now", "then"),
    [
        ("when", ("started", False), ("started", True)),
        ("metrics.val_loss", ("started", False), ("metrics.val_loss", True)),
        ("metrics.val_accuracy", ("started", False), ("metrics.val_accuracy", False)),
        ("metrics.val_loss", ("metrics.val_loss", True), ("metrics.val_loss", False)),
        ("dataset", ("started", False), ("params.dataset", True)),
        ("curve", ("started", False), None),
        ("metrics.val_loss@best", ("started", False), ("metrics.val_loss@best", True)),
        ("metrics.val_accuracy@best:val_loss", ("started", False), ("metrics.val_accuracy@best:val_loss", False)),
    ],
)
def test_clicked_sort_takes_the_better_end_first_and_then_turns_round(
    clicked: str, now: tuple[str, bool], then: tuple[str, bool] | None
) -> None:
    assert clicked_sort(clicked, now) == then


def test_click_sorts_the_end_first_that_a_person_called_better() -> None:
    said = Directions.of([], ["accident_rate"])
    assert clicked_sort("metrics.val_accident_rate", ("started", False), said) == ("metrics.val_accident_rate", True)


def test_sort_of_a_column_asks_the_store_for_what_it_means() -> None:
    assert sort_of("params.seed", ascending=True) == Sort(kind="param", name="seed", descending=False)
    assert sort_of("duration", ascending=False) == Sort(name="duration")
    assert sort_of("nonsense", ascending=False) == Sort()


def test_when_is_relative_and_exact_and_names_the_day_of_older_runs() -> None:
    assert when(int(NOW - 5) * 1000, NOW).startswith("5 s ago · ")
    assert when(int(NOW - 3 * DAY) * 1000, NOW).startswith("3 d ago · ")
    assert len(when(int(NOW - 3 * DAY) * 1000, NOW)) > len(when(int(NOW - 5) * 1000, NOW))
    assert when(None, NOW) == "–"


def test_rows_show_progress_only_while_a_run_is_live() -> None:
    tag = Progress(time=NOW, epoch=1, epochs=2).dumps()
    live = a_run(run_id="cd" * 16, status=Status.RUNNING, end_time=None, tags={Tag.PROGRESS: tag})
    assert "progress" not in run_rows([a_run()], {}, now=NOW).shown
    rows = run_rows([live, a_run()], {}, now=NOW)
    assert rows.live
    assert rows.cells["progress"] == [0.5, None]
    assert rows.cells["duration"] == ["1 min …", "10 s"]


def test_rows_of_runs_that_lack_what_others_have_are_empty_there() -> None:
    other = a_run(run_id="cd" * 16, metrics={"rmse": 1.5, "loss": float("inf")}, params={"depth": "3"})
    rows = run_rows([a_run(), other], {other.run_id: {}}, now=NOW, chosen=["params.depth"], sorted_by="metrics.rmse")
    assert rows.cells["params.depth"] == ["", "3"]
    assert rows.cells["metrics.rmse"] == ["", "1.500"]
    assert rows.cells["curve"] == [[], []]


def test_values_that_were_read_have_cells_and_others_are_empty() -> None:
    best = "metrics.val_loss@best"
    rows = run_rows([a_run(), a_run(run_id="cd" * 16)], {}, now=NOW, chosen=[best], values={"cd" * 16: {best: 0.25}})
    assert rows.cells[best] == ["", "0.2500"]
    assert best in rows.metrics


def test_rows_draw_the_course_of_the_loss() -> None:
    run = a_run(metrics={"loss": 1.0})
    curve = Series(steps=[1, 2], values=[3.0, 1.0], times=[1, 2])
    assert run_rows([run], {run.run_id: {"loss": curve}}, now=NOW).cells["curve"] == [[3.0, 1.0]]


def test_title_of_a_run_is_one_line_and_never_empty() -> None:
    assert a_run(name=" a\n b ").title == "a b"
    assert a_run(name="").title == "abababab"


def test_rows_of_runs_that_wait_say_when_they_start() -> None:
    waiting = [
        a_run(run_id=each * 32, status=Status.SCHEDULED, end_time=None, tags={Tag.CONFIG_DIGEST: "d"}) for each in "abc"
    ]
    expected = {"a" * 32: Expected(ahead=0, seconds=38.0), "b" * 32: Expected(ahead=1, seconds=None)}
    assert run_rows(waiting, {}, now=NOW, expected=expected).cells["duration"] == ["in ~40 s", "behind 1", "–"]


def test_learning_rate_and_what_varies_are_default_columns() -> None:
    same = {"learning_rate": "0.001", "batch_size": "32", "layer.1.units": "8", "layers": "Dense 8", "note": "x" * 40}
    others = {**same, "batch_size": "64", "layer.1.units": "9", "layers": "Dense 9", "note": "y" * 40, "seed": "1"}
    runs = [a_run(params=same), a_run(run_id="cd" * 16, params=others)]
    shown = run_rows(runs, {}, now=NOW).shown
    assert [name for name in shown if name.startswith("params.")] == ["params.learning_rate", "params.batch_size"]
    assert "params.learning_rate" not in run_rows([a_run(params={"depth": "1"})], {}, now=NOW).shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("n_estimators", "8970", "8,970"),
        ("alpha", "1000.0", "1,000"),
        ("alpha", "-12345.678", "−12,345.678"),
        ("batch_size", "128", "128"),
        ("learning_rate", "1e-05", "1e-05"),
        ("learning_rate", "0.00001", "0.00001"),
        ("learning_rate", "0.003456789012345678", "0.003457"),
        ("learning_rate", "3.456789012345678e-05", "3.457e-05"),
        ("momentum", "0.9437214901237561", "0.9437"),
        ("shift", "-12.345678901", "−12.35"),
        ("alpha", "0.000001", "0.000001"),
        ("random_state", "0.123456789", "0.123456789"),
        ("seed", "123456", "123456"),
        ("random_state", "123456", "123456"),
        ("dataset.split_seed", "123456", "123456"),
        ("code", "00012", "00012"),
        ("version", "2024.1.3", "2024.1.3"),
    ],
)
def test_param_is_short_and_has_thousands_separators_where_it_is_a_quantity(name: str, value: str, shown: str) -> None:
    assert param_words(name, value) == shown
