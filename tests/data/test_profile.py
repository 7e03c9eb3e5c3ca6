"""What a profile says about tables that have one thing wrong with them, and what its fixes do to a config."""

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trainer.config import DATASETS, parse_config
from trainer.config.check import apply_edits
from trainer.config.file_datasets import Csv
from trainer.data import load
from trainer.data.profile import FindingKind, Profile, profile
from trainer.data.profile.parts import parts_of
from trainer.data.profile.reading import read_csv
from trainer.home import Home

ROWS = 200
RANDOM = np.random.default_rng(7)
SIZES = RANDOM.normal(50, 10, ROWS).round(3)
CLASSES = np.where(RANDOM.random(ROWS) < 0.5, "yes", "no")


def plain() -> pd.DataFrame:
    """A table with nothing wrong."""
    return pd.DataFrame(
        {
            "size": SIZES,
            "weight": RANDOM.normal(5, 1, ROWS).round(3),
            "age": RANDOM.integers(18, 90, ROWS),
            "color": RANDOM.choice(["red", "green", "blue"], ROWS),
            "answer": CLASSES,
        }
    )


def profiled(folder: Path, frame: pd.DataFrame, **fields: Any) -> Profile:
    path = folder / "table.csv"
    frame.to_csv(path, index=False)
    return profile(path, {"target": "answer", **fields})


def kinds(found: Profile) -> list[tuple[str, str | None]]:
    return [(str(each.kind), each.column) for each in found.findings]


def test_table_with_nothing_wrong_has_no_findings(tmp_path: Path) -> None:
    found = profiled(tmp_path, plain())
    assert kinds(found) == []
    assert found.ok
    assert [(each.name, str(each.type)) for each in found.columns] == [
        ("size", "float"),
        ("weight", "float"),
        ("age", "integer"),
        ("color", "text"),
        ("answer", "text"),
    ]


def with_column(name: str, values: Sequence[Any]) -> Callable[[], pd.DataFrame]:
    return lambda: plain().assign(**{name: values})


def with_cells(name: str, places: slice, value: Any) -> Callable[[], pd.DataFrame]:
    def make() -> pd.DataFrame:
        frame = plain()
        frame[name] = frame[name].astype(object)
        frame.loc[frame.index[places], name] = value
        return frame

    return make


