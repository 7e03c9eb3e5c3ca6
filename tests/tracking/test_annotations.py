"""Names, tags and notes of runs, in a real SQLite store; on a server in `test_server.py`."""

import pytest

from trainer.errors import ConfigError
from trainer.tracking import Run, Status, Store, Tag
from trainer.tracking.note import LONGEST_WRITTEN, NOTE_TAG, is_own_note, written_part
from trainer.tracking.write.annotations import (
    checked_name,
    checked_tag,
    extend_note,
    numbered_name,
    remove_tags,
    rename,
    set_color,
    set_tag,
    write_note,
)


@pytest.fixture
def run(store: Store) -> Run:
    run_id = store.create(
        config_text="name: one\n", experiment="Default", name="one", tags={Tag.CONFIG_DIGEST: "a"}, params={"seed": "0"}
    )
    store.set_status(run_id, Status.FINISHED)
    return store.get(run_id)


def test_new_name_changes_nothing_else(store: Store, run: Run) -> None:
    rename(store, run, "  =cmd|' /C calc'!A0 <b>😀</b> ")
    renamed = store.get(run.run_id)
    assert renamed.name == renamed.tags["mlflow.runName"] == "=cmd|' /C calc'!A0 <b>😀</b>"
    assert (renamed.status, renamed.end_time, renamed.params) == (run.status, run.end_time, run.params)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "must have a visible character"),
        (" \u200b ", "must have a visible character"),
        ("x" * 100_000, "at most 250 characters, got 100,000"),
        ("two\nlines", "must be one line of text"),
        ("half \ud800", "must be one line of text"),
    ],
)
def test_name_that_cannot_be_a_run_s_is_refused_in_one_sentence(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        checked_name(name)
    assert len(str(raised.value)) < 300


def test_numbered_name_has_the_place_of_its_run() -> None:
    assert [numbered_name("trial {n} of {x}", place) for place in (1, 12)] == ["trial 1 of {x}", "trial 12 of {x}"]


def test_tag_is_set_replaced_and_removed(store: Store, run: Run) -> None:
    set_tag(store, run, " paper/figure 2 ", "=1+1\n<b>😀</b>")
    set_tag(store, run, "team", "")
    tagged = store.get(run.run_id)
    assert (tagged.tags["paper/figure 2"], tagged.tags["team"]) == ("=1+1\n<b>😀</b>", "")
    remove_tags(store, tagged, ["paper/figure 2", "never set"])
    assert "paper/figure 2" not in store.get(run.run_id).tags


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (" ", "x", "needs a name"),
        ("mlflow.runName", "x", "is written by programs"),
        ("fitboard.owner", "x", "is written by programs"),
        ("a//b", "x", "single slashes"),
        ("../a", "x", "single slashes"),
        (".", "x", "single slashes"),
        ("<b>", "x", "letters, digits"),
        ("😀", "x", "letters, digits"),
        ("x" * 251, "x", "at most 250 characters, got 251"),
        ("x", "y" * 100_000, "at most 8,000 characters, got 100,000"),
        ("x", "\0", "remove it"),
        ("x", "\udc00", "remove it"),
    ],
)
def test_tag_that_mlflow_would_refuse_or_cut_is_refused_in_one_sentence(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        checked_tag(name, value)


def test_tag_of_a_program_is_not_removed(store: Store, run: Run) -> None:
    with pytest.raises(ConfigError, match="written by programs"):
        remove_tags(store, run, [str(Tag.CONFIG_DIGEST)])


def test_note_is_written_above_the_generated_part_and_taken_away_again(store: Store, run: Run) -> None:
    write_note(store, run, " # <b>Odd</b> 😀 \n")
    noted = store.get(run.run_id)
    assert written_part(noted.tags[NOTE_TAG]) == "# <b>Odd</b> 😀"
    extend_note(store, noted, "More.")
    assert written_part(store.get(run.run_id).tags[NOTE_TAG]) == "# <b>Odd</b> 😀\n\nMore."
    write_note(store, store.get(run.run_id), "")
    assert is_own_note(store.get(run.run_id).tags[NOTE_TAG])


def test_note_of_another_program_s_run_is_only_what_was_written(store: Store) -> None:
    run_id = store.create(config_text="", experiment="Default", name="x", tags={}, params={})
    write_note(store, store.get(run_id), "Mine.")
    assert store.get(run_id).tags[NOTE_TAG] == "Mine."


def test_note_that_is_too_long_is_refused_and_nothing_is_lost(store: Store, run: Run) -> None:
    with pytest.raises(ConfigError, match=r"at most 7,900 characters.*got 100,000"):
        write_note(store, run, "x" * 100_000)
    write_note(store, run, "x" * LONGEST_WRITTEN)
    full = store.get(run.run_id)
    assert written_part(full.tags[NOTE_TAG]) == "x" * LONGEST_WRITTEN
    with pytest.raises(ConfigError, match="already has 7,900 characters"):
        extend_note(store, full, "More.")
    with pytest.raises(ConfigError, match="no text to add"):
        extend_note(store, full, " \n ")
    write_note(store, full, "Short.")
    assert store.get(run.run_id).tags[NOTE_TAG] == f"Short.\n\n---\n\n{store.generated_note(run)}"


def test_color_is_kept_in_the_tag_of_mlflow_s_ui(store: Store, run: Run) -> None:
    set_color(store, run, "#D55E00")
    assert store.get(run.run_id).color == "#d55e00"
    set_color(store, run, None)
    set_color(store, run, None)
    assert store.get(run.run_id).color is None
    for wrong in ("red", "#12", "#123456;", "x" * 100_000):
        with pytest.raises(ConfigError, match="must have the form #rrggbb"):
            set_color(store, run, wrong)


def test_deleted_run_is_refused_with_what_to_do(store: Store, run: Run) -> None:
    store.delete(run.run_id)
    gone = store.get(run.run_id)
    for change in (
        lambda: rename(store, gone, "x"),
        lambda: set_tag(store, gone, "x", "y"),
        lambda: remove_tags(store, gone, ["x"]),
        lambda: write_note(store, gone, "x"),
    ):
        with pytest.raises(ConfigError, match="one is deleted; restore it first"):
            change()
