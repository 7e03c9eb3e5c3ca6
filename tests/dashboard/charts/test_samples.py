import numpy as np

from dashboard.charts.samples import pictures, rows, sequences


def test_pictures_are_enlarged_by_whole_points_and_named() -> None:
    x = np.array([[[0.0, 16.0], [8.0, 0.0]]])
    [picture] = pictures(x, np.array([1]), ("no", "yes"), side=8)
    assert picture.image.shape == (8, 8)
    assert picture.image.dtype == np.uint8
    assert picture.image[0, 0] == 0
    assert picture.image[0, 7] == 255
    assert picture.label == "yes"


def test_pictures_keep_colours_and_drop_a_single_channel() -> None:
    y = np.array([0])
    assert pictures(np.zeros((1, 4, 4, 3)), y, (), side=4)[0].image.shape == (4, 4, 3)
    assert pictures(np.zeros((1, 4, 4, 1)), y, (), side=4)[0].image.shape == (4, 4)
    assert pictures(np.zeros((1, 4, 4, 4)), y, (), side=4)[0].image.shape == (4, 4, 3)


def test_pictures_of_one_value_or_of_nothing_are_no_error() -> None:
    assert pictures(np.full((1, 2, 2), 7.0), np.array([0]), ())[0].image.max() == 0
    assert pictures(np.zeros((0, 2, 2)), np.array([], int), ()) == []


def test_rows_show_the_label_first_and_say_how_many_columns_are_left_out() -> None:
    table = rows(np.ones((2, 10)), np.array([[0.5], [1.25]]), ("a",), ())
    assert list(table) == ["label", "a", *(f"x{n}" for n in range(2, 9)), "and 2 more"]
    assert table["label"] == ["0.5", "1.25"]


def test_a_class_without_a_name_is_its_number() -> None:
    assert rows(np.ones((1, 1)), np.array([5]), (), ("only",))["label"] == ["5"]


def test_sequences_leave_padding_out_and_keep_the_end() -> None:
    [(label, words)] = sequences(np.array([[0, 0, *range(1, 40)]]), np.array([0]), ("bad",))
    assert label == "bad"
    assert words.startswith("… ")
    assert words.endswith("38 39")
    assert " 0 " not in words


def test_texts_are_shown_as_words_without_their_start_and_with_unknown_tokens() -> None:
    words = {0: "", 1: "", 2: "[OOV]", 4: "oil", 5: "rose"}
    [(_, text)] = sequences(np.array([[0, 1, 4, 5, 2, 77]]), np.array([0]), (), words=words)
    assert text == "oil rose [OOV] 77"
    [(_, text)] = sequences(np.array([[1, 4, 5]]), np.array([0]), (), words=words, most=1)
    assert text == "… rose"