HALVES = np.arange(ROWS) % 2
WRONG: dict[str, tuple[Callable[[], pd.DataFrame], str, str, str]] = {
    "row numbers": (
        with_column("row", range(ROWS)),
        "identifier",
        "row",
        r"200 distinct values in 200 rows.* can memorize it",
    ),
    "names": (with_column("who", [f"u-{k * 7919}" for k in range(ROWS)]), "identifier", "who", "200 distinct values"),
    "key spread wide": (
        with_column("customer_id", RANDOM.permutation(10**6)[:ROWS]),
        "identifier",
        "customer_id",
        "200 distinct values",
    ),
    "copy of the target": (
        with_column("outcome", np.where(CLASSES == "yes", 1, 0)),
        "leak",
        "outcome",
        r"depth 2 on this column alone predicts it with a balanced accuracy of 100.0 %",
    ),
    "interval that is the target": (
        with_column("dose", np.where(CLASSES == "yes", RANDOM.normal(0, 0.1, ROWS), HALVES * 20 - 10)),
        "leak",
        "dose",
        "balanced accuracy",
    ),
    "category that is the target": (
        with_column("ward", [f"{'a' if each == 'yes' else 'b'}{k % 5}" for k, each in enumerate(CLASSES)]),
        "leak",
        "ward",
        "balanced accuracy",
    ),
    "constant": (with_column("unit", ["cm"] * ROWS), "constant", "unit", "all 200 rows have the value 'cm'"),
    "constant number": (with_column("year", [2024] * ROWS), "constant", "year", "have the value 2,024"),
    "empty": (with_column("note", [None] * ROWS), "empty", "note", "all 200 values are missing"),
    "the same twice": (with_column("size2", SIZES), "duplicate_column", "size2", "same values as column 'size'"),
    "labels in two ways": (
        with_cells("color", slice(0, 10), "Red "),
        "similar_labels",
        "color",
        r"'red' \(\d+\)|'Red ' \(\d+\)",
    ),
    "German dates": (
        with_column("seen", [f"{1 + k % 28:02}.{1 + k % 12:02}.2024" for k in range(ROWS)]),
        "dates_as_text",
        "seen",
        r"dates as text, such as '01.01.2024' \(%d.%m.%Y\)",
    ),
    "a question mark": (
        with_cells("age", slice(0, 4), "?"),
        "numbers_as_text",
        "age",
        r"read as text because of '\?' in 4 rows",
    ),
    "minus 999": (with_cells("size", slice(5, 9), -999), "coded_missing", "size", r"-999 in 4 rows \(2.0 %\)"),
    "minus 1": (with_cells("age", slice(5, 9), -1), "coded_missing", "age", r"-1 in 4 rows"),
    "9999 once": (with_cells("age", slice(5, 6), 9999), "coded_missing", "age", "9999 in 1 row"),
    "a slip of the decimal point": (
        with_cells("size", slice(5, 6), 51230.0),
        "extreme",
        "size",
        r"extreme values in 1 row \(51,230\)",
    ),
    "codes of classes": (
        with_column("shop", RANDOM.choice([1, 2, 5, 11], ROWS)),
        "classes_as_numbers",
        "shop",
        r"only 4 distinct integers \(1, 2, 5, 11\)",
    ),
    "times in a random split": (
        with_column("when", pd.date_range("2024-01-01", periods=ROWS, freq="h").astype(str)),
        "time",
        "when",
        r"times from 2024-01-01 to 2024-01-09 07:00:00, in this order in the file, but the split is random",
    ),
    "groups in a random split": (
        with_column("patient_id", [f"p{k // 4}" for k in range(ROWS)]),
        "groups",
        "patient_id",
        "names 50 groups of 4.0 rows on average",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_finding_has_its_evidence_and_its_fix_removes_it(name: str, tmp_path: Path) -> None:
    make, kind, column, words = WRONG[name]
    found = profiled(tmp_path, make())
    assert (kind, column) in kinds(found)
    finding = next(each for each in found.findings if each.kind == kind)
    assert re.search(words, finding.message), finding.message
    assert finding.fix
    if finding.edits:
        changed = apply_edits({"dataset": dict(found.dataset)}, finding.edits)["dataset"]
        DATASETS.members["csv"].model_validate(changed)
        again = profile(tmp_path / "table.csv", changed)
        assert (kind, column) not in kinds(again)


def test_no_finding_beside_the_one_that_was_planted(tmp_path: Path) -> None:
    """Rules do not see each other's problems: a planted one is the only one found."""
    noisy = {
        name: extra
        for name, (make, kind, column, _) in WRONG.items()
        if (extra := [each for each in kinds(profiled(tmp_path, make())) if each != (kind, column)])
    }
    assert noisy == {}


def test_repeated_rows_are_counted_within_and_across_parts(tmp_path: Path) -> None:
    frame = plain()
    twice = pd.concat([frame, frame[:30]], ignore_index=True).assign(part=["train"] * ROWS + ["test"] * 30)
    found = profiled(tmp_path, twice, split={"by": "column", "column": "part"})
    assert kinds(found) == [("duplicate_rows", None), ("rows_in_several_parts", None)]
    assert "30 rows (13.0 %) repeat an earlier row in every column, first row 201." in found.findings[0].message
    assert "30 rows of the test data (100.0 %) are copies of training rows" in found.findings[1].message
    changed = apply_edits({"dataset": dict(found.dataset)}, found.findings[1].edits)["dataset"]
    assert profile(tmp_path / "table.csv", changed).findings == ()


def test_rows_that_repeat_by_chance_are_not_reported(tmp_path: Path) -> None:
    """With few values in each column, equal rows are different samples."""
    few = {name: RANDOM.integers(0, 3, ROWS) for name in ("a", "b", "c")}
    frame = pd.DataFrame({**few, "answer": CLASSES})
    assert frame.duplicated().sum() > ROWS / 2
    assert kinds(profiled(tmp_path, frame)) == []


def test_key_of_repeated_rows_is_still_an_identifier(tmp_path: Path) -> None:
    frame = plain().assign(id=range(ROWS))
    found = profiled(tmp_path, pd.concat([frame, frame[:15]], ignore_index=True))
    assert ("identifier", "id") in kinds(found)


def test_numbers_of_rows_do_not_hide_repeated_rows(tmp_path: Path) -> None:
    frame = plain()
    twice = pd.concat([frame, frame[:30]], ignore_index=True)
    found = profiled(tmp_path, twice.assign(row=range(len(twice))))
    assert kinds(found)[0] == ("duplicate_rows", None)
    assert "30 rows" in found.findings[0].message


@pytest.mark.parametrize(
    "split",
    [
        {"by": "random"},
        {"by": "random", "stratify": False},
        {"by": "group", "column": "shop"},
        {"by": "time", "column": "when"},
        {"by": "column", "column": "part"},
    ],
    ids=str,
)
@pytest.mark.parametrize("target", ["answer", "size"])
def test_rows_are_in_the_parts_that_training_puts_them_into(split: dict[str, Any], target: str, tmp_path: Path) -> None:
    frame = plain().assign(
        shop=RANDOM.choice([" north", "south", "east ", None, "west"], ROWS),
        when=pd.date_range("2024-01-01", periods=ROWS, freq="h").strftime("%Y-%m-%d %H:%M").to_numpy()[::-1],
        part=RANDOM.choice(["train", "val", "test"], ROWS),
    )
    frame.loc[3:9, target] = None
    frame.to_csv(tmp_path / "table.csv", index=False)
    fields = {"name": "csv", "path": str(tmp_path / "table.csv"), "target": target, "split": split}
    table = read_csv(tmp_path / "table.csv")
    parts = parts_of({column.name: column for column in table.columns}, table.rows, fields)
    splits = load(Csv(**fields), home=Home(tmp_path / "home"))
    assert parts is not None
    assert sorted(np.flatnonzero(parts == 2)) == sorted(splits.test_rows)
    assert sorted(np.flatnonzero(parts == 1)) == sorted(splits.validation_rows)
    assert sorted(np.flatnonzero(parts == -1)) == list(range(3, 10))


def test_regression_target_that_a_column_repeats_is_a_leak(tmp_path: Path) -> None:
    price = RANDOM.lognormal(3, 2, ROWS).round(2)
    frame = plain().assign(answer=price, total=price * 1.19)
    assert kinds(profiled(tmp_path, frame)) == [("leak", "total")]
    noisy = frame.assign(total=price * RANDOM.lognormal(0, 1, ROWS))
    assert kinds(profiled(tmp_path, noisy)) == []


def test_classes_that_are_small_and_out_of_balance_are_counted(tmp_path: Path) -> None:
    answers = np.array(["often"] * 190 + ["rare"] * 7 + ["once"] * 3)
    found = profiled(tmp_path, plain().assign(answer=answers))
    assert kinds(found) == [("few_samples", "answer"), ("imbalance", "answer")]
    assert (
        "2 classes of the target 'answer' have fewer than 10 samples: 'once' (3), 'rare' (7)."
        in found.findings[0].message
    )
    assert "class 'often' has 95.0 % of the samples, 63 times those of the smallest" in found.findings[1].message
    config = {"dataset": dict(found.dataset), "layers": ["Flatten"], "loss": "SparseCategoricalCrossentropy"}
    assert found.findings[0].edits
    assert parse_config(apply_edits(config, found.findings[1].edits)).class_weight == "balanced"


def test_labels_of_the_target_that_are_nearly_the_same_become_one_class(tmp_path: Path) -> None:
    answers = np.array(["cat"] * 90 + ["Cat"] * 12 + ["dog"] * 90 + ["DOG "] * 4 + ["cow"] * 4)
    found = profiled(tmp_path, plain().assign(answer=answers))
    similar, few = found.findings[:2]
    assert (similar.kind, few.kind) == ("similar_labels", "few_samples")
    assert similar.fix == "Write each in its most frequent way."
    changed = apply_edits({"dataset": dict(found.dataset)}, similar.edits)["dataset"]
    assert changed["labels"] == {"Cat": "cat", "DOG": "dog"}
    again = profile(tmp_path / "table.csv", changed)
    assert kinds(again) == [("few_samples", "answer"), ("imbalance", "answer")]
    assert {each.value: each.rows for each in again.columns[4].common} == {"cat": 102, "dog": 94, "cow": 4}
    splits = load(Csv(**changed), home=Home(tmp_path / "home"))
    assert splits.schema.class_names == ("cat", "cow", "dog")


def test_small_classes_become_one_also_if_they_were_renamed(tmp_path: Path) -> None:
    answers = np.array(["often"] * 180 + ["rare"] * 6 + ["Rare"] * 3 + ["once"] * 9 + ["twice"] * 2)
    found = profiled(tmp_path, plain().assign(answer=answers), labels={"Rare": "rare"})
    (few,) = (each for each in found.findings if each.kind == "few_samples")
    assert few.fix == "Combine them as one class, 'other'."
    changed = apply_edits({"dataset": dict(found.dataset)}, few.edits)["dataset"]
    assert changed["labels"] == {"Rare": "other", "rare": "other", "once": "other", "twice": "other"}
    splits = load(Csv(**changed), home=Home(tmp_path / "home"))
    assert splits.schema.class_names == ("often", "other")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (["yes"] * ROWS, "has only one value; expected at least two"),
        ([None] * ROWS, "is missing in all rows"),
        ([f"name {k}" for k in range(ROWS)], "has 200 classes in 200 rows"),
    ],
)
def test_target_that_cannot_be_learned_is_an_error(answers: list[str | None], words: str, tmp_path: Path) -> None:
    found = profiled(tmp_path, plain().assign(answer=answers))
    assert not found.ok
    assert words in found.findings[0].message


