"""The worker notices a new run by the store's file, wherever that is."""

from pathlib import Path

import pytest

from trainer.execution.worker.changes import QueueChanges
from trainer.home import Home


@pytest.mark.parametrize("name", ["plain", "a ?#%25 ü😀'"])
def test_change_of_the_store_is_noticed_at_once(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path / name).make()
    changes = QueueChanges(home, home.tracking_uri(environment={}), clock=lambda: 0.0)
    assert changes.is_due()
    assert not changes.is_due()

    home.database.touch()
    assert changes.is_due()
    assert not changes.is_due()
