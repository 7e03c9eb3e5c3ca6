"""The logged model, as MLflow's own loaders take it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.series_files import sales, series_config, with_own_dates
from trainer.config import Config
from trainer.data import Splits
from trainer.tracking import Store
from trainer.tracking.write.model import Classes, log_model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]


def trained(store: Store, config: Config, folder: Path) -> tuple[Any, Splits, str]:
    """Train a config, log its model, and return the network, its data, and where the model is."""
    from tests.support.engine import Memory, splits_of
    from trainer.engine.train import train
    from trainer.execution.process.logged_model import log_trained

    splits = splits_of(config, folder)
    _, model = train(config, splits, Memory())
    run_id = store.create(config_text="", experiment="Default", name="x", tags={}, params={})
    log_trained(store, run_id, model, config, splits, epochs=2)
    outputs = store.client.get_run(run_id).outputs.model_outputs
    return model, splits, store.client.get_logged_model(outputs[0].model_id).artifact_location


def answer_of(program: str, *words: object, folder: Path) -> Any:
    """Run a program in a process of its own that does not find Fitboard, and return the JSON of its last line."""
    given = [sys.executable, "-c", program, *map(str, words)]
    done = subprocess.run(given, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_model_is_loaded_by_mlflow_with_its_weights_and_signature(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras
    import mlflow

    run_id = store.create(config_text="", experiment="Default", name="x", tags={}, params={"seed": "0"})
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    sample = np.arange(128, dtype="float32").reshape(2, 8, 8, 1)
    run = store.get(run_id)
    begun = store.client.create_logged_model(run.experiment_id, "model", source_run_id=run_id, params=dict(run.params))

    model_id = log_model(store, run_id, model, sample, step=5)

    assert model_id == begun.model_id, "what an interruption left pending is completed"
    assert mlflow.active_run() is None
    outputs = store.client.get_run(run_id).outputs.model_outputs
    assert [(output.model_id, output.step) for output in outputs] == [(model_id, 5)]
    logged = store.client.get_logged_model(model_id)
    assert (logged.name, str(logged.status), logged.params["seed"]) == ("model", "READY", "0")

    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.tracking_uri)
    mlflow.set_tracking_uri(store.tracking_uri)
    try:
        loaded = mlflow.keras.load_model(f"models:/{model_id}")
        served = mlflow.pyfunc.load_model(f"models:/{model_id}")
        with pytest.raises(mlflow.exceptions.MlflowException, match="shape"):
            served.predict(np.zeros((2, 3), "float32"))
        answers = served.predict(sample)
    finally:
        mlflow.set_tracking_uri(None)
    expected = model.predict(sample, verbose=0)
    np.testing.assert_array_equal(loaded.predict(sample, verbose=0), expected)
    np.testing.assert_array_equal(answers, expected)
    assert served.metadata.signature.inputs.inputs[0].shape == (-1, 8, 8, 1)
    assert served.metadata.signature.outputs.inputs[0].shape == (-1, 10)
    assert "tensorflow" in sys.modules


def test_classifier_answers_with_names_of_classes_where_fitboard_is_not_installed(store: Store, tmp_path: Path) -> None:
    import keras

    run_id = store.create(config_text="", experiment="Default", name="x", tags={}, params={})
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="identity")])
    classes = Classes(names=("rot", "grün"), outputs="logits")
    model_id = log_model(store, run_id, model, np.zeros((1, 2)), classes=classes)

    location = store.client.get_logged_model(model_id).artifact_location
    program = (
        "import json, sys, numpy, mlflow.pyfunc, mlflow.keras\n"
        "served = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "table = served.predict(numpy.array([[3.0, 1.0], [0.0, 2.0]]))\n"
        "network = mlflow.keras.load_model(sys.argv[1])\n"
        "assert network.predict(numpy.zeros((1, 2)), verbose=0).shape == (1, 2)\n"
        "assert not any(name.startswith('trainer') for name in sys.modules)\n"
        "columns = [each.name for each in served.metadata.signature.outputs.inputs]\n"
        "print(json.dumps([columns, table['class'].tolist(), list(table.columns)]))"
    )
    columns, found, shown = answer_of(program, location, folder=tmp_path)
    assert found == ["rot", "grün"]
    assert columns == shown == ["class", "rot", "grün"]


def test_model_of_a_table_takes_raw_rows_where_fitboard_is_not_installed(store: Store, tmp_path: Path) -> None:
    from tests.support.tables import people, table_config

    config = table_config(people(tmp_path / "people.csv"), columns={"zip": "hashed"})
    model, splits, location = trained(store, config, tmp_path)
    expected = model.predict(splits.test.x, verbose=0).argmax(axis=1).tolist()
    program = (
        "import json, sys, pandas, mlflow.pyfunc, mlflow.keras\n"
        "from mlflow.pyfunc.scoring_server import invocations\n"
        "served = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "frame = pandas.read_csv(sys.argv[2], dtype={'zip': str}).loc[json.loads(sys.argv[3])]\n"
        "table = served.predict(frame)\n"
        "network = mlflow.keras.load_model(sys.argv[1])\n"
        "split = json.loads(frame.drop(columns='species').to_json(orient='split', index=False))\n"
        "body = json.dumps({'dataframe_split': split})\n"
        "schema = served.metadata.get_input_schema()\n"
        "answer = invocations(data=body, content_type='application/json', model=served, input_schema=schema)\n"
        "assert answer.status == 200, answer.response\n"
        "over_http = [row['class'] for row in json.loads(answer.response)['predictions']]\n"
        "assert not any(name.startswith('trainer') for name in sys.modules)\n"
        "print(json.dumps([table['class'].tolist(), over_http, sorted(network.input)]))"
    )
    rows = json.dumps(splits.raw["test"].rows.tolist())  # type: ignore[attr-defined]
    by_frame, over_http, inputs = answer_of(program, location, tmp_path / "people.csv", rows, folder=tmp_path)
    assert by_frame == over_http == [["cat", "dog"][place] for place in expected]
    assert inputs == ["age", "city", "group", "income", "weight", "when", "zip"]


def test_model_of_a_series_takes_raw_steps_where_fitboard_is_not_installed(store: Store, tmp_path: Path) -> None:
    # Dates in this format are in another order as texts.
    path = with_own_dates(sales(tmp_path / "sales.csv"))
    config = series_config(path, date_formats={"day": "%d.%m.%Y"})
    model, splits, location = trained(store, config, tmp_path)
    # The past of the last window of the test data, and what the network of the run predicts from it.
    raw = splits.raw["test"]
    steps = raw.steps.rows[raw.starts[-1] : raw.starts[-1] + 6]  # type: ignore[attr-defined]
    expected = model.predict(splits.test.x[-1:], verbose=0)[0].tolist()
    program = (
        "import json, sys, pandas, mlflow.pyfunc\n"
        "from mlflow.pyfunc.scoring_server import invocations\n"
        "served = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "frame = pandas.read_csv(sys.argv[2]).loc[json.loads(sys.argv[3])]\n"
        "table = served.predict(frame)\n"
        "body = json.dumps({'dataframe_records': json.loads(frame.to_json(orient='records'))})\n"
        "schema = served.metadata.get_input_schema()\n"
        "answer = invocations(data=body, content_type='application/json', model=served, input_schema=schema)\n"
        "assert answer.status == 200, answer.response\n"
        "assert not any(name.startswith('trainer') for name in sys.modules)\n"
        "names = [each.name for each in served.metadata.signature.outputs.inputs]\n"
        "print(json.dumps([names, table.values.tolist(), json.loads(answer.response)['predictions']]))"
    )
    # In another order than that of time.
    rows = json.dumps(steps.tolist()[::-1])
    names, by_frame, over_http = answer_of(program, location, path, rows, folder=tmp_path)
    assert names == ["store", "step", "sold"]
    assert [row[1:] for row in by_frame] == [[1, expected[0]], [2, expected[1]]]
    assert [list(row.values()) for row in over_http] == by_frame


def test_model_of_pictures_takes_files_where_fitboard_is_not_installed(store: Store, tmp_path: Path) -> None:
    from tests.support.picture_files import cuttings, picture_config

    folder = cuttings(tmp_path / "pictures")
    model, splits, location = trained(store, picture_config(folder, crop_to_aspect_ratio=True), tmp_path)
    assert "pillow==" in Path(location.removeprefix("file://"), "requirements.txt").read_text()

    files = [sorted(folder.rglob("*.*"))[row] for row in splits.test_rows]  # type: ignore[union-attr]
    program = (
        "import base64, json, sys, numpy, pandas, mlflow.pyfunc, mlflow.keras\n"
        "from PIL import Image, ImageOps\n"
        "from mlflow.pyfunc.scoring_server import invocations\n"
        "served = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "contents = [open(path, 'rb').read() for path in sys.argv[2:]]\n"
        "table = served.predict(pandas.DataFrame({'image': contents}))\n"
        "upright = [ImageOps.exif_transpose(Image.open(path)) for path in sys.argv[2:]]\n"
        "pixels = [numpy.array(each.convert('RGB')) for each in upright]\n"
        "network = mlflow.keras.load_model(sys.argv[1])\n"
        "scores = [network.predict(each[numpy.newaxis], verbose=0)[0].tolist() for each in pixels]\n"
        "records = [{'image': base64.b64encode(each).decode()} for each in contents]\n"
        "records += [{'image': each.tolist()} for each in pixels]\n"
        "body = json.dumps({'dataframe_records': records})\n"
        "schema = served.metadata.get_input_schema()\n"
        "answer = invocations(data=body, content_type='application/json', model=served, input_schema=schema)\n"
        "assert answer.status == 200, answer.response\n"
        "over_http = json.loads(answer.response)['predictions']\n"
        "assert not any(name.startswith('trainer') for name in sys.modules)\n"
        "print(json.dumps([table.to_dict('records'), over_http, scores]))"
    )
    from_files, over_http, scores = answer_of(program, location, *files, folder=tmp_path)
    expected = model.predict(splits.test.x, verbose=0)
    assert [["china", "flower"][place] for place in expected.argmax(axis=1)] == [row["class"] for row in from_files]
    assert over_http == [*from_files, *from_files]
    # One picture at a time, so that no other sample's place in a batch can matter.
    alone = [model.predict(sample[np.newaxis], verbose=0)[0].tolist() for sample in np.asarray(splits.test.x)]
    assert scores == alone
