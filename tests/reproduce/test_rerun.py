"""Verdicts of reruns, without a training."""

import json
from collections.abc import Mapping

import pytest

from tests.support.reruns import DROPOUT_CONFIG, TWO_THREADS
from trainer.cli import make_app, run_app
from trainer.config import load_config
from trainer.execution import enqueue, queue_name
from trainer.home import Home
from trainer.reproduce import keep_verdict, recorded_threads, rerun_verdicts
from trainer.tracking import Status, Store, Tag, open_store
from trainer.tracking.run import Point


def _run(*words: object) -> int:
    return run_app(make_app(), [str(word) for word in words])


def _made(store: Store, home: Home, *, rerun_of: str | None = None, loss: float = 1.5, **tags: str) -> str:
    """A finished run without a training."""
    run_id = enqueue(store, load_config(DROPOUT_CONFIG), queue=queue_name(home), rerun_of=rerun_of)
    store.log_metrics(run_id, [Point("loss", 2.5, 1, 1), Point("loss", loss, 2, 2), Point("test_loss", 1.5, 3, 2)])
    store.set_tags(run_id, {Tag.WEIGHTS: "ab" * 32, **tags})
    store.set_status(run_id, Status.FINISHED)
    return run_id


def test_verify_answers_by_exit_status(home: Home, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    a, same, other = _made(store, home), _made(store, home), _made(store, home, loss=1.25)
    assert _run("verify", a, same[:10], "--home", home.path) == 0
    assert capsys.readouterr().out.startswith("Identical: all 3 values of 2 epochs")
    assert _run("verify", a, other, "--json", "--home", home.path) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["identical"] is False
    assert told["first_difference"] == {"epoch": 2, "metric": "loss", "a": 1.5, "b": 1.25, "by": 0.25}
    assert told["environment"] == []
    assert told["runs"] == [a, other]
    assert _run("verify", a, "0000", "--home", home.path) == 2


def test_verdicts_of_reruns_that_end_together_are_all_kept(
    home: Home, uri: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _made(store, home)
    a, b = _made(store, home, rerun_of=first), _made(store, home, rerun_of=first, loss=1.25)
    of_another_host = open_store(uri, home)
    write = store.set_tags

    def late(run_id: str, tags: Mapping[str, str]) -> None:
        """The other host's rerun comes between what this one has read and what it writes."""
        if run_id == first and not rerun_verdicts(store.get(first)):
            keep_verdict(of_another_host, b)
        write(run_id, tags)

    monkeypatch.setattr(store, "set_tags", late)
    keep_verdict(store, a)
    assert list(rerun_verdicts(store.get(first)).items()) == [(a, True), (b, False)]


def test_variants_and_reruns_that_are_not_judged_have_no_verdict_in_the_first_run(home: Home, store: Store) -> None:
    first = _made(store, home)
    judged = _made(store, home, rerun_of=first)
    _made(store, home, rerun_of=first)
    variant = load_config(DROPOUT_CONFIG.replace("epochs: 2", "epochs: 3"))
    enqueue(store, variant, queue=queue_name(home), rerun_of=first)
    keep_verdict(store, judged)
    assert rerun_verdicts(store.get(first)) == {judged: True}


def test_rerun_takes_the_recorded_threads_and_a_variant_does_not(home: Home, store: Store) -> None:
    first = _made(store, home, **{Tag.THREADS: TWO_THREADS})
    again = enqueue(store, load_config(DROPOUT_CONFIG), queue=queue_name(home), rerun_of=first)
    assert recorded_threads(store.reader, store.get(again)) == {"intra": 2, "inter": 1}
    changed = load_config(DROPOUT_CONFIG.replace("epochs: 2", "epochs: 3"))
    variant = enqueue(store, changed, queue=queue_name(home), rerun_of=first)
    assert recorded_threads(store.reader, store.get(variant)) is None
    assert recorded_threads(store.reader, store.get(_made(store, home))) is None


def test_threads_are_found_in_the_environment_where_the_tag_is_missing(home: Home, store: Store) -> None:
    first = _made(store, home)
    store.log_file(first, "environment.json", b'{"training": {"threads": {"intra": 2, "inter": 1}}}')
    again = enqueue(store, load_config(DROPOUT_CONFIG), queue=queue_name(home), rerun_of=first)
    assert recorded_threads(store.reader, store.get(again)) == {"intra": 2, "inter": 1}


def test_rerun_takes_the_recorded_setting_of_the_graph_optimizer(home: Home, store: Store) -> None:
    first = _made(store, home, **{Tag.THREADS: '{"intra": 2, "inter": 1, "grappler": false}'})
    again = enqueue(store, load_config(DROPOUT_CONFIG), queue=queue_name(home), rerun_of=first)
    assert recorded_threads(store.reader, store.get(again)) == {"intra": 2, "inter": 1, "grappler": False}


@pytest.mark.parametrize("text", ["", "[]", '{"intra": "2", "inter": 1}', '{"intra": 0, "inter": 1}', "{"])
def test_threads_that_make_no_sense_are_left_alone(home: Home, store: Store, text: str) -> None:
    first = _made(store, home, **{Tag.THREADS: text})
    again = enqueue(store, load_config(DROPOUT_CONFIG), queue=queue_name(home), rerun_of=first)
    assert recorded_threads(store.reader, store.get(again)) is None
