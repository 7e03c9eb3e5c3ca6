from pathlib import Path

import pytest

import trainer.tracking
from dashboard import loaders
from dashboard.loaders.context import reader_of
from dashboard.warm_up import warm_up
from tests.support.store import seed_store
from trainer.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    reader_of.clear()
    return Home.resolve()


def test_store_is_open_before_the_first_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_store(home.make().tracking_uri(environment={}), home.path / "artifacts")
    warm_up()

    def opened_again(uri: str) -> None:
        raise AssertionError(uri)

    monkeypatch.setattr(trainer.tracking, "open_reader", opened_again)
    assert loaders.reader().page(trainer.tracking.RunQuery(limit=1)).runs


def test_home_without_a_store_stays_as_it_is(home: Home) -> None:
    warm_up()
    assert not home.path.exists()
