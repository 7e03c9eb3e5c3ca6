"""The keys that are offered under the search box."""

from dashboard.views.runs.completions import offered_keys


def test_results_come_first_then_params_tags_and_attributes_as_a_filter_writes_them() -> None:
    columns = [("metric", "aaa"), ("metric", "val_loss"), ("param", "batch size"), ("tag", "team"), ("tag", '`"')]
    assert offered_keys(columns)[:4] == ["metrics.val_loss", "metrics.aaa", "params.`batch size`", "tags.team"]
    assert offered_keys(columns)[4] == "run_name"
    assert len(offered_keys([("metric", f"m{number}") for number in range(9_000)])) == 5_000
