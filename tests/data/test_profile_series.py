"""What a profile says about the steps of time series, and what its fixes do to a config."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.support.series_files import sales
from trainer.config import parse_config
from trainer.config.check import apply_edits
from trainer.data import load
from trainer.data.profile import Finding, profile
from trainer.home import Home

DAYS = pd.date_range("2026-01-01", periods=40)


def found(path: Path, **fields: Any) -> tuple[dict[str, Any], list[Finding]]:
    dataset = {"name": "series", "path": str(path), "target": "y", "past": 3, **fields}
    return dataset, list(profile(path, dataset).findings)


def fixed(dataset: dict[str, Any], finding: Finding, folder: Path) -> dict[str, Any]:
    """Return the dataset with the fix applied; it can be loaded."""
    network = {"layers": ["Flatten"], "loss": "mse"}
    config = parse_config(apply_edits({"dataset": dataset, **network}, finding.edits))
    load(config.dataset, home=Home(folder / "home"))
    return config.dataset.model_dump(mode="json")


def written(folder: Path, frame: pd.DataFrame) -> Path:
    path = folder / "steps.csv"
    frame.to_csv(path, index=False)
    return path


def test_series_without_a_mistake_has_no_findings(tmp_path: Path) -> None:
    frame = pd.DataFrame({"day": DAYS, "y": np.sin(np.arange(40)), "z": np.cos(np.arange(40))})
    assert found(written(tmp_path, frame), time="day")[1] == []


def test_time_that_is_not_used_is_named_with_whether_the_file_is_in_order(tmp_path: Path) -> None:
    frame = pd.DataFrame({"day": DAYS, "y": np.sin(np.arange(40))})
    _, [finding] = found(written(tmp_path, frame))
    assert "are used in the order of the file, but column 'day' has times. Without" in finding.message
    dataset, [finding] = found(written(tmp_path, frame.sample(frac=1, random_state=1)))
    assert "column 'day' has times, and in another order than the file." in finding.message
    assert finding.fix == "Order the steps by column 'day'."
    assert fixed(dataset, finding, tmp_path)["time"] == "day"


def test_repeated_times_name_the_column_that_tells_series_apart(tmp_path: Path) -> None:
    one = pd.DataFrame({"day": DAYS, "store": "a", "y": np.sin(np.arange(40))})
    both = pd.concat([one, one.assign(store="b", y=np.cos(np.arange(40)))])
    dataset, [finding] = found(written(tmp_path, both), time="day")
    assert "40 steps of the same series have a time that an earlier one has, first in row 41." in finding.message
    assert fixed(dataset, finding, tmp_path)["id"] == "store"
    twice = pd.concat([both, both.head(1)])
    _, [finding] = found(written(tmp_path, twice), time="day", id="store")
    assert finding.message.startswith("1 step of the same series have a time")
    assert not finding.edits


def test_gaps_short_and_constant_series_have_evidence_and_fixes(tmp_path: Path) -> None:
    path = sales(tmp_path / "sales.csv")
    fields = {"target": "sold", "time": "day", "id": "store", "columns": {"receipt": "ignore"}}
    dataset, findings = found(path, **fields)
    [gap] = [each for each in findings if "gap" in each.message]
    assert "Column 'day' has 1 gap: the next step is usually 1 day later, but 15 days after 2026-01-31 of 'south'." in (
        gap.message
    )
    assert fixed(dataset, gap, tmp_path)["gaps"] == "split"
    assert not [each for each in found(path, **fields, gaps="split")[1] if "gap" in each.message]
    dataset, findings = found(path, **{**fields, "past": 45})
    [short] = [each for each in findings if "shorter" in each.message]
    assert short.message == "1 series of 3 is shorter than a window of 46 steps and is not used: 'west'."
    assert short.fix == "Reduce past to 41."
    frame = pd.read_csv(path)
    frame.loc[frame["store"] == "west", "sold"] = 7
    _, findings = found(written(tmp_path, frame), **fields)
    assert [each.message for each in findings if "never changes" in each.message] == [
        "The target 'sold' never changes in 1 series of 3: 'west'. Repeating the last value predicts them without an "
        "error."
    ]


def test_table_with_times_and_numbers_to_predict_may_be_a_series(tmp_path: Path) -> None:
    frame = pd.DataFrame({"day": DAYS, "y": np.sin(np.arange(40)), "kind": ["a", "b"] * 20})
    path = written(tmp_path, frame)
    [finding] = [each for each in profile(path, {"target": "y"}).findings if each.kind == "time"]
    assert finding.message.endswith("use the file as a time series (series).")
    [finding] = [each for each in profile(path, {"target": "kind"}).findings if each.kind == "time"]
    assert "series" not in finding.message
