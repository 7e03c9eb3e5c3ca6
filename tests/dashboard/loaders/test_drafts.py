import os
import stat
import time
from pathlib import Path

import pytest

from dashboard.draft import Draft, History, Saved
from dashboard.loaders import drafts
from dashboard.loaders.drafts import load_draft, save_draft
from trainer.config.recipes import RECIPES
from trainer.errors import ResourceError
from trainer.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").make()


def saved(name: str = "mine") -> Saved:
    return Saved(History(Draft.of(RECIPES[0].config.short()).change(("name",), name)))


def test_browser_finds_its_own_draft_and_no_other(home: Home) -> None:
    save_draft(home, "a", saved("a"))
    save_draft(home, "b", saved("b"))
    assert load_draft(home, "a") == saved("a")
    assert load_draft(home, "c") is None


def test_last_tab_to_save_wins(home: Home) -> None:
    save_draft(home, "a", saved("first"))
    save_draft(home, "a", saved("second"))
    assert load_draft(home, "a") == saved("second")


def test_files_are_private_and_do_not_give_the_id_away(home: Home) -> None:
    save_draft(home, "secret-id", saved())
    (file,) = home.drafts.iterdir()
    assert "secret-id" not in file.name + file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.drafts.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"version": 1'])
def test_damaged_file_is_refused_and_overwritten_by_the_next_draft(home: Home, content: bytes) -> None:
    save_draft(home, "a", saved())
    (file,) = home.drafts.iterdir()
    file.write_bytes(content)
    with pytest.raises(ValueError, match="cannot be read"):
        load_draft(home, "a")
    save_draft(home, "a", saved())
    assert load_draft(home, "a") == saved()


def test_old_drafts_and_those_beyond_the_most_are_deleted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_KEPT", 3)
    for place, browser in enumerate("abc"):
        save_draft(home, browser, saved(browser))
        newest = max(home.drafts.iterdir(), key=lambda file: file.stat().st_ctime_ns)
        when = time.time() - (drafts.LONGEST_KEPT_SECONDS + 60 if browser == "a" else 100 - place)
        os.utime(newest, (when, when))
    save_draft(home, "d", saved("d"))
    assert [load_draft(home, browser) is not None for browser in "abcd"] == [False, True, True, True]
    save_draft(home, "e", saved("e"))
    assert [load_draft(home, browser) is not None for browser in "abcde"] == [False, False, True, True, True]


def test_home_that_cannot_be_written_is_one_sentence(home: Home) -> None:
    home.drafts.write_text("a file where the folder should be")
    with pytest.raises(ResourceError, match="cannot be written"):
        save_draft(home, "a", saved())
