"""Time series in a table: which windows there are, in which parts, and what is said about those that cannot be."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.configs import PATIENT
from tests.support.series_files import sales, series_config, with_own_dates
from trainer.config.series import Series
from trainer.data import Splits, describe, load, preview
from trainer.data.preparation import SeriesPreparation, Windows, state_digest
from trainer.errors import DataError
from trainer.home import Home

_PARTS = ("train", "validation", "test")


def _load(folder: Path, rows: Sequence[str], /, **fields: Any) -> Splits:
    path = folder / "own.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return load(Series(path=str(path), **{"target": ["y"], **fields}), home=Home(folder / "home"))


def _counted(rows: int, *, name: str = "a", first: int = 0) -> list[str]:
    return [f"{first + row},{name},{row + 0.5}" for row in range(rows)]


def test_windows_are_those_of_a_plain_loop_over_each_series(tmp_path: Path) -> None:
    path = sales(tmp_path / "sales.csv")
    splits = load(series_config(path, step=2, columns={"receipt": "ignore"}).dataset, home=Home(tmp_path / "home"))
    frame = pd.read_csv(path, parse_dates=["day"])
    ends = frame["day"].sort_values(ignore_index=True)
    test = int(np.ceil(0.2 * len(frame)))
    begins = ends[len(frame) - test - int(np.ceil(0.2 * (len(frame) - test)))], ends[len(frame) - test]
    expected: dict[str, list[tuple[int, ...]]] = {part: [] for part in _PARTS}
    for _, steps in frame.sort_values("day", kind="stable").groupby("store"):
        part = (steps["day"] >= begins[0]).to_numpy().astype(int) + (steps["day"] >= begins[1]).to_numpy()
        for first in range(0, len(steps) - 7, 2):
            following = slice(first + 6, first + 8)
            if len(set(part[following])) == 1 and steps["sold"][following].notna().all():
                expected[_PARTS[part[first + 6]]].append(tuple(steps.index[first : first + 8]))
    found = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    for part, windows in expected.items():
        raw = splits.raw[part]
        assert isinstance(raw, Windows)
        rows = raw.steps.rows[raw.starts[:, None] + np.arange(8)]
        assert sorted(map(tuple, rows.tolist())) == sorted(windows), part
        np.testing.assert_array_equal(found[part].y, frame["sold"].to_numpy(np.float32)[rows[:, 6:]])
    assert splits.schema.output_names == ("sold +1", "sold +2")
    np.testing.assert_array_equal(splits.test_rows, rows[:, 6])


def test_dates_of_a_format_of_their_own_order_the_steps_as_iso_dates_do(tmp_path: Path) -> None:
    path = sales(tmp_path / "sales.csv")
    config = series_config(path, columns={"receipt": "ignore", "day": "date"})
    expected = load(config.dataset, home=Home(tmp_path / "home"))
    own = series_config(with_own_dates(path), columns={"receipt": "ignore", "day": "date"})
    with pytest.raises(DataError, match=r"'day' in sales.csv orders the steps, but contains text"):
        load(own.dataset, home=Home(tmp_path / "home"))
    dataset = own.dataset.model_copy(update={"date_formats": {"day": "%d.%m.%Y"}})
    found = load(dataset, home=Home(tmp_path / "home"))
    for one, other in ((found.train, expected.train), (found.test, expected.test)):
        everything = np.arange(len(one.y))
        np.testing.assert_array_equal(one.x[everything], other.x[everything])
        np.testing.assert_array_equal(one.y, other.y)
    unknown = dataset.model_copy(update={"date_formats": {"dax": "%d.%m.%Y"}})
    with pytest.raises(DataError, match="has no column 'dax' for date_formats; did you mean 'day'"):
        load(unknown, home=Home(tmp_path / "home"))


@pytest.mark.parametrize("name", ["sales.csv", "sales.parquet"])
def test_series_larger_than_memory_give_the_windows_that_memory_gives(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sales(tmp_path / "sales.csv")
    if name.endswith(".parquet"):
        pd.read_csv(path, parse_dates=["day"]).to_parquet(tmp_path / name)
    dataset = series_config(tmp_path / name).dataset
    expected = load(dataset, home=Home(tmp_path / "home"))
    size = (tmp_path / name).stat().st_size
    # As if the file needed more than there is, while its numbers do not.
    monkeypatch.setattr("trainer.data.sources.readers.memory_limit", lambda: size)
    found = load(dataset, home=Home(tmp_path / "other"))
    assert found.schema.working_bytes > expected.schema.working_bytes
    assert replace(found.schema, working_bytes=expected.schema.working_bytes) == expected.schema
    for part in _PARTS:
        one, other = getattr(found, part), getattr(expected, part)
        everything = np.arange(len(one.y))
        np.testing.assert_array_equal(one.x[everything], other.x[everything])
        np.testing.assert_array_equal(one.y, other.y)
    monkeypatch.setattr("trainer.data.sources.series_reading.memory_limit", lambda: 1_000)
    with pytest.raises(DataError, match=r"153 steps of 4 columns in sales.* need .* of memory; the limit is 1.0 kB\."):
        load(dataset, home=Home(tmp_path / "third"))


def test_no_statistic_of_the_preparation_sees_validation_or_test_steps(tmp_path: Path) -> None:
    """A mark in every step that is no training step changes neither the state nor a prepared training window."""
    lines = sales(tmp_path / "sales.csv").read_text(encoding="utf-8").splitlines()
    config = series_config(tmp_path / "sales.csv")
    first = load(config.dataset, home=Home(tmp_path / "home"))
    states = {}
    for marked in ("later", "train"):
        days = [line.split(",")[0] for line in lines[1:]]
        test = math.ceil(0.2 * len(days))
        begin = sorted(days)[len(days) - test - math.ceil(0.2 * (len(days) - test))]
        rows = [lines[0]]
        for line in lines[1:]:
            cells = line.split(",")
            if (cells[0] >= begin) == (marked == "later"):
                cells[2:6] = ["1e6", "1000", "hail", "-1e5"]
            rows.append(",".join(cells))
        (tmp_path / "sales.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        found = load(config.dataset, home=Home(tmp_path / "home"))
        assert found.fitted is not None
        assert found.digest != first.digest
        states[marked] = state_digest(found.fitted.state())
        if marked == "later":
            np.testing.assert_array_equal(found.train.x, first.train.x)
            assert np.abs(found.test.x).max() > 1000
    assert first.fitted is not None
    assert states["later"] == state_digest(first.fitted.state()) != states["train"]
    assert SeriesPreparation.from_state(first.fitted.state()) == first.fitted


@PATIENT
@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    past=st.integers(1, 4),
    horizon=st.integers(1, 3),
    step=st.integers(1, 3),
    split=st.sampled_from(["time", "place", "id"]),
    gaps=st.sampled_from(["keep", "split"]),
    data=st.data(),
)
def test_no_window_crosses_series_or_predicts_steps_of_two_parts(
    sizes: list[int],
    past: int,
    horizon: int,
    step: int,
    split: str,
    gaps: str,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = [row for place, size in enumerate(sizes) for row in _counted(size, name=f"s{place}", first=3 * place)]
    rows = data.draw(st.permutations(rows)) if split != "place" else rows
    fields = {"past": past, "horizon": horizon, "step": step, "gaps": gaps, "id": "s", "columns": {"t": "numeric"}}
    fields |= {"time": None if split == "place" else "t", "split": "id" if split == "id" else "time"}
    folder = tmp_path_factory.mktemp("own")
    try:
        splits = _load(folder, ["t,s,y", *rows], **fields)
    except DataError:
        # Too few steps for a window in each part.
        return
    latest: list[float] = []
    for part in _PARTS:
        raw = splits.raw[part]
        assert isinstance(raw, Windows)
        cells = raw.shown()
        if not len(cells):
            continue
        # In every series y is one half more than the number of its step, so that a window is a run of them.
        y = np.concatenate([cells[:, :, 1].astype(float), getattr(splits, part).y], axis=1)
        np.testing.assert_array_equal(np.diff(y, axis=1), 1)
        if split == "time":
            times = cells[:, -1, 0].astype(float)
            latest += [times.min() + 1, times.max() + horizon]
    # Every predicted step of a part is later than all of the part before.
    assert not latest or latest == sorted(latest)
    held = load(splits_dataset(folder, fields), home=Home(folder / "home"), held=0)
    for part in _PARTS:
        streamed, copied = getattr(held, part).x, getattr(splits, part).x
        np.testing.assert_array_equal(streamed[np.arange(len(copied))], copied)


def splits_dataset(folder: Path, fields: dict[str, Any]) -> Series:
    return Series(path=str(folder / "own.csv"), target=["y"], **fields)


def test_order_of_the_file_counts_without_a_time_and_each_series_is_divided(tmp_path: Path) -> None:
    rows = [*_counted(20, name="a"), *_counted(10, name="b")]
    splits = _load(tmp_path, ["t,s,y", *rows], id="s", past=2, columns={"t": "ignore"})
    assert splits.test.y.tolist() == [[16.5], [17.5], [18.5], [19.5], [8.5], [9.5]]
    assert splits.notes[0] == "26 windows of 30 steps in 2 series, in the order of the file."
    assert "begin with steps of the part before" in splits.notes[1]


def test_gaps_and_repeated_times_are_told(tmp_path: Path) -> None:
    rows = [*_counted(10), *_counted(10, first=20), "29,a,0.0"]
    fields: dict[str, Any] = {"time": "t", "past": 2, "columns": {"s": "ignore"}}
    kept = _load(tmp_path, ["t,s,y", *rows], **fields)
    assert "The time has 1 gap; windows cross them." in kept.notes
    assert "1 step has the time of the step before." in kept.notes
    divided = _load(tmp_path, ["t,s,y", *rows], gaps="split", **fields)
    assert "The time has 1 gap; no window crosses them." in divided.notes
    assert kept.schema.samples - divided.schema.samples == 2


_COUNTED = ["t,s,y", *_counted(30)]


@pytest.mark.parametrize(
    ("rows", "fields", "message"),
    [
        (_COUNTED, {"target": ["z"]}, r"own\.csv has no column 'z' for target; it has t, s, y\."),
        (_COUNTED, {"time": "T"}, r"own\.csv has no column 'T' for time; did you mean 't'\?"),
        (_COUNTED, {"target": ["y", "y"]}, r"target names a column of own\.csv twice"),
        (_COUNTED, {"time": "y"}, r"'y' is the target of own\.csv, so it is neither its time nor its id"),
        (
            _COUNTED,
            {"columns": {"y": "category"}},
            r"'y' is the target .* must be numeric, or ignore .* category\.",
        ),
        (_COUNTED, {"time": "s"}, r"'s' in own\.csv orders the steps, but contains text; expected dates"),
        ([*_COUNTED, ",a,1"], {"time": "t"}, r"'t' in own\.csv is missing in row 31 below the header; expected a time"),
        (
            [*_COUNTED, "31,,1"],
            {"id": "s"},
            r"'s' in own\.csv is missing in row 31 below the header; expected the",
        ),
        ([*_COUNTED, "31,a,x"], {}, r"'y' in own\.csv is 'x' in row 31 below the header; expected a number"),
        (_COUNTED, {"past": 40}, r"A window needs 41 steps \(past 40 and horizon 1\), but the longest series has 30"),
        (_COUNTED, {"past": 3, "horizon": 8}, r"The validation data have 5 steps and no window with all 8 steps"),
        (_COUNTED, {"split": "id"}, r"A split by id requires the column that names the series; set id"),
        (_COUNTED, {"split": "id", "id": "s"}, r"The split by 's' leaves 1 group for two parts"),
        (_COUNTED, {"folds": 3}, r"A split of a series by time cannot have folds; set folds to null, or split by id"),
        (
            _COUNTED,
            {"columns": dict.fromkeys("tsy", "ignore")},
            r"No column of own\.csv is left as an input; give a column",
        ),
    ],
)
def test_unusable_series_is_refused_in_a_sentence(
    rows: list[str], fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message):
        _load(tmp_path, rows, **{"past": 2, **fields})


def test_schema_names_outputs_and_samples_are_windows(tmp_path: Path) -> None:
    config = series_config(sales(tmp_path / "sales.csv"), target=["sold", "visits"])
    home = Home(tmp_path / "home")
    schema = describe(config.dataset, home=home)
    assert schema.output_names == ("sold +1", "visits +1", "sold +2", "visits +2")
    assert schema.outputs == len(schema.targets) == 4
    assert schema.input_shape == (6, len(schema.feature_names))
    assert schema.raw_names == ("sold", "visits", "rain", "heat")
    shown = preview(config.dataset, home=home, count=3)
    assert shown is not None
    assert shown.x.shape == (3, 6, 4)