def test_target_that_the_table_does_not_have_is_an_error(tmp_path: Path) -> None:
    found = profiled(tmp_path, plain(), target="outcome")
    assert "The table has no column 'outcome'" in found.findings[0].message


def test_summary_agrees_with_pandas(tmp_path: Path) -> None:
    frame = plain()
    frame.loc[3:9, "size"] = np.nan
    frame.loc[5:6, "color"] = None
    size, _, _, color, _ = profiled(tmp_path, frame).columns
    about = frame["size"].describe()
    assert size.quantiles is not None
    assert (size.missing, size.distinct) == (7, frame["size"].nunique())
    assert size.quantiles.mean == pytest.approx(about["mean"])
    assert size.quantiles.deviation == pytest.approx(frame["size"].std(ddof=0))
    assert (size.quantiles.minimum, size.quantiles.maximum) == (about["min"], about["max"])
    assert size.bins is not None
    counts, _ = np.histogram(frame["size"].dropna(), bins=np.array(size.bins.edges))
    assert list(size.bins.counts) == counts.tolist()
    assert {each.value: each.rows for each in color.common} == frame["color"].value_counts().to_dict()
    assert color.missing == 2


def test_few_extreme_values_leave_the_histogram_readable(tmp_path: Path) -> None:
    size = profiled(tmp_path, with_cells("size", slice(5, 6), 51230.0)()).columns[0]
    assert size.bins is not None
    assert sum(count > 0 for count in size.bins.counts) > 10
    assert sum(size.bins.counts) == ROWS


