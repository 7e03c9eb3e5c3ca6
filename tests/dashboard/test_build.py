import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import loaders, state
from dashboard.draft import Draft, History
from dashboard.loaders import checks, similar_runs
from tests.support.pages import page_of
from tests.support.picture_files import cuttings, picture_table
from tests.support.runs import a_run
from trainer.config import Config, Vary
from trainer.config.check import AugmentedSample, CheckReport, Edit, LayerReport, Problem, Severity
from trainer.config.overrides import with_value
from trainer.config.recipes import RECIPES
from trainer.errors import StoreUnreachableError
from trainer.execution import Limits, inspector_client
from trainer.home import Home
from trainer.tracking.run import Point

TOO_WIDE = Problem(
    severity=Severity.ERROR,
    where="layers.4",
    message="10 classes, and 12 outputs.",
    fix="Use 10 units",
    edits=(Edit(action="set", path=("layers", 3, "units"), value=10),),
)


def look(config: Config) -> CheckReport:
    """What an inspector would say, as far as these tests go: a Dense of 12 at the end does not fit the digits."""
    wrong = config.layers[-1].kind == "Dense" and getattr(config.layers[-1], "units", 0) == 12
    layers = tuple(LayerReport(layer=layer.kind, output_shape=(None, 64), parameters=10) for layer in config.layers)
    return CheckReport(
        ok=not wrong,
        input_shape=(None, 8, 8),
        layers=layers,
        parameters=9610,
        trainable_parameters=9610,
        memory_bytes=1_200_000,
        problems=(TOO_WIDE,) if wrong else (),
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(checks, "check_report", look)
    yield Home.resolve(tmp_path).make()
    st.cache_data.clear()


def page() -> AppTest:
    def draw() -> None:
        from dashboard.views import build

        build.render()

    return page_of(draw)


def draft(app: AppTest) -> Draft:
    history: Any = app.session_state["build.drafts"]
    found: Draft = history.now
    return found


def kinds(app: AppTest) -> list[str]:
    return [str(fields["layer"]) for _, fields in draft(app).cards("layers")]


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click()
    app.run()
    assert not app.exception


def type_in(app: AppTest, key: str, text: str) -> None:
    app.text_input(key=key).set_value(text)
    app.run()
    assert not app.exception


def card(app: AppTest, place: int) -> int:
    return draft(app).ids["layers"][place]


def units_key(app: AppTest, place: int) -> str:
    return f"build.layers.{card(app, place)}.units:integer"


def shown(app: AppTest) -> str:
    blocks: list[Any] = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info]
    return "\n".join(str(block.value) for block in blocks).replace("\\", "")


def test_first_page_is_the_quickstart_ready_to_train(home: Home) -> None:
    app = page().run()
    assert not app.exception
    assert kinds(app) == ["Flatten", "Dense", "Dropout", "Dense"]
    assert app.metric[0].value == "9,610"
    assert not app.button(key="train").disabled
    assert "1,797" in shown(app)


def test_layer_is_moved_and_its_value_stays_with_it(home: Home) -> None:
    app = page().run()
    dense = card(app, 1)
    type_in(app, units_key(app, 1), "77")
    press(app, f"icon-down-{dense}")
    assert kinds(app) == ["Flatten", "Dropout", "Dense", "Dense"]
    assert app.text_input(key=f"build.layers.{dense}.units:integer").value == "77"


def test_layer_is_duplicated_removed_and_brought_back(home: Home) -> None:
    app = page().run()
    press(app, f"icon-copy-{card(app, 1)}")
    assert kinds(app) == ["Flatten", "Dense", "Dense", "Dropout", "Dense"]
    press(app, f"icon-remove-{card(app, 0)}")
    assert kinds(app) == ["Dense", "Dense", "Dropout", "Dense"]
    undo = next(button for button in app.button if button.label == "Undo")
    undo.click().run()
    assert kinds(app)[0] == "Flatten"


