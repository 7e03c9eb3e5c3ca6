import json

from dashboard.components.verdicts import verdict_chips, verdict_words
from tests.support.runs import a_run
from trainer.reproduce import Compared, Differing, FirstDifference, Verdict
from trainer.tracking import Run, Tag

SAME = Verdict(identical=True, weights_equal=True, compared=Compared(2, 2, 4))
OTHER = Verdict(
    identical=False,
    first_difference=FirstDifference(3, "val_loss", 0.5, 0.500001, 1e-6),
    environment=(Differing("CPU", "old", "new"),),
)


def rerun(run_id: str, verdict: Verdict, **tags: str) -> Run:
    return a_run(run_id=run_id, tags={Tag.RERUN_OF: "f" * 32, Tag.VERDICT: verdict.dumps(), **tags})


def test_rerun_says_what_it_repeated() -> None:
    (chip,) = verdict_chips(rerun("a" * 32, SAME), ())
    assert (chip.words, chip.color, chip.under) == ("identical to ffffffff", "green", "")
    assert verdict_words(rerun("a" * 32, SAME)) == "identical"


def test_rerun_that_differs_says_where_and_what_differs_around_it() -> None:
    (chip,) = verdict_chips(rerun("a" * 32, OTHER), ())
    assert (chip.words, chip.color) == ("differs from ffffffff at epoch 3, val_loss by 1e-6", "orange")
    assert "CPU: old there, new here" in chip.under
    assert verdict_words(rerun("a" * 32, OTHER)) == "differs at epoch 3, val_loss by 1e-6"


def test_metric_of_any_name_leaves_the_other_run_named_once() -> None:
    odd = Verdict(identical=False, first_difference=FirstDifference(1, "differs", 1.0, None, None))
    (chip,) = verdict_chips(rerun("a" * 32, odd), ())
    assert chip.words == "differs from ffffffff at epoch 1, differs"


def test_weights_alone_may_differ_and_nothing_may_be_proven() -> None:
    weights = Verdict(identical=False, weights_equal=False)
    assert verdict_words(rerun("a" * 32, weights)) == "differs in the final weights"
    (chip,) = verdict_chips(rerun("a" * 32, Verdict(identical=False)), ())
    assert (chip.words, chip.color) == ("not proven identical to ffffffff", "gray")


def test_first_run_names_its_reruns_and_counts_those_beyond() -> None:
    told = {"a" * 32: True, "b" * 32: False, "c" * 32: True}
    first = a_run(tags={Tag.RERUN_VERDICTS: json.dumps(told)})
    chips = verdict_chips(first, [rerun("a" * 32, SAME), rerun("b" * 32, OTHER)])
    assert [(chip.words[:22], chip.color) for chip in chips] == [
        ("identical to aaaaaaaa", "green"),
        ("differs from bbbbbbbb ", "orange"),
        ("1 more rerun, identica", "green"),
    ]
    assert chips[0].other == "a" * 32
    assert verdict_words(first) == "2 of 3 reruns identical"


def test_replay_names_the_run_of_its_bundle() -> None:
    run = a_run(tags={Tag.REPLAY_OF: "e" * 32, Tag.VERDICT: SAME.dumps()})
    assert verdict_chips(run, ())[0].words == "identical to eeeeeeee of a bundle"


def test_run_without_a_verdict_or_with_a_broken_one_says_nothing() -> None:
    assert verdict_chips(a_run(), ()) == ()
    assert verdict_chips(a_run(tags={Tag.VERDICT: "{", Tag.RERUN_VERDICTS: "["}), ()) == ()
    assert verdict_words(a_run()) == ""