@pytest.mark.parametrize(
    ("encoding", "delimiter", "decimal"),
    [
        ("utf-8", ",", "."),
        ("utf-8-sig", ";", ","),
        ("utf-16", "\t", ","),
        ("windows-1252", ";", "."),
        ("utf-8", "|", ","),
    ],
)
def test_dialect_is_detected(encoding: str, delimiter: str, decimal: str, tmp_path: Path) -> None:
    frame = plain().assign(color=lambda frame: frame["color"].replace({"red": "grün"}))
    frame.to_csv(tmp_path / "table.csv", index=False, sep=delimiter, decimal=decimal, encoding=encoding)
    found = profile(tmp_path / "table.csv", {"target": "answer"})
    assert found.dialect is not None
    assert (found.dialect.encoding, found.dialect.delimiter, found.dialect.decimal) == (encoding, delimiter, decimal)
    assert [str(each.type) for each in found.columns] == ["float", "float", "integer", "text", "text"]
    assert "grün" in {each.value for each in found.columns[3].common}


def test_dialect_that_is_given_is_taken(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a;b,c;d\n1;2,5;3\n2;3,5;4\n")
    assert [each.name for each in profile(tmp_path / "table.csv").columns] == ["a", "b,c", "d"]
    assert [each.name for each in profile(tmp_path / "table.csv", {"delimiter": ","}).columns] == ["a;b", "c;d"]


def test_value_of_another_type_late_in_the_file_is_seen(tmp_path: Path) -> None:
    """pyarrow takes the types of a stream from its first block."""
    lines = ["a,b\n", *(f"{k},{k}\n" for k in range(600_000)), "x,1.5\n"]
    (tmp_path / "table.csv").write_text("".join(lines))
    a, b = profile(tmp_path / "table.csv").columns
    assert (str(a.type), str(b.type)) == ("text", "float")


def test_parquet_is_profiled_like_the_same_csv(tmp_path: Path) -> None:
    frame = with_column("outcome", np.where(CLASSES == "yes", 1, 0))()
    frame.to_parquet(tmp_path / "table.parquet")
    found, same = profile(tmp_path / "table.parquet", {"target": "answer"}), profiled(tmp_path, frame)
    assert found.columns == same.columns
    assert [each.message for each in found.findings] == [each.message for each in same.findings]


def test_workbook_is_profiled_like_the_same_csv(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    frame = with_column("row", range(ROWS))()
    frame.to_excel(tmp_path / "table.xlsx", index=False)
    found = profile(tmp_path / "table.xlsx", {"target": "answer"})
    assert [(each.name, each.missing, each.distinct) for each in found.columns] == [
        (each.name, each.missing, each.distinct) for each in profiled(tmp_path, frame).columns
    ]
    assert ("identifier", "row") in kinds(found)


def test_arrays_are_profiled_with_their_own_parts(tmp_path: Path) -> None:
    x, y = RANDOM.normal(size=(60, 3)), np.arange(60) % 2
    x[:, 2] = y
    np.savez(tmp_path / "set.npz", x_train=x, y_train=y, x_test=x[:5], y_test=y[:5])
    found = profile(tmp_path / "set.npz")
    assert kinds(found) == [("leak", "x_train[2]"), ("duplicate_rows", None), ("rows_in_several_parts", None)]
    assert "5 rows of the test data (100.0 %)" in found.findings[2].message
    assert found.findings[0].edits == ()
    assert found.findings[0].fix == "Change the arrays, and save the file again."


def test_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    found = profiled(tmp_path, plain())
    assert found.digest == hashlib.sha256((tmp_path / "table.csv").read_bytes()).hexdigest()
    assert Profile.model_validate_json(found.model_dump_json()) == found


def test_all_kinds_of_findings_are_known_to_a_rule() -> None:
    seen = {kind for _, kind, _, _ in WRONG.values()} | {"duplicate_rows", "rows_in_several_parts", "few_samples"}
    of_pictures = {"pictures", "broken_pictures", "several_classes", "animated"}
    assert set(map(str, FindingKind)) == seen | of_pictures | {"imbalance", "series", "target", "unsupported"}


def test_fix_of_dates_as_text_reads_them_as_dates(tmp_path: Path) -> None:
    dates = [f"{1 + k % 28:02}.{1 + k % 12:02}.2024" for k in range(ROWS)]
    path = tmp_path / "dates.csv"
    with_column("seen", dates)().to_csv(path, index=False)
    fields = {"name": "csv", "path": str(path), "target": "answer"}
    (finding,) = (each for each in profile(path, fields).findings if each.kind == "dates_as_text")
    assert finding.fix == "Read them as dates written %d.%m.%Y."
    fixed = apply_edits({"dataset": fields}, finding.edits)["dataset"]
    assert fixed["date_formats"] == {"seen": "%d.%m.%Y"}
    about = profile(path, fixed)
    (column,) = (each for each in about.columns if each.name == "seen")
    assert (column.type, column.distinct) == ("date", 84)
    assert "dates_as_text" not in {each.kind for each in about.findings}


def test_dates_that_could_be_read_in_two_ways_are_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "dates.csv"
    with_column("seen", [f"{1 + k % 12:02}/{1 + k % 7:02}/2024" for k in range(ROWS)])().to_csv(path, index=False)
    (finding,) = (each for each in profile(path).findings if each.kind == "dates_as_text")
    assert "(%m/%d/%Y)" in finding.message
    assert "They could also be %d/%m/%Y: no day is above 12." in finding.message


@pytest.mark.parametrize(
    ("values", "how"),
    [
        (["12,345.50", "1,000", "17", "18.5", "2,000,000"], "separators of thousands"),
        (["1 234", "5 678", "9 876", "12", "1 000"], "separators of thousands"),
        (["$5", "$6.50", "$1,000", "$7", "$8"], "the unit '$'"),
        (["5 kg", "6.5 kg", "7 kg", "8 kg", "1,200 kg"], "the unit 'kg'"),
        (["10%", "5%", "7.5 %", "8%", "9%"], "the unit '%'"),
        (["A1", "A2", "A3", "A4", "A5"], None),
        (["1st", "2nd", "3rd", "4th", "5th"], None),
        (["1.2.3", "1.2.4", "2.0.1", "2.2.2", "3.1.1"], None),
        (["10:30", "11:30", "12:30", "13:30", "14:30"], None),
    ],
)
def test_numbers_with_units_or_separators_are_told(values: list[str], how: str | None, tmp_path: Path) -> None:
    table = plain().assign(price=(values * ROWS)[:ROWS])
    found = [each for each in profiled(tmp_path, table).findings if each.column == "price"]
    assert [f"because of {how}." in each.message for each in found] == ([True] if how else [])


def test_amounts_that_all_differ_are_numbers_and_no_identifiers(tmp_path: Path) -> None:
    table = plain().assign(price=[f"{1000 + 7.5 * row:,.2f}" for row in range(ROWS)])
    assert kinds(profiled(tmp_path, table)) == [("numbers_as_text", "price")]


def test_index_that_pandas_writes_without_a_name_is_an_identifier_to_ignore(tmp_path: Path, home: Home) -> None:
    path = tmp_path / "indexed.csv"
    plain().to_csv(path)
    found = profile(path, {"target": "answer"})
    (about,) = found.findings
    assert (str(about.kind), about.column) == ("identifier", "Unnamed: 0")
    fixed = apply_edits({"dataset": dict(found.dataset)}, about.edits)
    config = parse_config({**fixed, "layers": ["Flatten"], "loss": "mse"})
    assert "Unnamed: 0" in pd.read_csv(path).columns, "the exported script reads it with pandas"
    assert load(config.dataset, home=home).schema.raw_names == ("size", "weight", "age", "color")


def test_integers_that_pandas_wrote_as_floats_are_classes(tmp_path: Path) -> None:
    table = plain()
    table["answer"] = (table["answer"] == "yes").astype(float).where(np.arange(ROWS) > 180, 0.0)
    table.loc[:3, "answer"] = None
    assert ("imbalance", "answer") in kinds(profiled(tmp_path, table))


def test_repeated_texts_of_a_folder_are_left_out_by_one_fix(tmp_path: Path, home: Home) -> None:
    for place in range(40):
        file = tmp_path / "mail" / ("ham", "spam")[place % 2] / f"{place}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text {place if place < 30 else place % 2}", encoding="utf-8")
    found = profile(tmp_path / "mail")
    (about,) = found.findings
    assert about.message == "10 texts (25.0 %) repeat an earlier text of the same class."
    fields = apply_edits({"dataset": dict(found.dataset)}, about.edits)["dataset"]
    assert profile(tmp_path / "mail", fields).findings == ()
    splits = load(DATASETS.members["text"].model_validate(fields), home=home)
    assert splits.schema.samples == 30


def test_workbook_says_which_of_its_sheets_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as writer:
        plain().head(3).to_excel(writer, sheet_name="Notes", index=False)
        plain().to_excel(writer, sheet_name="All", index=False)
    assert profile(path).notes == ("This is the sheet 'Notes'; the workbook also has All.",)
    assert profile(path, {"sheet": "All"}).notes == ("This is the sheet 'All'; the workbook also has Notes.",)
