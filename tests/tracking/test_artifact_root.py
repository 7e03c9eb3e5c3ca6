"""Where artifacts are kept, and when Fitboard says that this is not where people expect them."""

import re
from pathlib import Path

import pytest

from trainer.errors import StoreError
from trainer.home import Home
from trainer.tracking import Store, open_store
from trainer.tracking.artifact_root import VARIABLE, artifact_root, is_within, refuse_other_location, remark

_HOME = Home(Path("/home/me"))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, "file:///home/me/artifacts"),
        (" ", "file:///home/me/artifacts"),
        ("s3://bucket/", "s3://bucket"),
        ("s3://bucket/folder//", "s3://bucket/folder"),
        ("/mnt/shared space", "file:///mnt/shared%20space"),
        ("file:///mnt/shared", "file:///mnt/shared"),
        ("gs://bucket/folder", "gs://bucket/folder"),
    ],
)
def test_root_is_an_absolute_uri(given: str | None, found: str) -> None:
    assert artifact_root(_HOME, given, {}) == found
    assert artifact_root(_HOME, None, {VARIABLE: given or ""}) == found


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("s3:///folder", r"'s3:///folder' is not valid; expected s3://bucket/folder"),
        ("s3:bucket", r"is not valid; expected"),
        ("s3://[bucket", r"is not valid \(Invalid IPv6 URL\); expected"),
        ("s3://me:secret@bucket/x", r"s3://me:\*\*\*@bucket/x' contains a login"),
    ],
)
def test_bad_root_is_one_sentence(given: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        artifact_root(_HOME, given, {})
    assert "secret@" not in str(caught.value)


def test_relative_folder_starts_where_the_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert artifact_root(_HOME, "here", {}) == (tmp_path / "here").as_uri()


@pytest.mark.parametrize(
    ("root", "uri", "given", "words"),
    [
        ("file:///home/me/artifacts", "sqlite:////home/me/mlflow.db", False, None),
        ("s3://bucket", "postgresql://host/db", True, None),
        (
            "file:///a",
            "postgresql://me:secret@host/db",
            False,
            r"^Artifacts of new .* in the folder /a, which other machines",
        ),
        ("s3://bucket", "http://me:secret@host", True, r"The MLflow server http://me:\*\*\*@host decides where"),
        ("file:///a", "http://host", False, None),
    ],
)
def test_remark_names_what_may_surprise(root: str, uri: str, given: bool, words: str | None) -> None:
    found = remark(root, uri, given=given)
    assert found is None if words is None else re.search(words, found or "")


@pytest.mark.parametrize(
    ("location", "root", "within"),
    [
        ("s3://bucket/a/x", "s3://bucket/a", True),
        ("s3://bucket/ab/x", "s3://bucket/a", False),
        ("/data/x y", "file:///data", True),
        ("file:///data%20b/x", "/data b", True),
        ("file:///database", "file:///data", False),
    ],
)
def test_location_lies_below_the_root(location: str, root: str, within: bool) -> None:
    assert is_within(location, root) is within


def test_experiment_kept_elsewhere_is_refused(tmp_path: Path) -> None:
    there = (tmp_path / "there" / "mine").as_uri()
    with pytest.raises(StoreError, match=rf"'mine' are kept in {there}, not below the artifact root s3://bucket; use"):
        refuse_other_location("mine", there, "s3://bucket", given=True)
    with pytest.raises(StoreError, match=r"which this machine does not have; make the folder available"):
        refuse_other_location("mine", there, "file:///home/me/artifacts", given=False)
    (tmp_path / "there").mkdir()
    refuse_other_location("mine", there, "file:///home/me/artifacts", given=False)


def test_chosen_root_holds_the_artifacts_of_new_experiments(
    store: Store, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.create(config_text="{}", experiment="old", name=None, tags={}, params={})
    assert store.get(before).artifact_uri.startswith(home.artifacts.as_uri())

    monkeypatch.setenv(VARIABLE, str(tmp_path / "shared"))
    chosen = open_store(store.tracking_uri, home)
    run_id = chosen.create(config_text="{}", experiment="new", name=None, tags={}, params={})
    assert chosen.get(run_id).artifact_uri.startswith((tmp_path / "shared").as_uri())
    assert chosen.reader.artifact(chosen.get(run_id), "config.yaml") == b"{}"
    with pytest.raises(StoreError, match="the experiment 'old' are kept in"):
        chosen.create(config_text="{}", experiment="old", name=None, tags={}, params={})
