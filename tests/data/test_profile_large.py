"""The profile of a table that is larger than memory: all rows are counted, and a sample of them is looked at."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.commands import call
from trainer.data.profile import FindingKind, Profile, profile
from trainer.data.profile.column import Column, ColumnType
from trainer.data.profile.summary import summarize_column
from trainer.data.profile.whole import ColumnCount
from trainer.home import Home

ROWS = 40_000
LIMIT = 1_500_000


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(3)
    found = pd.DataFrame(
        {
            "number": np.arange(ROWS),
            "size": random.normal(50, 10, ROWS).round(2),
            "color": random.choice(["red", "green", " blue"], ROWS),
            "day": pd.date_range("2024-01-01", periods=ROWS, freq="h"),
            "sold": pd.date_range("2024-01-01", periods=ROWS, freq="min").strftime("%d.%m.%Y"),
            "answer": random.choice(["yes", "no"], ROWS, p=[0.95, 0.05]),
        }
    )
    found.loc[::7, "size"] = np.nan
    return found


@pytest.fixture(autouse=True)
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.data.profile.reading.memory_limit", lambda: LIMIT)


def written(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path)
    return path


def in_memory(path: Path, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> Profile:
    with monkeypatch.context() as patch:
        patch.setattr("trainer.data.profile.reading.memory_limit", lambda: 2**40)
        return profile(path, fields)


@pytest.mark.parametrize("name", ["large.csv", "large.parquet"])
def test_counts_of_all_rows_are_those_of_a_table_in_memory(
    name: str, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(frame, tmp_path / name)
    fields = {"target": "answer", "labels": {"no": "never"}, "date_formats": {"sold": "%d.%m.%Y"}}
    whole, found = in_memory(path, monkeypatch, **fields), profile(path, fields)
    assert whole.sampled is None
    assert found.sampled is not None
    assert found.sampled < ROWS / 4
    assert found.rows == ROWS
    assert found.digest == whole.digest
    assert f"a sample of {found.sampled:,} rows" in found.notes[0]
    for one, other in zip(found.columns, whole.columns, strict=True):
        counted = ("name", "type", "rows", "missing", "distinct", "common", "longest")
        assert [getattr(one, each) for each in counted] == [getattr(other, each) for each in counted]
        if one.quantiles is None or other.quantiles is None:
            assert one.quantiles is other.quantiles
            continue
        assert (one.quantiles.minimum, one.quantiles.maximum) == (other.quantiles.minimum, other.quantiles.maximum)
        assert one.quantiles.mean == pytest.approx(other.quantiles.mean, rel=1e-9)
        assert one.quantiles.deviation == pytest.approx(other.quantiles.deviation, rel=1e-9)
        assert one.quantiles.median == pytest.approx(other.quantiles.median, rel=0.2)


def test_findings_say_what_is_seen_in_the_sample(frame: pd.DataFrame, tmp_path: Path) -> None:
    found = profile(written(frame, tmp_path / "large.csv"), {"target": "answer"})
    by_kind = {each.kind: each for each in found.findings}
    assert by_kind[FindingKind.IDENTIFIER].message.startswith(
        "Column 'number' looks like an identifier: 40,000 distinct"
    )
    start = f"In a sample of {found.sampled:,} rows: "
    assert by_kind[FindingKind.DATES_AS_TEXT].message.startswith(f"{start}Column 'sold' contains dates as text")
    assert by_kind[FindingKind.IMBALANCE].message.startswith(f"{start}The classes of the target 'answer'")
    assert "from 2024-01-01 to 2028-07-24 15:00:00" in by_kind[FindingKind.TIME].message


def test_values_that_the_sample_lacks_decide_the_type_of_their_column(frame: pd.DataFrame, tmp_path: Path) -> None:
    odd = frame.assign(count=np.arange(ROWS) % 50, code=np.arange(ROWS) % 40, rare=None).astype({"code": object})
    odd["count"] = odd["count"].astype(object)
    odd.loc[ROWS - 5, "count"], odd.loc[ROWS - 7, "code"], odd.loc[ROWS - 9, "rare"] = 0.5, "lost", 3
    found = profile(written(odd, tmp_path / "large.csv"), {"target": "answer"})
    columns = {each.name: each for each in found.columns}
    assert {name: str(columns[name].type) for name in ("count", "code", "rare")} == {
        "count": "float",
        "code": "text",
        "rare": "integer",
    }
    assert (columns["code"].distinct, columns["count"].distinct, columns["rare"].missing) == (41, 51, ROWS - 1)
    (about,) = [each for each in found.findings if each.kind is FindingKind.NUMBERS_AS_TEXT]
    assert about.message.startswith("Column 'code' was read as text because of 'lost' in 1 row")
    assert [edit.value for edit in about.edits] == ["lost"]


def test_dates_of_another_format_beyond_the_sample_leave_a_column_text(frame: pd.DataFrame, tmp_path: Path) -> None:
    odd = frame.copy()
    odd.loc[ROWS - 3, "sold"] = "unknown"
    for name in ("large.csv", "large.parquet"):
        found = profile(written(odd, tmp_path / name), {"target": "answer", "date_formats": {"sold": "%d.%m.%Y"}})
        (about,) = [each for each in found.columns if each.name == "sold"]
        assert (str(about.type), about.longest) == ("text", len("01.01.2024"))


def test_times_of_day_beyond_the_sample_leave_a_column_dates(frame: pd.DataFrame, tmp_path: Path) -> None:
    odd = frame.assign(day=pd.date_range("2024-01-01", periods=ROWS, freq="D").strftime("%Y-%m-%d"))
    odd.loc[ROWS - 1, "day"] += " 23:59:59"
    found = profile(written(odd, tmp_path / "large.csv"), {"target": "answer"})
    (about,) = [each for each in found.columns if each.name == "day"]
    assert (str(about.type), about.distinct) == ("date", ROWS)
    assert about.quantiles is not None
    assert about.quantiles.maximum % 86_400 == 86_399


def test_missing_of_the_config_counts_in_all_rows(frame: pd.DataFrame, tmp_path: Path) -> None:
    coded = frame.assign(size=frame["size"].fillna(-999).round(2))
    found = profile(written(coded, tmp_path / "large.parquet"), {"target": "answer", "missing": [-999]})
    (about,) = [each for each in found.columns if each.name == "size"]
    assert about.missing == frame["size"].isna().sum()
    assert about.quantiles is not None
    assert about.quantiles.minimum == frame["size"].min()


def test_ragged_row_is_named_wherever_it_is(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = written(frame, tmp_path / "large.csv")
    path.write_bytes(path.read_bytes() + b"1,2\n")
    with pytest.raises(ValueError, match=r"Line 40,002 of large.csv has 2 fields, but the header has 6; correct"):
        profile(path)


def test_large_table_is_kept_checked_and_shown(
    frame: pd.DataFrame, tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(frame, tmp_path / "large.csv")
    assert call("data", "add", path, "--target", "answer", "--home", home.path, "--json") == 0
    kept = json.loads(capsys.readouterr().out)
    assert (kept["rows"], kept["columns"]) == (ROWS, 6)
    assert call("data", "check", "large", "--fix", "--home", home.path) == 0
    assert "Applied" in capsys.readouterr().err
    assert call("data", "show", "large", "--home", home.path) == 0
    assert "The table is larger than memory: quartiles and histograms are those of" in capsys.readouterr().out


def test_distinct_values_beyond_65_536_are_estimated() -> None:
    count, none = ColumnCount(), np.zeros(50_000, bool)
    for start in range(0, 1_000_000, 25_000):
        values = np.arange(start, start + 50_000)
        count.add(Column(name="id", type=ColumnType.INTEGER, values=values, missing=none))
    column = Column(name="id", type=ColumnType.INTEGER, values=np.arange(9), missing=np.zeros(9, bool))
    about = count.summary(summarize_column(column))
    assert about.rows == 2_000_000
    # Four times the standard error.
    assert about.distinct == pytest.approx(1_025_000, rel=0.016)
