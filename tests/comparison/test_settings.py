import math

from tests.support.runs import a_run
from trainer.comparison import measured, settings_of
from trainer.tracking import Tag


def runs_with(*params: dict[str, str], **fields):
    return [a_run(run_id=f"{place:032x}", params=each, **fields) for place, each in enumerate(params)]


def test_only_params_that_differ_are_settings_in_the_order_of_logging():
    same = {"epochs": "5", "units": "8"}
    (found,) = settings_of(runs_with({"rate": "0.1", **same}, {"rate": "0.2", **same}))
    assert found.name == "rate"
    assert found.texts == ("0.1", "0.2")
    assert found.numbers == (0.1, 0.2)


def test_param_that_a_run_lacks_is_missing_and_one_with_a_word_has_no_numbers():
    params = ({"units": "8", "optimizer": "Adam"}, {"optimizer": "SGD"}, {"units": "nan", "optimizer": "Adam"})
    units, optimizer = settings_of(runs_with(*params))
    assert units.texts == ("8", None, "nan")
    assert units.numbers is None
    assert optimizer.numbers is None
    (units,) = settings_of(runs_with({"units": "8"}, {}, {"units": "9"}))
    assert units.numbers is not None
    assert units.numbers[::2] == (8.0, 9.0)
    assert math.isnan(units.numbers[1])


def test_params_that_always_change_together_are_one_setting():
    first, other = settings_of(
        runs_with(
            {"units": "8", "size": "small", "rate": "0.1"},
            {"units": "16", "size": "large", "rate": "0.1"},
            {"units": "8", "size": "small", "rate": "0.2"},
        )
    )
    assert (first.name, first.also) == ("units", ("size",))
    assert (other.name, other.also) == ("rate", ())


def test_what_only_summarizes_is_left_out_of_fitboards_runs_alone():
    params = ({"layers": "2", "units": "8"}, {"layers": "3", "units": "8"})
    assert settings_of(runs_with(*params, tags={Tag.CONFIG_DIGEST: "ab"})) == ()
    assert [each.name for each in settings_of(runs_with(*params))] == ["layers"]


def test_no_runs_have_no_settings():
    assert settings_of([]) == ()


def test_metric_that_a_run_lacks_is_missing():
    found = measured("loss", [0.25, None, math.nan])
    assert found.texts == ("0.2500", None, None)
    assert found.numbers is not None
    assert math.isnan(found.numbers[1])