def test_wrong_value_is_told_beside_its_field_and_kept(home: Home) -> None:
    app = page().run()
    type_in(app, units_key(app, 1), "12x")
    assert app.text_input(key=units_key(app, 1)).value == "12x"
    assert "units**: expected an integer, got '12x'." in shown(app)
    assert app.button(key="train").disabled
    assert "Fix the error first." in shown(app)
    app.run()
    assert app.text_input(key=units_key(app, 1)).value == "12x"


def test_emptied_field_is_not_filled_again_while_it_is_typed_in(home: Home) -> None:
    app = page().run()
    type_in(app, "build.optimizer.learning_rate:rate", "")
    assert app.text_input(key="build.optimizer.learning_rate:rate").value == ""
    assert not app.button(key="train").disabled


def test_problem_is_mended_by_one_click_and_undone(home: Home) -> None:
    app = page().run()
    type_in(app, units_key(app, 3), "12")
    assert "10 classes, and 12 outputs." in shown(app)
    assert "Fix the error first." in shown(app)
    press(app, "fix-0")
    assert app.text_input(key=units_key(app, 3)).value == "10"
    assert not app.button(key="train").disabled
    next(button for button in app.button if button.label == "Undo").click().run()
    assert app.text_input(key=units_key(app, 3)).value == "12"


def test_label_smoothing_is_added_by_one_click_in_the_form_and_beside_its_error(home: Home) -> None:
    app = page().run()
    assert "loss-smoothing" not in [button.key for button in app.button], "it is with the advanced fields"
    press(app, "build.loss:more-button")
    press(app, "loss-smoothing")
    loss = {"name": "CategoricalCrossentropy", "from_logits": True, "label_smoothing": 0.1}
    assert draft(app).fields["loss"] == loss
    assert "loss-smoothing" not in [button.key for button in app.button]
    wrong = draft(app).change(("loss", "name"), "SparseCategoricalCrossentropy")
    app.session_state["build.drafts"] = History(wrong)
    app.run()
    assert "SparseCategoricalCrossentropy has no label smoothing in Keras" in shown(app)
    press(app, "fix-smoothing")
    assert draft(app).fields["loss"] == loss


def test_wrong_field_is_marked_and_leaves_the_shapes_before_it(home: Home) -> None:
    app = page().run()
    assert shown(app).count("(64)") == 4
    type_in(app, units_key(app, 3), "many")
    assert shown(app).count("(64)") == 3
    assert "expected an integer" in shown(app)
    assert app.button(key="train").disabled
    mark = f"st-key-build-layers-{card(app, 3)}-units-"
    assert [each for each in app.get("html") if mark in each.proto.body]
    type_in(app, units_key(app, 3), "10")
    assert not [each for each in app.get("html") if mark in each.proto.body]


def test_changing_the_kind_keeps_shared_fields(home: Home) -> None:
    app = page().run()
    app.selectbox(key=f"build.layers.{card(app, 1)}:kind").set_value("LSTM").run()
    assert draft(app).fields["layers"][1] == {"layer": "LSTM", "units": 128, "activation": "relu"}


def test_more_shows_the_advanced_fields(home: Home) -> None:
    app = page().run()
    key = f"build.layers.{card(app, 1)}.kernel_regularizer:kind"
    assert not [box for box in app.selectbox if box.key == key]
    press(app, f"build.layers.{card(app, 1)}:more-button")
    app.selectbox(key=key).set_value("L2").run()
    type_in(app, f"build.layers.{card(app, 1)}.kernel_regularizer.l2:number", "0.5")
    assert draft(app).fields["layers"][1]["kernel_regularizer"] == {"name": "L2", "l2": 0.5}


