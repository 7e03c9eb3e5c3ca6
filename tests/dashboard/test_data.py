"""The Data page: open a file, fix its problems, choose what to predict, keep it, and see what changed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.views.data.problems import combined
from tests.support.pages import draw_data, opened
from tests.support.pictures import picture_folder, zip_of
from tests.support.series_files import sales
from trainer.config.check import Edit, Severity
from trainer.data.library import Library
from trainer.data.profile import Finding
from trainer.data.profile.findings import FindingKind
from trainer.home import Home

ROWS = 200


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    yield Home.resolve(tmp_path / "home").make()
    st.cache_data.clear()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    random = np.random.default_rng(5)
    size = random.normal(50, 10, ROWS).round(2)
    frame = pd.DataFrame(
        {
            "id": np.arange(5000, 5000 + ROWS),
            "size": np.where(random.random(ROWS) < 0.05, -999, size),
            "color <b>": random.choice(["red", "blue"], ROWS),
            "score": random.normal(0, 1, ROWS).round(4),
            "bought": np.where(size + random.normal(0, 8, ROWS) > 50, "yes", "no"),
        }
    )
    frame.to_csv(tmp_path / "customers.csv", index=False)
    return tmp_path / "customers.csv"


def shown(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.warning, *app.title]
    return "\n".join(str(each.value) for each in parts).replace("\\", "")


def fixes(app: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in app.button if str(button.key).startswith("data-fix-")]


def fix(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label.replace("\\", "") == label).click().run()


def test_path_that_is_typed_is_opened_where_it_is(home: Home, table: Path) -> None:
    app = opened(draw_data)
    assert "None yet." in shown(app)
    app.text_input(key="data.path").set_value(str(table)).run()
    assert "csv · 200 rows · 5 columns" in shown(app)
    assert app.query_params["path"] == str(table)
    assert not any(home.data.iterdir())


def test_two_fixes_and_a_target_make_a_dataset_that_is_kept(home: Home, table: Path) -> None:
    app = opened(draw_data, path=str(table))
    assert fixes(app) == ["Ignore column 'id'.", "Treat '-999' as missing."]
    assert app.button(key="data-keep-button").disabled
    fix(app, "Treat '-999' as missing.")
    fix(app, "Ignore column 'id'.")
    app.multiselect(key="data.field.target").set_value(["bought"]).run()
    assert "No problems found." in shown(app)
    assert "Classification" in shown(app)
    assert "train 128 · validation 32 · test 40" in shown(app)
    app.button(key="data-keep-button").click().run()
    assert app.query_params["name"] == "customers"
    assert "path" not in app.query_params
    entry = Library(home).get("customers")
    assert entry.dataset == {
        "name": "csv",
        "path": str(table),
        "columns": {"id": "ignore"},
        "missing": ["-999"],
        "target": "bought",
    }
    assert "1 version" in shown(app)


def test_roles_split_and_dialect_are_fields_of_the_dataset(home: Home, table: Path) -> None:
    app = opened(draw_data, path=str(table))
    app.selectbox(key="data.role.2.category").select("hashed").run()
    app.selectbox(key="data.field.split.kind").select("group").run()
    app.selectbox(key="data.field.split.column").select("id").run()
    app.text_input(key="data.field.test_fraction").set_value("0.3").run()
    code = str(app.get("code")[0].value)
    assert "columns: {color <b>: hashed}" in code
    assert "split: {by: group, column: id}" in code
    assert "test_fraction: 0.3" in code
    app.selectbox(key="data.role.2.category").select("auto").run()
    app.selectbox(key="data.field.split.kind").select("random").run()
    code = str(app.get("code")[0].value)
    assert "columns: " not in code
    assert "split: " not in code
    app.selectbox(key="data.field.delimiter").select(";").run()
    assert "customers.csv" in shown(app)
    assert not app.exception
    app.selectbox(key="data.field.delimiter").select("detect").run()
    assert "5 columns" in shown(app)


def test_copy_in_home_is_kept_if_wanted_and_removed_if_wanted(home: Home, table: Path) -> None:
    app = opened(draw_data, path=str(table))
    app.multiselect(key="data.field.target").set_value(["bought"]).run()
    app.checkbox(key="data.keep.copy").check().run()
    app.text_input(key="data.keep.name").set_value("My customers").run()
    app.button(key="data-keep-button").click().run()
    copy = Path(str(Library(home).get("My customers").newest.copy_path))
    assert copy.read_bytes() == table.read_bytes()
    assert copy.is_relative_to(home.data)
    app.button(key="data-remove").click().run()
    app.checkbox(key="data.remove.copies").check().run()
    app.button(key="data-remove-sure").click().run()
    assert not copy.exists()
    assert not Library(home).has("My customers")
    assert "None yet." in shown(app)


def test_file_that_has_changed_is_told_and_kept_as_a_new_version(home: Home, table: Path) -> None:
    app = opened(draw_data, path=str(table))
    app.multiselect(key="data.field.target").set_value(["bought"]).run()
    app.button(key="data-keep-button").click().run()
    frame = pd.read_csv(table)
    pd.concat([frame, frame.head(20)]).assign(id=range(ROWS + 20)).to_csv(table, index=False)
    app = opened(draw_data, name="customers")
    assert "The file has changed since version 1" in shown(app)
    assert "20 rows more: 200 → 220." in shown(app)
    button = app.button(key="data-keep-button")
    assert button.label == "Keep as version 2"
    button.click().run()
    assert [version.rows for version in Library(home).get("customers").versions] == [200, 220]
    assert "2 versions" in shown(app)
    assert "The file has changed" not in shown(app)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "empty.csv is empty"),
        ("cut.parquet", b"PAR1 and then nothing", "cut.parquet is not a Parquet file"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "Line 3 of ragged.csv has 3 fields, but the header has 2"),
    ],
)
def test_file_that_cannot_be_read_is_refused_in_one_sentence(
    home: Home, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    app = opened(draw_data, path=str(tmp_path / name))
    assert sentence in shown(app)
    assert len(app.error) == 1
    assert not app.exception


def test_missing_file_and_unknown_name_leave_the_start_page(home: Home) -> None:
    app = opened(draw_data, path="/nowhere/table.csv")
    assert "/nowhere/table.csv not found" in shown(app)
    app = opened(draw_data, name="nothing")
    assert "Dataset nothing not found" in shown(app)
    assert app.text_input(key="data.path").value == ""


def test_name_that_cannot_be_kept_is_refused_and_nothing_is_lost(home: Home, table: Path) -> None:
    app = opened(draw_data, path=str(table))
    app.multiselect(key="data.field.target").set_value(["bought"]).run()
    app.text_input(key="data.keep.name").set_value("a/b").run()
    app.button(key="data-keep-button").click().run()
    assert "'a/b' cannot be the name of a dataset" in shown(app)
    assert app.multiselect(key="data.field.target").value == ["bought"]
    assert app.text_input(key="data.keep.name").value == "a/b"


def test_names_of_columns_are_shown_as_typed(home: Home, table: Path) -> None:
    app = opened(draw_data, path=str(table))
    bodies = " ".join(str(each.proto.body) for each in app.get("html"))
    assert "color &lt;b&gt;" in bodies
    assert "<b>color" in bodies
    assert "color <b>" not in bodies


def test_several_labels_at_once_begin_a_network_with_a_sigmoid_for_each(home: Home, table: Path) -> None:
    frame = pd.read_csv(table).drop(columns="id")
    frame.assign(large=(frame["size"] > 50).astype(int), red=(frame["color <b>"] == "red").astype(int)).to_csv(
        table, index=False
    )
    app = opened(draw_data, path=str(table))
    app.multiselect(key="data.field.target").set_value(["large", "red"]).run()
    app.selectbox(key="data.field.task").select("multilabel").run()
    assert "Several labels at once" in shown(app)
    assert "2 labels" in shown(app)
    app.button(key="data-build").click().run()
    fields = app.session_state["build.drafts"].now.plain()
    assert fields["layers"][-1] == {"layer": "Dense", "units": 2, "activation": "sigmoid"}
    assert fields["dataset"]["target"] == ["large", "red"]


def test_all_fixes_are_applied_at_once_and_undone_at_once(home: Home, table: Path) -> None:
    app = opened(draw_data, path=str(table))
    app.button(key="data-apply-all").click().run()
    assert app.session_state["data.opened"].fields == {"columns": {"id": "ignore"}, "missing": ["-999"]}
    assert "data-apply-all" not in {button.key for button in app.button}
    app.multiselect(key="data.field.target").set_value(["bought"]).run()
    app.button(key="data-undo").click().run()
    app.button(key="data-undo").click().run()
    assert app.session_state["data.opened"].fields == {}
    assert len(fixes(app)) == 2
    assert "data-undo" not in {button.key for button in app.button}


def test_fixes_that_set_a_field_to_different_values_are_not_applied_together() -> None:
    def finding(*edits: Edit) -> Finding:
        return Finding(severity=Severity.WARNING, where="dataset", message="", edits=edits, kind=FindingKind.TIME)

    def put(path: tuple[str | int, ...], value: object) -> Edit:
        return Edit(action="set", path=path, value=value)

    time, group = (put(("dataset", "split"), {"by": by}) for by in ("time", "group"))
    missing = Edit(action="insert", path=("dataset", "missing", 0), value="-999")
    other = Edit(action="insert", path=("dataset", "missing", 0), value="-1")
    loss = put(("class_weight",), "balanced")
    found = [finding(time), finding(group, other), finding(missing), finding(missing, other), finding(loss)]
    assert combined(found) == (3, (time, missing, other))


def test_classes_are_merged_renamed_and_separated_again(home: Home, tmp_path: Path) -> None:
    rows = [f"{number},{number % 7},{number % 3},{name}" for number, name in enumerate(["cat", "Katze", "dog"] * 30)]
    (tmp_path / "pets.csv").write_text("\n".join(["a,b,c,pet", *rows]))
    app = opened(draw_data, path=str(tmp_path / "pets.csv"))
    app.multiselect(key="data.field.target").set_value(["pet"]).run()
    assert list(app.multiselect(key="data.labels.chosen").options) == ["Katze", "cat", "dog"]
    app.multiselect(key="data.labels.chosen").set_value(["Katze", "cat"]).run()
    app.text_input(key="data.labels.new").set_value("Cat").run()
    assert app.button(key="data-labels-apply").label == "Merge 2 classes"
    app.button(key="data-labels-apply").click().run()
    assert app.session_state["data.opened"].fields["labels"] == {"Katze": "Cat", "cat": "Cat"}
    assert list(app.multiselect(key="data.labels.chosen").options) == ["Cat", "dog"]
    assert "Katze, cat → **Cat**" in shown(app)
    app.multiselect(key="data.labels.chosen").set_value(["Cat"]).run()
    app.text_input(key="data.labels.new").set_value("cat").run()
    app.button(key="data-labels-apply").click().run()
    assert app.session_state["data.opened"].fields["labels"] == {"Katze": "cat", "Cat": "cat"}
    app.button(key="icon-data-label-0").click().run()
    assert "labels" not in app.session_state["data.opened"].fields


def test_pictures_are_shown_with_their_classes_and_what_is_broken(home: Home, tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "pets", each=12)
    (folder / "cat" / "0.png").write_bytes(b"no picture")
    app = opened(draw_data, path=str(zip_of(tmp_path / "pets.zip", folder)))
    assert "images · 24 files" in shown(app)
    assert "0.png is not a picture in one of the formats" in shown(app)
    assert len([image for images in app.get("image") for image in images.proto.imgs]) == 11
    assert fixes(app) == ["Leave out pictures that cannot be decoded."]
    fix(app, "Leave out pictures that cannot be decoded.")
    assert "No problems found." in shown(app)
    assert "images · 23 files" in shown(app)
    app.button(key="data-keep-button").click().run()
    assert Library(home).get("pets").dataset["skip_broken"] is True
    assert Library(home).state(Library(home).get("pets")) == "current"


def test_table_is_used_as_a_series_and_as_a_table_again(home: Home, tmp_path: Path) -> None:
    path = sales(tmp_path / "sales.csv")
    app = opened(draw_data, path=str(path))
    app.multiselect(key="data.field.target").set_value(["sold"]).run()
    assert "use the file as a time series" in shown(app)
    app.segmented_control(key="data.use").set_value("series").run()
    fix(app, "Order the steps by column 'day'.")
    fix(app, "Take column 'store' as the name of the series.")
    fix(app, "Let no window cross a gap.")
    app.text_input(key="data.field.past").set_value("6").run()
    app.selectbox(key="data.role.0.time").set_value("date").run()
    assert app.selectbox(key="data.role.1.id").options == ["auto: id", "numeric", "category", "date", "ignore"]
    assert "**Regression**: 6 × 30 inputs, 1 number" in shown(app)
    assert "windows of 153 steps in 3 series, by day." in shown(app)
    app.text_input(key="data.keep.name").set_value("stores").run()
    app.button(key="data-keep-button").click().run()
    assert not app.exception
    [entry] = Library(home).entries()
    expected = {"target": "sold", "time": "day", "id": "store", "gaps": "split", "past": 6, "columns": {"day": "date"}}
    assert entry.dataset == {"name": "series", "path": str(path), **expected}
    again = opened(draw_data, name="stores")
    assert again.segmented_control(key="data.use").value == "series"
    again.segmented_control(key="data.use").set_value("csv").run()
    assert not again.exception
    assert again.session_state["data.opened"].fields == {"target": "sold", "columns": {"day": "date"}}


def test_table_of_paths_is_used_as_pictures_by_one_click(home: Home, tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "pets", each=12)
    names = sorted(file.relative_to(tmp_path).as_posix() for file in folder.rglob("*.png"))
    lines = [f"{name},{name.split('/')[1]}" for name in names]
    (tmp_path / "labels.csv").write_text("\n".join(["file,animal", *lines, ""]))
    app = opened(draw_data, path=str(tmp_path / "labels.csv"))
    fix(app, "Use the pictures instead of their paths.")
    assert app.segmented_control(key="data.use").value == "images"
    assert "delimiter" not in [box.label for box in app.selectbox]
    app.multiselect(key="data.field.target").set_value(["animal"]).run()
    assert "No problems found." in shown(app)
    assert "64 × 64 × 3 inputs, 2 classes" in shown(app)
    assert len([image for images in app.get("image") for image in images.proto.imgs]) == 12
    (folder / "cat" / "0.png").unlink()
    app.run()
    st.cache_data.clear()
    app.run()
    assert "Row 1 of labels.csv names the picture 'pets/cat/0.png', which is not a file" in shown(app)


def test_dates_written_another_way_are_read_by_a_fix_and_as_text_again(home: Home, tmp_path: Path) -> None:
    dates = [f"{1 + row % 28:02}.{1 + row % 9:02}.2024" for row in range(60)]
    kinds = np.random.default_rng(0).choice(["a", "b"], 60)
    rows = [f"{dates[row]},{row % 7},{row % 5 / 2},{kinds[row]}" for row in range(60)]
    (tmp_path / "sold.csv").write_text("\n".join(["sold,x,y,kind", *rows]))
    app = opened(draw_data, path=str(tmp_path / "sold.csv"))
    app.multiselect(key="data.field.target").set_value(["kind"]).run()
    fix(app, "Read them as dates written %d.%m.%Y.")
    assert "Dates in **sold** are read as `%d.%m.%Y`." in shown(app)
    assert "Classification" in shown(app)
    assert app.selectbox(key="data.role.0.date").options[0] == "auto: date"
    app.button(key="icon-data-dates-0").click().run()
    assert "date_formats" not in app.session_state["data.opened"].fields
