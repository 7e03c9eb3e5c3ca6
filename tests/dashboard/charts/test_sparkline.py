import math

from dashboard.charts.sparkline import sparkline, sparkline_metric


def test_sparkline_metric_is_the_loss_or_what_comes_nearest_to_it() -> None:
    assert sparkline_metric({"val_loss": 1.0, "loss": 1.0}) == "loss"
    assert sparkline_metric(["accuracy", "rmse"]) == "rmse"
    assert sparkline_metric(["generator_loss", "accuracy"]) == "generator_loss"
    assert sparkline_metric(["accuracy"]) is None


def test_sparkline_keeps_only_values_that_can_be_drawn() -> None:
    assert sparkline([3.0, math.nan, 1.797693e308, 1.0]) == [3.0, 1.0]
    assert sparkline([3.0, math.inf]) == []


def test_sparkline_of_a_long_history_is_short_and_keeps_the_peak() -> None:
    values = [1.0] * 5_000
    values[777] = 8.0
    drawn = sparkline(values)
    assert len(drawn) <= 60
    assert max(drawn) == 8.0
