"""Nothing on the page of a live run, or on Compare, changes its place while a run is watched."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.dashboard_server import running_dashboard
from tests.support.store import add_run, config_of, empty_store, fitboard_run, run_id_of
from trainer.home import Home
from trainer.tracking import Progress, Status, Tag
from trainer.tracking.record.journal import clear_backlog, note_backlog
from trainer.tracking.run import Point
from trainer.tracking.write.store import Store, open_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_UPDATES, _UPDATE_MS = 40, 500
_STEPS = 4
_WATCH = """() => {
    const parts = ".fitboard-chart, [data-testid=stMetric], [data-testid=stTabs], [data-testid=stProgress], "
        + "[data-testid=stHeading], [data-testid=stBadge], [data-testid=stButton], [data-testid=stPageLink], h2";
    window.layouts = new Map();
    const look = () => {
        const boxes = [...document.querySelectorAll(parts)].map((part) => {
            const box = part.getBoundingClientRect();
            const name = part.dataset.id || part.dataset.testid;
            return `${name} ${Math.round(box.x)} ${Math.round(box.y)} ${Math.round(box.width)}`;
        });
        const key = JSON.stringify(boxes);
        window.layouts.set(key, (window.layouts.get(key) || 0) + 1);
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("layout")).make()
    uri = home.tracking_uri(environment={})
    empty_store(uri, home.path / "artifacts")
    start = int(time.time() * 1000)
    progress = Progress(time=time.time(), phase="preparing the network")
    tags = {Tag.STARTED: str(start), Tag.PROGRESS: progress.dumps()}
    run = fitboard_run("watched", config_of(), Status.RUNNING, start_time=start, tags=tags)
    run.params.pop("parameters")  # type: ignore[attr-defined]
    add_run(uri, home.path / "artifacts", run)
    queued = fitboard_run("waiting", config_of(seed=1), Status.SCHEDULED, start_time=start)
    add_run(uri, home.path / "artifacts", queued)
    return home


@pytest.fixture(scope="module")
def dashboard(home: Home) -> Iterator[str]:
    with running_dashboard(home.path) as address:
        yield address


@pytest.fixture
def store(home: Home) -> Store:
    return open_store(home.tracking_uri(environment={}), home)


def advance(store: Store, folder: Path, update: int, run_id: str = run_id_of("watched")) -> None:
    """A run as training goes on: steps, then an end of epoch, whose points come an update after its progress."""
    epoch, step = divmod(update, _STEPS)
    values = {"loss": 1 / (update + 1), "accuracy": 1 - 1 / (update + 1)}
    if step == 0 and epoch:
        values |= {"val_loss": 0.5, "val_accuracy": 0.5, "learning_rate": 0.001}
    if step == 1 and epoch:
        logged = {**values, "val_loss": 0.5, "val_accuracy": 0.5, "learning_rate": 0.001, "epoch_seconds": 2.0}
        now = int(time.time() * 1000)
        store.log_metrics(run_id, [Point(name, value, now, epoch) for name, value in logged.items()])
    if update == 1 and run_id == run_id_of("watched"):
        store.log_params(run_id, {"parameters": "9610"})
    if update % 9 == 8:
        note_backlog(folder, 12)
    else:
        clear_backlog(folder)
    end = time.time() + 10 ** (update % 5)
    progress = Progress(
        time=time.time(), epoch=epoch, epochs=20, step=step, steps=_STEPS, values=values, estimated_end=end
    )
    store.set_tags(run_id, {Tag.PROGRESS: progress.dumps()})


@pytest.fixture
def windows(new_context: Callable[..., BrowserContext]) -> list[Page]:
    """A wide and a narrow one, watched at the same time."""
    return [new_context(viewport={"width": width, "height": 1000}).new_page() for width in (1440, 390)]


def _watch(page: Page) -> None:
    # What stands in for a widget whose script is still loading, as on a slow machine.
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=_PATIENCE)
    expect(page.locator(".fitboard-chart .main-svg").last).to_be_visible(timeout=_PATIENCE)
    page.wait_for_timeout(_UPDATE_MS)
    page.evaluate(_WATCH)


def _has_not_moved(page: Page) -> None:
    layouts = page.evaluate("() => [...window.layouts]")
    # A browser that does not draw a window would not move anything in it.
    assert sum(times for _, times in layouts) > _UPDATES
    assert len(layouts) == 1, "\n".join(f"{times} frames: {json.loads(key)}" for key, times in layouts)


def test_nothing_moves_while_a_run_is_watched(windows: list[Page], home: Home, dashboard: str, store: Store) -> None:
    folder = home.run(run_id_of("watched"))
    folder.mkdir(parents=True, exist_ok=True)
    for page in windows:
        page.goto(f"{dashboard}/run?id={run_id_of('watched')}")
        expect(page.get_by_test_id("stTabs")).to_be_visible(timeout=_PATIENCE)
        expect(page.get_by_test_id("stMetric")).to_have_count(4)
        _watch(page)
    for update in range(_UPDATES):
        advance(store, folder, update)
        windows[0].wait_for_timeout(_UPDATE_MS)
    for page in windows:
        expect(page.get_by_text("epoch 10/20")).to_be_visible()
        _has_not_moved(page)


def test_nothing_moves_on_compare_before_and_while_there_are_data(
    windows: list[Page], home: Home, dashboard: str, store: Store
) -> None:
    folder = home.run(run_id_of("watched"))
    folder.mkdir(parents=True, exist_ok=True)
    fresh = add_run(
        home.tracking_uri(environment={}),
        home.path / "artifacts",
        fitboard_run("compared", config_of(seed=2), Status.SCHEDULED, start_time=int(time.time() * 1000)),
    )
    for page in windows:
        page.goto(f"{dashboard}/compare?runs={fresh},{run_id_of('waiting')}")
        expect(page.get_by_text("2 queued. Waiting for")).to_be_visible(timeout=_PATIENCE)
        _watch(page)
    store.set_status(fresh, Status.RUNNING)
    for update in range(1, _UPDATES // 2):
        advance(store, folder, update, run_id=fresh)
        windows[0].wait_for_timeout(_UPDATE_MS)
    for page in windows:
        expect(page.get_by_text("8 points")).to_be_visible(timeout=_PATIENCE)
        _has_not_moved(page)
