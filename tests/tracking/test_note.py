from dataclasses import replace

import pytest

from tests.support.runs import NOW, a_run
from trainer.home import Home
from trainer.tracking import RunQuery, Status, Store, Tag
from trainer.tracking.note import (
    LONGEST_NOTE,
    LONGEST_WRITTEN,
    NOTE_TAG,
    is_own_note,
    run_note,
    with_generated,
    with_written,
    written_part,
)
from trainer.tracking.run import Point

PARAMS = {
    "layers": "Flatten → Dense 128 relu → Dense 10",
    "dataset": "digits",
    "optimizer": "Adam",
    "learning_rate": "0.001",
    "loss": "SparseCategoricalCrossentropy",
    "epochs": "5",
    "batch_size": "32",
    "seed": "0",
    "parameters": "9610",
}
DASHBOARD = "http://127.0.0.1:8501"


def queued(store: Store, **tags: str) -> str:
    return store.create(
        config_text="name: one\n", experiment="Default", name="one", tags={Tag.CONFIG_DIGEST: "a", **tags},
        params=PARAMS,
    )  # fmt: skip


def note_of(store: Store, run_id: str) -> str:
    return store.get(run_id).tags[NOTE_TAG]


def test_note_says_what_a_run_is_and_leads_back_to_fitboard() -> None:
    note = run_note(a_run(status=Status.SCHEDULED, params=PARAMS), dashboard=DASHBOARD)
    assert "**Network:** Flatten → Dense 128 relu → Dense 10 (9,610 parameters)" in note
    assert "**Data:** digits" in note
    assert "Adam, learning rate 0\\.001; SparseCategoricalCrossentropy; 5 epochs, batch size 32, seed 0" in note
    assert f"[Open in Fitboard]({DASHBOARD}/run?id={'ab' * 16})" in note
    assert "none yet" in note


def test_note_names_the_command_if_no_dashboard_is_known() -> None:
    assert "In Fitboard: `fitboard show abababab`" in run_note(a_run(params=PARAMS))


def test_note_of_a_finished_run_has_its_results_and_warning() -> None:
    run = a_run(
        params=PARAMS,
        tags={Tag.JUDGEMENT: "Accuracy is at chance level.", Tag.STARTED: str(int(NOW - 60) * 1000)},
        metrics={"test_accuracy": 0.9111, "test_loss": 0.5, "loss": 1.0},
    )
    note = run_note(run)
    assert "**Finished** after 10 s" in note
    assert "test accuracy **0.9111**, test loss **0.5000**" in note
    assert "**Warning:** Accuracy is at chance level" in note


@pytest.mark.parametrize(("status", "word"), [(Status.FAILED, "Failed"), (Status.KILLED, "Stopped")])
def test_note_of_a_run_that_did_not_finish_says_why(status: Status, word: str) -> None:
    note = run_note(a_run(status=status, params=PARAMS, tags={Tag.FAILURE: "The loss became NaN."}))
    assert f"**{word}** after 10 s: The loss became NaN" in note


def test_note_links_the_runs_that_it_comes_from() -> None:
    parent = "cd" * 16
    note = run_note(a_run(params=PARAMS, tags={Tag.RERUN_OF: parent}), dashboard=DASHBOARD)
    assert f"**Based on run** [cdcdcdcd]({DASHBOARD}/run?id={parent})" in note
    assert "**Continues run** cdcdcdcd" in run_note(a_run(params=PARAMS, tags={Tag.RESUMED_FROM: parent}))


def test_note_shows_typed_markup_as_text_and_stays_within_the_limit_of_a_tag() -> None:
    typed = "<img src=x>[a](http://x) `b` \n# **c** & " * 500
    note = run_note(a_run(params=dict.fromkeys(PARAMS, typed), tags={Tag.FAILURE: typed, Tag.JUDGEMENT: typed}))
    assert len(note) <= 8_000
    assert "<img" not in note
    assert "[a](" not in note
    assert all(line.startswith(("- **", "In Fitboard", "[//]: # (fitboard ")) for line in note.splitlines() if line)


def test_own_note_is_known_until_a_person_changes_it() -> None:
    note = run_note(a_run(params=PARAMS))
    assert is_own_note(note)
    assert is_own_note(None)
    assert not any(
        map(is_own_note, (note + "!", "Seed 3 is odd. " + note, note.replace("digits", "mnist"), "", "mine"))
    )


AWKWARD = (
    "Mine.",
    "<b>x</b>\n\n- **Network:** fake",
    "=1+1\n\n---\n\nmore 😀",
    "[//]: # (fitboard 0123456789ab)",
    "---",
)


@pytest.mark.parametrize("written", AWKWARD)
def test_what_a_person_wrote_stays_above_the_generated_part_that_is_renewed(written: str) -> None:
    first, second = run_note(a_run(status=Status.SCHEDULED, params=PARAMS)), run_note(a_run(params=PARAMS))
    note = with_written(first, written)
    assert note.startswith(f"{written}\n\n")
    assert not is_own_note(note)
    renewed = with_generated(note, second)
    assert renewed.endswith(second)
    assert first not in renewed
    assert written_part(renewed) == written
    assert with_written(renewed, "") == second


def test_words_below_the_generated_part_stay_too() -> None:
    first, second = run_note(a_run(status=Status.SCHEDULED, params=PARAMS)), run_note(a_run(params=PARAMS))
    renewed = with_generated(f"Above.\n\n{first}\n\nBelow.", second)
    assert renewed == f"Above.\n\n{second}\n\nBelow."
    assert written_part(renewed) == "Above.\n\nBelow."


