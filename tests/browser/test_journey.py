"""The main path in a real browser on a real `up`: build, train, look, compare, open in MLflow, rerun."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.up import Up, running_up
from tests.support.worker import wait_for
from trainer.tracking import RunQuery, Status, Store, Tag, open_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with running_up(tmp_path_factory.mktemp("journey")) as started:
        started.wait_until_warm()
        yield started


@pytest.fixture(scope="module")
def store(up: Up) -> Store:
    return open_store(up.home.tracking_uri(environment={}), up.home)


@pytest.fixture(autouse=True)
def _patient(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.set_default_timeout(_PATIENCE)


def _open(page: Page, up: Up, path: str) -> None:
    page.goto(up.dashboard + path)
    page.wait_for_selector(_IDLE, timeout=_PATIENCE)


def _run_in_address(page: Page) -> str:
    page.wait_for_url(re.compile(r"/run\?id=[0-9a-f]{32}"))
    return page.url.partition("id=")[2][:32]


def _train(page: Page, up: Up, store: Store) -> str:
    """Opens Build, makes sure that it judges the quickstart, and trains it."""
    _open(page, up, "/build")
    expect(page.get_by_text("Ready to train")).to_be_visible(timeout=_PATIENCE)
    page.get_by_role("button", name="Train", exact=True).click()
    run_id = _run_in_address(page)
    wait_for(lambda: store.get(run_id).status.ended, "the end of the run")
    assert store.get(run_id).status is Status.FINISHED
    return run_id


def test_journey_from_build_to_rerun(page: Page, up: Up, store: Store) -> None:
    first = _train(page, up, store)
    expect(page.get_by_text("finished", exact=False).first).to_be_visible()
    expect(page.get_by_text("test accuracy", exact=False).first).to_be_visible()
    expect(page.locator(".fitboard-chart").first).to_be_visible()
    again = _reruns(page, store, first)
    _lists(page, up)
    _compares(page, up, store, first, again)
    _is_in_mlflow(page, up, store, first)


def _reruns(page: Page, store: Store, first: str) -> str:
    page.get_by_role("button", name="Rerun exactly").click()
    page.wait_for_url(lambda url: "/run?id=" in url and first not in url)
    again = _run_in_address(page)
    wait_for(lambda: store.get(again).status is Status.FINISHED, "the rerun")
    assert store.get(again).tags[Tag.RERUN_OF] == first
    assert store.get(again).tags[Tag.WEIGHTS] == store.get(first).tags[Tag.WEIGHTS], "bit for bit"
    return again


def _lists(page: Page, up: Up) -> None:
    _open(page, up, "/runs")
    expect(page.get_by_text("2 runs")).to_be_visible()


def _compares(page: Page, up: Up, store: Store, first: str, again: str) -> None:
    _open(page, up, f"/compare?runs={first},{again}")
    for run_id in (first, again):
        expect(page.locator(".fitboard-legend").get_by_text(store.get(run_id).name, exact=True).first).to_be_visible()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    link = page.get_by_role("link", name="Compare in MLflow")
    assert (link.get_attribute("href") or "").startswith(up.mlflow)


def _is_in_mlflow(page: Page, up: Up, store: Store, run_id: str) -> None:
    run = store.get(run_id)
    page.goto(f"{up.mlflow}/#/experiments/{run.experiment_id}/runs/{run_id}")
    expect(page.get_by_text(run.name).first).to_be_visible(timeout=_PATIENCE)
    expect(page.get_by_text("test_accuracy").first).to_be_visible(timeout=_PATIENCE)


def test_second_click_on_train_queues_nothing_more(page: Page, up: Up, store: Store) -> None:
    before = store.reader.page(RunQuery()).total
    _open(page, up, "/build")
    expect(page.get_by_text("Ready to train")).to_be_visible(timeout=_PATIENCE)
    page.get_by_role("button", name="Train", exact=True).dblclick()
    _run_in_address(page)
    page.wait_for_timeout(1500)
    assert store.reader.page(RunQuery()).total == before + 1


def test_reload_in_the_middle_of_a_run_shows_it_again(page: Page, up: Up, store: Store) -> None:
    run_id = _train(page, up, store)
    page.reload()
    page.wait_for_selector(_IDLE)
    assert _run_in_address(page) == run_id
    expect(page.get_by_text("test accuracy", exact=False).first).to_be_visible()


_SAME_WEIGHTS = """
import runpy, sys
trained = runpy.run_path(sys.argv[2])["model"]
import keras, numpy
loaded = keras.models.load_model(sys.argv[1])
assert loaded.predict(numpy.zeros((2, *loaded.input_shape[1:])), verbose=0).shape == (2, 10)
assert [each.tobytes() for each in loaded.get_weights()] == [each.tobytes() for each in trained.get_weights()]
"""
"""The script trains the network that is downloaded, bit for bit. It comes first, as it sets TensorFlow's threads."""


def test_downloads_of_a_run_can_be_used(page: Page, up: Up, store: Store, tmp_path: Path) -> None:
    run_id = _train(page, up, store)
    _open(page, up, f"/run?id={run_id}")
    page.get_by_role("button", name="Download", exact=True).click()
    network, script, bundle = (
        _downloaded(page, name, tmp_path) for name in ("Network (.keras)", "Keras script", "Bundle (.zip)")
    )
    _python(tmp_path, "-c", _SAME_WEIGHTS, network, script)
    elsewhere = ("--home", tmp_path / "elsewhere")
    replayed = json.loads(_python(tmp_path, "-m", "dashboard.cli", "replay", bundle, "--json", *elsewhere))
    assert replayed["verdict"]["identical"]
    assert replayed["weights_sha256"] == store.get(run_id).tags[Tag.WEIGHTS]


def _downloaded(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as coming:
        page.get_by_role("button", name=name).click()
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


def _python(folder: Path, *words: object) -> str:
    """What a new Python says; it has to end well."""
    root = str(Path(__file__).parents[2])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_TRACKING", "FITBOARD_"))}
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=kept | {"PYTHONPATH": root},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", ["/", "/build", "/runs", "/compare", "/run?id=latest"])
def test_every_address_opens(page: Page, up: Up, path: str) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    _open(page, up, path)
    expect(page.get_by_text("Page not found")).not_to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    assert not failures


def test_pages_without_mlflow_and_worker_say_what_to_start(page: Page, tmp_path: Path) -> None:
    from tests.support.up import answers, free_port
    from trainer.home import Home

    home, port = Home(tmp_path / "home").make(), free_port()
    command = [sys.executable, "-m", "dashboard.cli", "dashboard", "--home", str(home.path), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as alone:
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health"), "the dashboard")
            page.goto(f"http://127.0.0.1:{port}/build")
            expect(page.get_by_text("fitboard up").first).to_be_visible(timeout=_PATIENCE)
            page.goto(f"http://127.0.0.1:{port}/runs")
            expect(page.get_by_text("No runs yet").first).to_be_visible(timeout=_PATIENCE)
        finally:
            alone.terminate()
