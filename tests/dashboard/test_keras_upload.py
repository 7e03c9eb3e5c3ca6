"""A Keras model that is dropped on Build becomes the layers of the draft."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from trainer.home import Home

_FLATTEN, _DENSE = {"class_name": "Flatten", "config": {}}, {"class_name": "Dense", "config": {"units": 10}}


def _script(content: str, name: str, with_weights: bool) -> None:
    import io
    import zipfile

    import streamlit as st

    from dashboard import state
    from dashboard.views.build.keras_upload import take_keras_model

    class Given:
        def __init__(self) -> None:
            self.name = name

        def getvalue(self) -> bytes:
            if not name.endswith(".keras"):
                return content.encode()
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w") as archive:
                archive.writestr("config.json", content)
            return made.getvalue()

    st.text(take_keras_model(Given(), with_weights=with_weights))
    st.json(state.drafts().now.plain())


def _dropped(*layers: object, name: str = "m.keras", with_weights: bool = False) -> tuple[str, dict[str, object]]:
    content = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
    app = AppTest.from_function(_script, args=(content, name, with_weights)).run()
    assert not app.exception
    return app.text[0].value, json.loads(app.json[0].value)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Home(tmp_path / "home").make()


def test_model_replaces_the_layers_and_keeps_the_rest() -> None:
    complaint, draft = _dropped(_FLATTEN, _DENSE, name="M.JSON".lower())
    assert complaint == "None"
    assert draft["layers"] == [{"layer": "Flatten"}, {"layer": "Dense", "units": 10}]
    assert draft["dataset"]
    assert "weights" not in draft


def test_weights_of_the_model_are_kept_in_home(home: Home) -> None:
    _, draft = _dropped(_FLATTEN, _DENSE, name="my model.keras", with_weights=True)
    (kept,) = home.data.glob("*/*.keras")
    assert draft["weights"] == {"source": "file", "path": str(kept)}
    assert kept.name == "my model.keras"


def test_refused_model_leaves_the_draft() -> None:
    complaint, draft = _dropped(_FLATTEN, {"class_name": "Attention", "config": {}})
    assert complaint.startswith("Layer 2 (Attention) is not among the layers of a config")
    assert {"layer": "Flatten"} in draft["layers"]  # type: ignore[operator]
    assert len(draft["layers"]) > 2  # type: ignore[arg-type]
