"""From a file to a prediction: drop a table, fix two problems, keep it, train on it, and ask the saved model."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.support.picture_files import cuttings, zipped
from tests.support.pictures import picture_folder
from tests.support.up import Up, running_up
from tests.support.worker import wait_for
from trainer.data.library import Library
from trainer.tracking import Status, open_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
_FIXES = "[class*=st-key-data-fix] button"

_ASK = """
import json, sys
import mlflow, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
answers = model.predict(pandas.DataFrame(json.loads(sys.argv[2])))
print(json.dumps(answers.to_dict("records")))
"""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with running_up(tmp_path_factory.mktemp("data-journey")) as started:
        started.wait_until_warm()
        yield started


@pytest.fixture
def table(tmp_path: Path) -> Path:
    random, rows = np.random.default_rng(2), 400
    size = random.normal(50, 10, rows).round(2)
    frame = pd.DataFrame(
        {
            "id": np.arange(9000, 9000 + rows),
            "size": np.where(random.random(rows) < 0.05, -999, size),
            "color": random.choice(["red", "blue"], rows),
            "bought": np.where(size > 50, "yes", "no"),
        }
    )
    frame.to_csv(tmp_path / "customers.csv", index=False, sep=";")
    return tmp_path / "customers.csv"


def _settled(page: Page) -> None:
    page.wait_for_timeout(300)
    page.wait_for_selector(_IDLE)


def test_journey_from_a_dropped_file_to_a_prediction(page: Page, up: Up, table: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{up.dashboard}/data")
    page.wait_for_selector(_IDLE)
    _drops(page, table)
    _fixes_two_problems(page)
    _keeps(page, up, table)
    run_id = _trains(page, up)
    _answers_raw_rows(up, run_id)
    _tells_that_the_file_changed(page, up, run_id)


def test_journey_from_uploaded_pictures_to_a_prediction(page: Page, up: Up, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{up.dashboard}/build")
    page.wait_for_selector(_IDLE)
    page.get_by_role("combobox", name="dataset").click()
    page.get_by_role("option", name="images · your own file").click()
    archive = zipped(cuttings(tmp_path / "photographs", 60))
    page.locator(".st-key-panel-data input[type=file]").set_input_files(archive)
    expect(page.locator(".st-key-samples img")).to_have_count(6)
    page.get_by_role("button", name="Set units of layer").click()
    expect(page.get_by_text("Ready to train")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile(r"/run\?id=[0-9a-f]{32}"))
    run_id = page.url.partition("id=")[2][:32]
    store = open_store(up.home.tracking_uri(environment={}), up.home)
    wait_for(lambda: store.get(run_id).status.ended, "the end of the run")
    picture = next((tmp_path / "photographs").rglob("*.png"))
    (answer,) = _answers(up, run_id, [{"image": base64.b64encode(picture.read_bytes()).decode()}])
    assert answer["class"] in {"china", "flower"}
    assert answer["china"] + answer["flower"] == pytest.approx(1)


def _drops(page: Page, table: Path) -> None:
    content = table.read_text()
    moved = page.evaluate_handle(
        """text => {
            const moved = new DataTransfer();
            moved.items.add(new File([text], "customers.csv", { type: "text/csv" }));
            return moved;
        }""",
        content,
    )
    page.dispatch_event(".fitboard-drop label", "drop", {"dataTransfer": moved})
    expect(page.locator(".data-column")).to_have_count(4)
    expect(page.get_by_text("400 rows", exact=False).first).to_be_visible()
    expect(page.get_by_role("combobox", name="delimiter")).to_have_value("detected: semicolon")


def _fixes_two_problems(page: Page) -> None:
    page.get_by_role("combobox", name="target").click()
    page.get_by_role("option", name="bought").click()
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-data-keep")).to_contain_text("Classification")
    for label in ("Ignore column 'id'.", "Treat '-999' as missing."):
        _settled(page)
        page.locator(_FIXES, has_text=label).click()
        expect(page.locator(_FIXES, has_text=label)).to_have_count(0)
    expect(page.get_by_text("is missing", exact=False)).to_have_count(0)


def _keeps(page: Page, up: Up, table: Path) -> None:
    page.get_by_role("button", name="Keep", exact=True).click()
    page.wait_for_url("**/data?name=customers")
    entry = Library(up.home).get("customers")
    assert entry.dataset["columns"] == {"id": "ignore"}
    assert entry.dataset["missing"] == ["-999"]
    copy = Path(str(entry.newest.copy_path))
    assert copy.read_bytes() == table.read_bytes()


def _trains(page: Page, up: Up) -> str:
    page.get_by_role("button", name="Use in Build").click()
    page.wait_for_url("**/build")
    expect(page.get_by_role("combobox", name="dataset")).to_have_value("customers · csv, 400 rows")
    expect(page.get_by_text("Ready to train")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile(r"/run\?id=[0-9a-f]{32}"))
    run_id = page.url.partition("id=")[2][:32]
    store = open_store(up.home.tracking_uri(environment={}), up.home)
    wait_for(lambda: store.get(run_id).status.ended, "the end of the run")
    assert store.get(run_id).status is Status.FINISHED
    (logged,) = store.reader.datasets([run_id])[run_id]
    assert logged.name == "customers"
    return run_id


def _answers_raw_rows(up: Up, run_id: str) -> None:
    rows = [{"size": 75.0, "color": "red"}, {"size": 20.0, "color": "green"}, {"size": None, "color": "blue"}]
    answers = _answers(up, run_id, rows)
    assert [answer["class"] for answer in answers[:2]] == ["yes", "no"]
    assert len(answers) == 3


def _answers(up: Up, run_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    store = open_store(up.home.tracking_uri(environment={}), up.home)
    (output,) = store.client.get_run(run_id).outputs.model_outputs
    command = [sys.executable, "-c", _ASK, f"models:/{output.model_id}", json.dumps(rows)]
    known = {**os.environ, "MLFLOW_TRACKING_URI": up.home.tracking_uri(environment={})}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=known, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answers


def _tells_that_the_file_changed(page: Page, up: Up, run_id: str) -> None:
    copy = Path(str(Library(up.home).get("customers").newest.copy_path))
    copy.write_text(copy.read_text() + "9999;12.5;red;no\n")
    page.goto(f"{up.dashboard}/run?id={run_id}")
    expect(page.get_by_text("The file has changed.", exact=False).first).to_be_visible()
    page.get_by_role("link", name="Open the file in Data").click()
    expect(page.get_by_text("401 rows", exact=False).first).to_be_visible()


def test_folder_that_is_chosen_is_sent_whole(page: Page, up: Up, tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "pets", each=12)
    (folder / ".hidden").write_bytes(b"?")
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{up.dashboard}/data")
    page.wait_for_selector(_IDLE)
    page.set_input_files(".fitboard-folder input", folder)
    expect(page.get_by_text("images · 24 files", exact=False)).to_be_visible()
    expect(page.get_by_role("img", name="Sample of dog")).to_have_count(6)
    (copy,) = up.home.data.glob("*/pets")
    sent = {file.relative_to(copy): file.read_bytes() for file in copy.rglob("*") if file.is_file()}
    assert sent == {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*.png")}
