"""The order and the widths of columns, as the address keeps them."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.views.runs.arrangement import arranged, moved, width_texts, widths_of

SHOWN = ("color", "name", "status", "when", "metrics.a", "metrics.b", "curve")


def test_column_is_moved_before_another_and_to_the_end() -> None:
    order = moved(SHOWN, "metrics.b", "status")
    assert arranged(SHOWN, order) == ("color", "name", "metrics.b", "status", "when", "metrics.a", "curve")
    order = moved(SHOWN, "status", "")
    assert arranged(SHOWN, order) == ("color", "name", "when", "metrics.a", "metrics.b", "curve", "status")


def test_color_and_name_stay_first() -> None:
    for column, before in (("name", "curve"), ("curve", "name"), ("curve", "color"), ("gone", "status")):
        assert arranged(SHOWN, moved(SHOWN, column, before)) == SHOWN
    assert arranged(SHOWN, ("curve", "name", "color"))[:2] == ("color", "name")


def test_new_column_stands_behind_the_one_that_it_follows() -> None:
    order = moved(SHOWN, "metrics.b", "status")
    shown = ("color", "name", "new.1", "status", "when", "metrics.a", "metrics.b", "new.2", "curve")
    expected = ("color", "name", "new.1", "metrics.b", "new.2", "status", "when", "metrics.a", "curve")
    assert arranged(shown, order) == expected


@given(st.permutations(SHOWN), st.lists(st.sampled_from([*SHOWN, "gone"])))
def test_no_column_is_lost_or_doubled(shown: list[str], order: list[str]) -> None:
    assert sorted(arranged(shown, order)) == sorted(SHOWN)


def test_widths_survive_the_address_and_bad_ones_are_left_out() -> None:
    widths = {"metrics.a:b": 120, "name": 400}
    assert widths_of(width_texts(widths)) == widths
    assert widths_of(["a", ":5", "a:", "a:x", "a:-5", "a:٣", "a:1e3", "a:999999999", ""]) == {}
    assert widths_of(["a:1", "b:99999"]) == {"a": 40, "b": 1_200}
