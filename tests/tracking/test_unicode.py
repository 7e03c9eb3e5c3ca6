"""All of Unicode in every text of a run goes through a real store and comes back as it was."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.server import MlflowServer
from tests.support.store import config_of as small_config
from tests.support.texts import AWKWARD
from trainer.config import Config, load_config, parse_config
from trainer.errors import StoreError
from trainer.execution import enqueue
from trainer.home import Home
from trainer.tracking import Run, RunQuery, Store, Tag, open_store
from trainer.tracking.read.config import config_of


def _named(text: str) -> Config:
    fields: dict[str, Any] = small_config().model_dump(mode="json")
    return parse_config({**fields, "name": text, "experiment": text})


def _texts(run: Run, store: Store) -> Mapping[str, str]:
    assert Tag.CONFIG in run.tags
    without_tag = replace(run, tags={key: value for key, value in run.tags.items() if key != Tag.CONFIG})
    by_tag, by_file = (config_of(store.reader.artifact, each) for each in (run, without_tag))
    assert by_tag == by_file
    return {"run": run.name, "experiment": run.experiment, "name": str(by_tag.name), "folder": by_tag.experiment}


@pytest.mark.parametrize("text", AWKWARD)
def test_texts_of_a_config_come_back_from_the_store(store: Store, home: Home, text: str) -> None:
    config = _named(text)
    run_id = enqueue(store, config, queue="here")
    store.set_tags(run_id, {Tag.FAILURE: text, "team": text})

    run = store.get(run_id)
    assert set(_texts(run, store).values()) == {config.name}
    assert config_of(store.reader.artifact, run).digest == config.digest
    assert (run.tags[Tag.FAILURE], run.tags["team"]) == (text, text)
    assert [each.run_id for each in store.reader.page(RunQuery(text=text)).runs] == [run_id]
    assert load_config(config.canonical_json()) == config


_written = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=_written)
def test_any_text_comes_back_from_the_store(store: Store, text: str) -> None:
    run_id = enqueue(store, _named(text), queue="here")

    assert set(_texts(store.get(run_id), store).values()) == {text.strip()}


@pytest.mark.slow
def test_texts_of_a_config_come_back_from_a_server(server: MlflowServer, home: Home) -> None:
    remote = open_store(server.uri, home)
    for text in AWKWARD:
        run_id = enqueue(remote, _named(text), queue="here")
        try:
            run = remote.get(run_id)
            assert set(_texts(run, remote).values()) == {_named(text).name}
            assert run_id in {each.run_id for each in remote.reader.page(RunQuery(text=text)).runs}
        finally:
            remote.delete(run_id)


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b"])
def test_half_a_character_is_refused_in_a_sentence(store: Store, text: str) -> None:
    with pytest.raises(StoreError, match="surrogates not allowed"):
        store.create(config_text="", experiment="Default", name=text, tags={}, params={})
    with pytest.raises(StoreError, match="surrogates not allowed"):
        store.create(config_text=text, experiment="Default", name="x", tags={}, params={})
    assert store.reader.page(RunQuery()).total == 0
