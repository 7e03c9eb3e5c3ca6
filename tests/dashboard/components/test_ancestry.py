from dashboard.views.run.ancestry import ancestry_dot, ancestry_steps
from tests.support.runs import a_run
from tests.support.store import config_of
from trainer.config import Config
from trainer.reproduce import Verdict
from trainer.tracking import LoggedDataset, Run, Tag

CONFIGS = {"a" * 32: config_of(), "b" * 32: config_of(units=64, rate=0.01), "c" * 32: config_of(units=64, rate=0.01)}
SAME = Verdict(identical=True, weights_equal=True)


def _config(run: Run) -> Config | None:
    return CONFIGS.get(run.run_id)


def _chain() -> list[Run]:
    verdict = {Tag.VERDICT: SAME.dumps()}
    return [
        a_run(run_id="a" * 32, name="first", metrics={"test_accuracy": 0.8}),
        a_run(run_id="b" * 32, name="second", metrics={"test_accuracy": 0.9}),
        a_run(run_id="c" * 32, name='a "third" \\ & <b>one</b>\n', metrics={"test_accuracy": 0.9}, tags=verdict),
    ]


def test_steps_say_what_changed_and_what_came_of_it() -> None:
    first, second, third = ancestry_steps(_chain(), _config)
    assert (first.result, first.changes, first.effect) == ("test accuracy 0.8000", (), "")
    assert second.changes == ("layers.2.units: 128 → 64", "optimizer.learning_rate: 0.001 → 0.01")
    assert second.effect == "test accuracy +0.100 (+12.5 %)"
    assert (third.changes, third.effect) == (("the same config",), "identical")


def test_other_data_are_a_change_whose_effect_is_not_told() -> None:
    logged = {run.run_id: (LoggedDataset("mine.npz", run.run_id, "training"),) for run in _chain()}
    second, third = ancestry_steps(_chain(), _config, logged)[1:]
    assert second.changes[0].startswith("data digest: aaaa")
    assert len(third.changes) == 1
    assert (second.effect, third.effect) == ("", "")


def test_run_alone_has_no_graph_and_one_without_results_has_no_effect() -> None:
    assert ancestry_steps(_chain()[:1], _config) == ()
    steps = ancestry_steps([a_run(run_id="a" * 32), a_run(run_id="b" * 32)], _config)
    assert [(step.result, step.effect) for step in steps] == [("", ""), ("", "")]


def test_dot_keeps_what_users_typed_in_its_quotes() -> None:
    dot = ancestry_dot(ancestry_steps(_chain(), _config), dark=False)
    assert r'label="a \"third\" \\ &amp; <b>one</b>\ntest accuracy 0.9000"' in dot
    assert r'0 -> 1 [label="layers.2.units: 128 → 64\noptimizer.learning_rate' in dot
    assert all(line.count('"') % 2 == 0 for line in dot.replace(r"\"", "").splitlines())


def test_many_changes_are_counted_and_a_long_chain_goes_downwards() -> None:
    other = config_of(units=64, rate=0.01, seed=5).model_copy(update={"epochs": 9, "batch_size": 7})
    runs = [a_run(run_id="a" * 32), a_run(run_id="d" * 32)]
    _, step = ancestry_steps(runs, lambda run: other if run.run_id == "d" * 32 else config_of())
    assert len(step.changes) == 5
    assert step.changes[-1] == "and 1 more"
    assert "rankdir=TB" in ancestry_dot(ancestry_steps(runs * 3, _config), dark=True)
