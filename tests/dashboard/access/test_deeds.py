"""Every action is written down with its person."""

from pathlib import Path

import pytest

from dashboard.access.deeds import Deed, deeds, deeds_file, write_deed
from trainer.errors import ResourceError
from trainer.home import Home


def test_actions_are_read_as_they_were_written(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    assert list(deeds(home)) == []
    write_deed(home, "anna", "delete", ["a" * 32, "b" * 32], now=1.5)
    write_deed(home, "böb\n", "train \ud800", now=2.0)

    assert list(deeds(home)) == [
        Deed(1.5, "anna", "delete", ("a" * 32, "b" * 32)),
        Deed(2.0, "böb\n", "train ?", ()),
    ]
    with deeds_file(home).open("a") as file:
        file.write('{"time": 3, "per')
    assert len(list(deeds(home))) == 2


def test_action_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    deeds_file(home).mkdir(parents=True)
    with pytest.raises(ResourceError, match=r"cannot be written to .*actions\.jsonl .*, so it was not done"):
        write_deed(home, "anna", "delete")