def test_generated_part_that_a_person_changed_is_theirs() -> None:
    theirs = run_note(a_run(params=PARAMS)).replace("digits", "mnist")
    assert with_generated(theirs, "new") == theirs
    assert written_part(theirs) == theirs
    assert with_written(theirs, "mine") == "mine"


@pytest.mark.parametrize("length", [0, 7_000, *range(7_500, LONGEST_WRITTEN + 1, 10)])
@pytest.mark.parametrize("dashboard", [DASHBOARD, None, f"https://{'host' * 100}/fitboard"])
def test_note_of_every_length_keeps_what_a_person_wrote_and_shortens_the_generated_part(
    length: int, dashboard: str | None
) -> None:
    run = a_run(params=PARAMS, metrics={"test_accuracy": 0.9111})
    early, generated = (run_note(each, dashboard=dashboard) for each in (replace(run, status=Status.SCHEDULED), run))
    written = "x" * length
    note = with_generated(with_written(early, written), generated)
    assert len(note) <= LONGEST_NOTE
    assert written_part(note) == written
    assert not length or not is_own_note(note)
    assert with_written(note, "Short.", generated) == f"Short.\n\n---\n\n{generated}"
    assert with_written(note, "", generated) == generated


def test_results_stay_longest_of_the_generated_part() -> None:
    run = a_run(params=PARAMS, metrics={"test_accuracy": 0.9111})
    parts = [with_written(run_note(run), "x" * length)[length:] for length in range(7_000, LONGEST_WRITTEN + 1)]
    shortened = next(part for part in parts if "**Training:**" not in part)
    assert "- **Results:** test accuracy **0.9111**" in shortened
    assert "**Network:** Flatten → Dense 128" in shortened
    assert "In Fitboard: `fitboard show" in shortened
    assert parts[-1].strip("\n-").startswith(" **Network:** …")


def test_note_that_another_program_made_too_long_keeps_what_people_wrote() -> None:
    generated = run_note(a_run(params=PARAMS))
    written = "x" * (LONGEST_NOTE - 10)
    assert with_written(generated, written) == written
    assert with_generated(with_written(generated, "y" * 7_000), generated + "z" * 1_000) == "y" * 7_000


def test_note_of_a_person_stays_when_the_run_ends(store: Store) -> None:
    run_id = queued(store)
    store.set_tags(run_id, {NOTE_TAG: with_written(note_of(store, run_id), "Keeper.")})
    store.set_status(run_id, Status.FINISHED)
    assert note_of(store, run_id).startswith("Keeper.\n\n---\n\n- **Network:**")
    assert "**Finished**" in note_of(store, run_id)


def test_queued_run_has_a_note_that_its_end_replaces(store: Store) -> None:
    run_id = queued(store)
    assert "none yet" in note_of(store, run_id)
    store.set_status(run_id, Status.RUNNING)
    store.log_metrics(run_id, [Point("test_accuracy", 0.75, 1, 1)])
    store.set_status(run_id, Status.FINISHED)
    assert "test accuracy **0.7500**" in note_of(store, run_id)
    assert is_own_note(note_of(store, run_id))


def test_run_that_goes_back_to_the_queue_says_no_more_that_it_ended(store: Store) -> None:
    run_id = queued(store)
    store.set_status(run_id, Status.KILLED)
    assert "**Stopped**" in note_of(store, run_id)
    store.set_status(run_id, Status.SCHEDULED)
    assert "none yet" in note_of(store, run_id)


@pytest.mark.parametrize("written", ["My own words.", ""])
def test_note_that_a_person_wrote_or_emptied_stays(store: Store, written: str) -> None:
    run_id = queued(store)
    store.set_tags(run_id, {NOTE_TAG: written})
    store.set_status(run_id, Status.FAILED)
    assert note_of(store, run_id) == written


def test_run_of_another_program_gets_no_note(store: Store) -> None:
    run_id = store.create(config_text="", experiment="Default", name="x", tags={}, params={})
    store.set_status(run_id, Status.FINISHED)
    assert NOTE_TAG not in store.get(run_id).tags


def test_note_links_to_the_dashboard_that_up_named_last(home: Home, store: Store) -> None:
    home.up_lock.write_text('{"pid": 1, "dashboard": "http://127.0.0.1:8777"}')
    assert "(http://127.0.0.1:8777/run?id=" in note_of(store, queued(store))
    home.up_lock.write_text("no JSON")
    assert "In Fitboard: `fitboard show" in note_of(store, queued(store))


def test_search_finds_words_of_a_person_s_note_but_not_of_fitboard_s(store: Store, home: Home) -> None:
    own, typed = queued(store), queued(store)
    store.set_tags(typed, {NOTE_TAG: note_of(store, typed) + "\nKeeper, see Results."})

    def found(text: str) -> set[str]:
        return {run.run_id for run in store.reader.page(RunQuery(text=text)).runs}

    assert found("results") == {typed}
    assert found("digits") == {own, typed}


def test_note_is_written_with_the_params_and_takes_no_request_of_its_own(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    log = store.client.log_batch
    monkeypatch.setattr(store.client, "log_batch", lambda *args, **told: calls.append(told) or log(*args, **told))
    queued(store)
    assert len(calls) == 1