def test_schedule_takes_over_the_rate_and_gives_it_back(home: Home) -> None:
    app = page().run()
    type_in(app, "build.optimizer.learning_rate:rate", "0.05")
    app.selectbox(key="build.optimizer.learning_rate:kind").set_value("CosineDecay").run()
    rate = draft(app).fields["optimizer"]["learning_rate"]
    assert rate["name"] == "CosineDecay"
    assert rate["initial_learning_rate"] == 0.05
    app.selectbox(key="build.optimizer.learning_rate:kind").set_value("constant").run()
    assert draft(app).fields["optimizer"]["learning_rate"] == 0.05


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_page_draws_every_recipe(home: Home, recipe: Any) -> None:
    app = page()
    app.session_state["build.drafts"] = History(Draft.of(recipe.config.short()))
    app.run()
    assert not app.exception
    assert not app.button(key="train").disabled


def test_layer_chosen_from_a_menu_goes_behind_its_card(home: Home) -> None:
    def draw() -> None:
        from dashboard import state
        from dashboard.views import build
        from dashboard.views.build.layer_menu import insert_layer

        first = state.drafts().now.ids["layers"][0]
        if state.typed("chosen") is None:
            state.follow("chosen", True)
            insert_layer(f"layers-{first}", "BatchNormalization")
            insert_layer("layers-999", "Dropout")
            insert_layer("layers", "Nothing")
        build.render()

    app = page_of(draw).run()
    assert not app.exception
    assert kinds(app) == ["Flatten", "BatchNormalization", "Dense", "Dropout", "Dense"]


