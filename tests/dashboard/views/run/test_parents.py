import pytest

from dashboard.views.run.parents import parent_link, sweep_words
from tests.support.runs import a_run
from trainer.tracking import Run, Tag

PARENT = a_run(run_id="cd" * 16, name="first", tags={Tag.CONFIG_DIGEST: "a"})


def child(**tags: str) -> Run:
    return a_run(tags={Tag.CONFIG_DIGEST: "a"} | tags)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({Tag.RERUN_OF: PARENT.run_id}, "rerun of first cdcdcdcd"),
        ({Tag.RERUN_OF: PARENT.run_id, Tag.CONFIG_DIGEST: "b"}, "variant of first cdcdcdcd"),
        ({Tag.WEIGHTS_OF: PARENT.run_id, Tag.CONFIG_DIGEST: "b"}, "fine-tuned from first cdcdcdcd"),
        ({Tag.RESUMED_FROM: PARENT.run_id, Tag.CONFIG_DIGEST: "b"}, "resumed from first cdcdcdcd"),
    ],
)
def test_parent_is_linked_by_what_the_run_has_of_it(tags: dict[str, str], words: str) -> None:
    run = child(**tags)
    found = parent_link(run, (PARENT, run))
    assert found is not None
    assert (found.words, found.run_id) == (words, PARENT.run_id)


def test_parent_that_the_store_no_longer_has_is_named_without_a_link() -> None:
    run = child(**{Tag.RERUN_OF: PARENT.run_id})
    found = parent_link(run, (run,))
    assert found is not None
    assert found.run_id is None
    assert "cdcdcdcd (no longer in the store)" in found.words


def test_replay_of_a_bundle_names_its_run() -> None:
    found = parent_link(child(**{Tag.REPLAY_OF: PARENT.run_id}), ())
    assert found is not None
    assert (found.words, found.run_id) == ("replay of a bundle of cdcdcdcd", None)


def test_run_of_its_own_has_no_parent() -> None:
    assert parent_link(child(), ()) is None


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({Tag.TRIAL: "4"}, "trial 4 of sweep abababab"),
        ({Tag.TRIAL: "4", Tag.TRIAL_PRUNED: "2"}, "trial 4 of sweep abababab, pruned at epoch 2"),
        ({Tag.SWEEP_CONFIRMS: "7"}, "trial 7 with a fresh seed, of sweep abababab"),
        ({Tag.TRIAL: "<b>"}, "a run, of sweep abababab"),
    ],
)
def test_run_of_a_sweep_says_what_it_is_of_it(tags: dict[str, str], words: str) -> None:
    assert sweep_words(child(**{Tag.SWEEP: "ab" * 16, **tags})) == words


def test_run_of_no_sweep_names_none() -> None:
    assert sweep_words(child()) == ""
