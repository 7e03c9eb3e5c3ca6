"""The file by which Build asks for a standby: whole, private, and read as if anybody could have written it."""

import os
import stat
from pathlib import Path

import pytest

from tests.support.executor import CONFIG
from trainer.execution.queue import wish
from trainer.execution.queue.wish import read_wish, wish_changed_at, wish_standby
from trainer.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").make()


def test_wish_is_read_as_it_was_written_and_is_private(home: Home) -> None:
    assert read_wish(home) is None
    assert wish_changed_at(home) == 0
    wish_standby(home, CONFIG)
    found = read_wish(home)
    assert found is not None
    assert found.config == CONFIG
    assert wish_changed_at(home) > 0
    assert stat.S_IMODE(home.standby_wish.stat().st_mode) == 0o600
    assert not list(home.path.glob(".standby*")), "no draft is left behind"


def test_last_wish_counts_and_the_same_one_is_not_written_again(home: Home) -> None:
    other = CONFIG.model_copy(update={"seed": 7})
    wish_standby(home, CONFIG)
    inode = home.standby_wish.stat().st_ino
    wish_standby(home, CONFIG)
    assert home.standby_wish.stat().st_ino == inode
    wish_standby(home, other)
    found = read_wish(home)
    assert found is not None
    assert found.config == other


def test_same_wish_is_renewed_after_a_while(home: Home) -> None:
    wish_standby(home, CONFIG)
    before = home.standby_wish.stat().st_mtime - wish._RENEW_SECONDS - 1
    os.utime(home.standby_wish, (before, before))
    wish_standby(home, CONFIG)
    assert home.standby_wish.stat().st_mtime > before + 1


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'{"layers": []}', b" " * 1_000_001])
def test_file_that_is_no_config_is_no_wish(home: Home, content: bytes) -> None:
    home.standby_wish.write_bytes(content)
    home.standby_wish.chmod(0o600)
    assert read_wish(home) is None


def test_file_that_others_may_write_and_link_and_pipe_are_no_wish(home: Home) -> None:
    wish_standby(home, CONFIG)
    home.standby_wish.chmod(0o666)
    assert read_wish(home) is None
    home.standby_wish.chmod(0o600)
    elsewhere = home.path / "elsewhere.json"
    home.standby_wish.rename(elsewhere)
    home.standby_wish.symlink_to(elsewhere)
    assert read_wish(home) is None
    home.standby_wish.unlink()
    os.mkfifo(home.standby_wish, 0o600)
    assert read_wish(home) is None


def test_home_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    wish_standby(Home(tmp_path / "nowhere"), CONFIG)
    assert not (tmp_path / "nowhere").exists()