def test_layers_inside_a_block_show_their_shapes_and_take_another_after_them(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw() -> None:
        from dashboard import state
        from dashboard.views import build
        from dashboard.views.build.layer_menu import insert_layer

        block = state.drafts().now.ids["layers"][1]
        if state.typed("chosen") is None:
            state.follow("chosen", True)
            insert_layer(f"layers-{block}-layers-0", "BatchNormalization")
            insert_layer(f"layers-{block}-layers", "Dropout")
        build.render()

    def reported(config: Config) -> CheckReport:
        inside = tuple(LayerReport(layer="Dense", output_shape=(None, 64 + place), parameters=7) for place in range(3))
        flat = LayerReport(layer="Flatten", output_shape=(None, 64), parameters=0)
        return CheckReport(ok=False, input_shape=(None, 8, 8), layers=(flat,), unbuilt=inside)

    monkeypatch.setattr(checks, "check_report", reported)
    block = {"layer": "Residual", "layers": [{"layer": "Dense", "units": 64}, {"layer": "Dense", "units": 65}]}
    fields = RECIPES[0].config.short()
    app = page_of(draw)
    app.session_state["build.drafts"] = History(Draft.of({**fields, "layers": ["Flatten", block]}))
    app.run()
    assert not app.exception
    inner = draft(app).items(("layers", card(app, 1), "layers"))
    assert [layer["layer"] for layer in inner] == ["Dense", "BatchNormalization", "Dense", "Dropout"]
    assert "(66) · **7**" in shown(app)


def test_data_set_to_download_says_its_size(home: Home) -> None:
    app = page().run()
    app.selectbox(key="build.dataset").set_value("mnist").run()
    assert not app.exception
    assert "11.5 MB" in shown(app)
    assert not app.button(key="train").disabled


def test_own_file_that_is_not_there_is_a_sentence(home: Home) -> None:
    app = page().run()
    app.selectbox(key="build.dataset").set_value("npz").run()
    type_in(app, "build.dataset.path:text", "/nowhere/x.npz")
    assert "/nowhere/x.npz" in shown(app)


def test_own_file_shows_what_is_in_it(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "own.npz"
    np.savez(file, x=np.random.default_rng(0).normal(size=(40, 3)), y=np.arange(40) % 2)
    app = page().run()
    app.selectbox(key="build.dataset").set_value("npz").run()
    type_in(app, "build.dataset.path:text", str(file))
    assert not app.exception
    assert "**40** samples · 3 · 2 classes" in shown(app)


def test_own_images_are_shown_as_pictures_whatever_their_type_and_order(home: Home, tmp_path: Path) -> None:
    y = np.arange(40) % 2
    for place, x in enumerate((np.random.default_rng(0).random((40, 9, 8)), np.ones((40, 3, 16, 16), "int64"))):
        np.savez(tmp_path / f"{place}.npz", x=x, y=y, x_val=x[:9], y_val=y[:9], sample_weight=y + 1, groups=y)
    app = page().run()
    app.selectbox(key="build.dataset").set_value("npz").run()
    type_in(app, "build.dataset.path:text", str(tmp_path / "0.npz"))
    assert len(app.get("image")) == 6
    for words in ("sample_weight weights the training samples", "x_val and y_val are the validation data", "groups"):
        assert words in shown(app)
    assert "validation 9" in shown(app)
    type_in(app, "build.dataset.path:text", str(tmp_path / "1.npz"))
    assert not app.get("image")
    press(app, "build.dataset:more-button")
    app.selectbox(key="build.dataset.channels:choice").set_value("first").run()
    assert not app.exception
    assert len(app.get("image")) == 6


def test_own_pictures_are_shown_once_broken_ones_are_left_out(home: Home, tmp_path: Path) -> None:
    folder = cuttings(tmp_path / "own")
    (folder / "china" / "cut.jpg").write_bytes(b"not a picture")
    app = page().run()
    app.selectbox(key="build.dataset").set_value("images").run()
    type_in(app, "build.dataset.path:text", str(folder))
    assert "1 picture in own cannot be used: 'china/cut.jpg' is not a picture" in shown(app)
    next(box for box in app.checkbox if box.label == "skip_broken").check().run()
    assert len(app.get("image")) == 6
    assert "**24** samples · 64 × 64 × 3 · 2 classes" in shown(app)
    assert "1 picture that cannot be read is left out: china/cut.jpg" in shown(app)
    assert not [field for field in app.text_input if field.label in {"column", "missing"}]
    type_in(app, "build.dataset.path:text", str(picture_table(folder)))
    assert "own.csv has no column 'image' for column" in shown(app)


def test_name_with_markup_is_shown_as_text(home: Home) -> None:
    app = page().run()
    type_in(app, "build.name:text", "<b>x</b>\u0001")
    assert not app.exception
    assert not [part for part in app.get("html") if "<b>x" in part.proto.body]
    assert app.text_input(key="build.name:text").value == "<b>x</b>\u0001"


def test_unknown_run_leaves_the_draft_and_says_so(home: Home) -> None:
    app = page()
    app.query_params["from"] = "abcd"
    app.run()
    assert "The draft is unchanged" in shown(app)
    assert kinds(app) == ["Flatten", "Dense", "Dropout", "Dense"]


def test_run_fills_the_draft_once_and_later_changes_stay(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders, "find", lambda word: "run")
    monkeypatch.setattr(loaders, "config", lambda run: RECIPES[2].config)
    app = page()
    app.query_params["from"] = "abc"
    app.run()
    assert not app.exception
    assert draft(app).plain() == Draft.of(state.unnamed(RECIPES[2].config)).plain()
    press(app, f"icon-remove-{card(app, 0)}")
    assert len(kinds(app)) == len(RECIPES[2].config.layers) - 1


def test_proposed_number_is_shown_short_and_kept_whole_until_it_is_edited(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = with_value(RECIPES[0].config, "optimizer.learning_rate", 0.003456789012345678)
    monkeypatch.setattr(loaders, "find", lambda word: "run")
    monkeypatch.setattr(loaders, "config", lambda run: config)
    app = page()
    app.query_params["from"] = "abc"
    app.run()
    assert app.text_input(key="build.optimizer.learning_rate:rate").value == "0.003457"
    assert "learning_rate: 0.003456789012345678" in app.text_area(key="build.yaml.text").value
    type_in(app, "build.epochs:integer", "7")
    assert draft(app).plain()["optimizer"]["learning_rate"] == 0.003456789012345678
    for text in ("0.00346", "0.003457"):
        type_in(app, "build.optimizer.learning_rate:rate", text)
    assert draft(app).plain()["optimizer"]["learning_rate"] == 0.003457


def test_run_to_fine_tune_fills_the_draft_with_its_weights_as_the_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaders, "find", lambda word: a_run(run_id="ab" * 16))
    monkeypatch.setattr(loaders, "config", lambda run: RECIPES[2].config)
    app = page()
    app.query_params["from"], app.query_params["weights"] = "abab", "run"
    app.run()
    assert not app.exception
    assert draft(app).plain()["weights"] == {"source": "run", "run": "ab" * 16}
    press(app, "build.training:more-button")
    assert app.text_input(key="build.weights.run:text").value == "ab" * 16
    app.selectbox(key="build.weights:kind").set_value("none").run()
    assert "weights" not in draft(app).plain()


def test_while_keras_loads_the_page_says_so_and_trains(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "check_report", lambda config: None)
    asked: list[bool] = []
    monkeypatch.setattr(checks, "ensure_inspector", lambda: asked.append(True))
    app = page().run()
    assert "Keras is loading" in shown(app)
    assert asked
    assert not app.button(key="train").disabled


def test_store_that_is_away_is_a_sentence_and_the_draft_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise StoreUnreachableError("The store does not answer; is it running?")

    monkeypatch.setattr(loaders, "store", away)
    app = page().run()
    type_in(app, units_key(app, 1), "77")
    press(app, "train")
    assert "The store does not answer; is it running?" in shown(app)
    assert app.text_input(key=units_key(app, 1)).value == "77"


def test_train_pressed_twice_queues_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views.build import train_button as train

    queued: list[Config] = []
    went: list[str] = []

    def enqueue(store: Any, config: Config, *, limits: Limits, seeded: bool, vary: Vary, **options: Any) -> str:
        queued.append(config)
        return f"run{len(queued)}"

    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", enqueue)
    monkeypatch.setattr(train, "go", lambda page, **query: went.append(query["id"]))
    app = page().run()
    press(app, "train")
    press(app, "train")
    assert len(queued) == 1
    assert went == ["run1", "run1"]
    app.run()
    press(app, "train")
    assert went[-1] == "run2"


def test_page_follows_a_run_that_a_standby_trains_once_its_first_epoch_is_there(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.views.build import train_button as train

    looks: list[Path] = []
    went: list[tuple[str, int]] = []

    def points(folder: Path) -> Iterator[Point]:
        looks.append(folder)
        return iter([Point("loss", 0.5, 0, 1)] if len(looks) > 1 else [])

    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", lambda *given, **options: "run1")
    monkeypatch.setattr(train, "has_standby", lambda home: True)
    monkeypatch.setattr(train, "read_journal", points)
    monkeypatch.setattr(train, "_FIRST_EPOCH_SECONDS", 60.0)
    monkeypatch.setattr(train, "go", lambda page, **query: went.append((query["id"], len(looks))))
    press(page().run(), "train")
    assert went == [("run1", 2)]
    assert set(looks) == {home.run("run1")}


def test_train_gives_runs_the_limits_that_are_typed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views.build import train_button as train

    given: list[Limits] = []

    def enqueue(store: Any, config: Config, *, limits: Limits, seeded: bool, vary: Vary, **options: Any) -> str:
        given.append(limits)
        return "run"

    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", enqueue)
    monkeypatch.setattr(train, "go", lambda page, **query: None)
    app = page().run()
    app.text_input(key="build.time_limit").set_value("30").run()
    assert "is not a time limit" in "\n".join(each.value for each in app.markdown).replace("\\", "")
    assert app.button(key="train").disabled
    app.text_input(key="build.time_limit").set_value("30m").run()
    app.text_input(key="build.memory_limit").set_value("4GB").run()
    assert "at most 30 min and 4.0 GB" in [each.value for each in app.caption]
    press(app, "train")
    assert given == [Limits(seconds=1800, memory=4_000_000_000)]


def test_no_worker_is_told_with_what_to_start(home: Home) -> None:
    app = page().run()
    assert "`fitboard up`" in "\n".join(str(caption.value) for caption in app.caption)


def edit_yaml(app: AppTest, text: str) -> None:
    app.text_area(key="build.yaml.text").set_value(text)
    app.run()
    assert not app.exception


def test_yaml_follows_the_form_and_the_form_follows_the_yaml(home: Home) -> None:
    app = page().run()
    type_in(app, units_key(app, 1), "77")
    text = app.text_area(key="build.yaml.text").value
    assert "{layer: Dense, units: 77, activation: relu}" in text
    before = [card(app, place) for place in range(4)]
    edit_yaml(app, text.replace("units: 77", "units: 99"))
    assert app.text_input(key=units_key(app, 1)).value == "99"
    assert [card(app, place) for place in range(4)] == before
    next(button for button in app.button if button.label == "Undo").click().run()
    assert "units: 77" in app.text_area(key="build.yaml.text").value


def test_yaml_with_mistakes_is_kept_as_typed_with_its_lines_until_it_is_fixed(home: Home) -> None:
    app = page().run()
    good = app.text_area(key="build.yaml.text").value
    wrong = good.replace("units: 128", "units: many").replace("epochs: 5", "epochs: -5")
    edit_yaml(app, wrong)
    assert app.text_area(key="build.yaml.text").value == wrong
    assert "**Line 4**, **layers.2.units**" in shown(app)
    assert "**Line 10**, **epochs**" in shown(app)
    assert app.text_input(key=units_key(app, 1)).value == "128"
    assert app.button(key="train").disabled
    type_in(app, units_key(app, 3), "11")
    assert app.text_area(key="build.yaml.text").value == wrong
    edit_yaml(app, good)
    assert "Line" not in shown(app)
    assert not app.button(key="train").disabled


def test_yaml_that_is_rejected_can_be_discarded(home: Home) -> None:
    app = page().run()
    good = app.text_area(key="build.yaml.text").value
    edit_yaml(app, "layers: [Flatten")
    assert "valid YAML on line" in shown(app)
    press(app, "yaml-discard")
    assert app.text_area(key="build.yaml.text").value == good
    assert not app.button(key="train").disabled


def test_form_with_an_error_is_shown_as_yaml_that_can_be_fixed_there(home: Home) -> None:
    app = page().run()
    type_in(app, units_key(app, 1), "12x")
    text = app.text_area(key="build.yaml.text").value
    assert "units: 12x" in text
    edit_yaml(app, text.replace("12x", "12"))
    assert app.text_input(key=units_key(app, 1)).value == "12"
    assert not app.button(key="train").disabled


def test_keras_code_follows_the_form(home: Home) -> None:
    app = page().run()
    assert not app.code, "highlighting costs a second where nobody looks at it"
    app.session_state["build.source"] = "Keras code"
    app.run()
    assert "keras.Input((8, 8))" in app.code[0].value
    type_in(app, units_key(app, 1), "77")
    assert 'keras.layers.Dense(77, activation="relu")' in app.code[0].value
    type_in(app, units_key(app, 3), "many")
    assert "keras.layers.Dropout(0.2)" in app.code[0].value
    assert app.code[0].value.count("Dense") == 1


def test_choices_are_described_and_common_ones_come_first(home: Home) -> None:
    app = page().run()
    activations = app.selectbox(key=f"build.layers.{card(app, 1)}.activation:choice").options
    assert activations[:5] == [
        "none",
        "relu · max(0, x)",
        "softmax · probabilities",
        "sigmoid · between 0 and 1",
        "tanh · between −1 and 1",
    ]
    assert all(" · " in option for option in activations[1:])
    for key in ("build.loss:kind", "build.optimizer:kind", f"build.layers.{card(app, 1)}:kind"):
        assert all(" · " in option for option in app.selectbox(key=key).options)


def test_config_that_has_a_finished_run_says_so_and_trains_all_the_same(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(metrics={"test_accuracy": 0.91, "test_loss": 0.3})
    asked: list[str] = []

    def found(reader: Any, digest: str, *, since: float, limit: int) -> list[Any]:
        asked.append(digest)
        return [run]

    monkeypatch.setattr(similar_runs, "finished_runs", found)
    st.cache_resource.clear()
    app = page().run()
    assert "This config has already finished: test accuracy 0.9100" in shown(app)
    assert run.run_id in str([element.proto for element in app.get("page_link")])
    assert not app.button(key="train").disabled
    app.run()
    assert asked == [RECIPES[0].config.digest]
    st.cache_resource.clear()


def test_repeats_are_queued_with_seeds_of_their_own_and_compared(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views.build import train_button as train

    queued: list[Config] = []
    went: list[Any] = []

    away = [False, True, False, False]

    def enqueue(store: Any, config: Config, *, limits: Limits, seeded: bool, vary: Vary, **options: Any) -> str:
        if away.pop(0):
            raise StoreUnreachableError("The store is away.")
        queued.append(config)
        return f"run{len(queued)}"

    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", enqueue)
    monkeypatch.setattr(train, "go", lambda page, **query: went.append((page.path, query)))
    app = page().run()
    app.number_input(key="build.repeats").set_value(3).run()
    press(app, "train")
    assert not went
    press(app, "train")
    assert [config.seed for config in queued] == [0, 1, 2]
    assert went == [("compare", {"runs": "run1,run2,run3"})]


def test_repeats_with_other_splits_are_queued_as_such(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views.build import train_button as train

    queued: list[tuple[int, int, Vary]] = []

    def enqueue(store: Any, config: Config, *, limits: Limits, seeded: bool, vary: Vary, **options: Any) -> str:
        queued.append((config.seed, config.dataset.split_seed, vary))
        return f"run{len(queued)}"

    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", enqueue)
    monkeypatch.setattr(train, "go", lambda page, **query: None)
    app = page().run()
    assert not [each for each in app.selectbox if each.key == "build.vary"]
    app.number_input(key="build.repeats").set_value(2).run()
    app.selectbox(key="build.vary").set_value("split").run()
    press(app, "train")
    assert queued == [(0, 0, Vary.SPLIT), (1, 1, Vary.SPLIT)]


def test_folds_are_queued_as_such(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views.build import train_button as train

    queued: list[tuple[int, int, int, Vary]] = []

    def enqueue(store: Any, config: Config, *, limits: Limits, seeded: bool, vary: Vary, **options: Any) -> str:
        dataset: Any = config.dataset
        queued.append((config.seed, dataset.folds, dataset.fold, vary))
        return f"run{len(queued)}"

    monkeypatch.setattr(loaders, "store", lambda: None)
    monkeypatch.setattr(train, "enqueue", enqueue)
    monkeypatch.setattr(train, "go", lambda page, **query: None)
    app = page().run()
    app.number_input(key="build.repeats").set_value(3).run()
    app.selectbox(key="build.vary").set_value("fold").run()
    press(app, "train")
    assert queued == [(place, 3, place + 1, Vary.FOLD) for place in range(3)]


def test_network_that_cannot_be_built_has_no_size(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = CheckReport(ok=False, input_shape=(None, 2), layers=(), problems=(TOO_WIDE,))
    monkeypatch.setattr(checks, "check_report", lambda config: cut)
    app = page().run()
    assert not app.metric
    assert "10 classes, and 12 outputs." in shown(app)


def test_value_that_the_browser_sent_before_an_undo_reached_it_is_not_taken_for_an_edit(home: Home) -> None:
    app = page().run()
    first = app.text_area(key="build.yaml.text").value
    type_in(app, units_key(app, 1), "77")
    held = app.text_area(key="build.yaml.text").value
    undo = next(button for button in app.button if button.label == "Undo")
    undo.click().run()
    # A message of the browser has the values of all widgets, and this one those from before the undo.
    app.text_input(key=units_key(app, 1)).set_value("77")
    app.text_area(key="build.yaml.text").set_value(held).run()
    assert app.text_input(key=units_key(app, 1)).value == "128"
    assert app.text_area(key="build.yaml.text").value == first
    type_in(app, units_key(app, 1), "55")
    assert "units: 55" in app.text_area(key="build.yaml.text").value


def test_value_from_before_an_undo_can_be_typed_again_a_moment_later(home: Home) -> None:
    app = page().run()
    type_in(app, units_key(app, 1), "77")
    next(button for button in app.button if button.label == "Undo").click().run()
    followed = app.session_state["build.followed"]
    app.session_state["build.followed"] = {key: (*values, 0.0) for key, (*values, _) in followed.items()}
    type_in(app, units_key(app, 1), "77")
    assert "units: 77" in app.text_area(key="build.yaml.text").value


def test_layers_inside_a_block_are_added_edited_moved_and_removed(home: Home) -> None:
    app = page().run()
    dropout = card(app, 2)
    app.selectbox(key=f"build.layers.{dropout}:kind").set_value("Residual").run()
    assert not app.exception
    inside = f"build.layers.{dropout}.layers"
    app.selectbox(key=f"{inside}.0:kind").set_value("Dense").run()
    assert not app.exception
    type_in(app, f"{inside}.0.units:integer", "128")
    with_two = draft(app).change(("layers", dropout, "layers"), [{"layer": "Dense", "units": 128}, "Flatten"])
    app.session_state["build.drafts"] = app.session_state["build.drafts"].do(with_two)
    app.run()
    assert not app.exception
    press(app, f"icon-down-{inside}.0:row")
    held = draft(app).part(("layers", dropout))
    assert [layer["layer"] for layer in held["layers"]] == ["Flatten", "Dense"]
    press(app, f"icon-remove-{inside}.0:row")
    assert draft(app).part(("layers", dropout))["layers"] == [{"layer": "Dense", "units": 128}]
    type_in(app, f"{inside}.0.units:integer", "many")
    assert "got 'many'" in shown(app)


def test_augmentation_is_previewed_on_a_sample_and_said_to_be_off_without_layers(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, int]] = []

    def augment(fields: Any, _home: Home, _timeout: float, *, sample: int, count: int) -> AugmentedSample | None:
        asked.append((fields["augment"], sample))
        return AugmentedSample(shape=(5, 8, 8), images=base64.b64encode(bytes(320)).decode()) if count == 6 else None

    monkeypatch.setattr(inspector_client, "augment", augment)
    app = page().run()
    assert "Off: the network is trained on the images as they are." in shown(app)
    app.session_state["build.drafts"] = History(draft(app).add("augment", {"layer": "RandomFlip"}))
    app.run()
    assert not app.exception
    assert "Off:" not in shown(app)
    press(app, "icon-augmented")
    assert [sample for _, sample in asked] == [0, 1]
    assert asked[0][0][0]["layer"] == "RandomFlip"
    monkeypatch.setattr(inspector_client, "augment", lambda *_, **__: None)
    press(app, "icon-augmented")
    assert "Augmented samples appear here when Keras is ready." in shown(app)


def test_augmentation_with_an_error_has_no_preview(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspector_client, "augment", lambda *_, **__: pytest.fail("asked"))
    app = page()
    app.session_state["build.drafts"] = History(
        Draft.of({**RECIPES[0].config.short(), "augment": [{"layer": "RandomZoom"}]})
    )
    app.run()
    assert not app.exception
