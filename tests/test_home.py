"""Home: any path a file system takes, and nobody else's business."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.support.server import MlflowServer
from trainer.errors import ResourceError
from trainer.home import Home, sqlite_uri
from trainer.tracking import RunQuery, open_reader, open_store

AWKWARD = "a ?#%25%zz ü😀&=+;@b:c'\"<b>"


def _below(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["plain", "with space", "ü😀", "a?b", "a#b", "a%20b", "a%zz", "a'b\"c", AWKWARD])
def test_store_of_a_home_is_the_file_in_it(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path / name)

    assert make_url(home.tracking_uri(environment={})).database == str(home.database)


def test_relative_store_is_of_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / AWKWARD).mkdir()
    monkeypatch.chdir(tmp_path / AWKWARD)
    home = Home(tmp_path)

    for given, file in (("sqlite:///x.db", "x.db"), ("sqlite:///a%3Fb.db?timeout=3", "a?b.db")):
        url = make_url(home.tracking_uri(given))
        assert url.database == str(tmp_path / AWKWARD / file)
    assert dict(url.query) == {"timeout": "3"}
    assert home.tracking_uri("sqlite:////there/x.db") == "sqlite:////there/x.db"


def test_address_of_an_ordinary_file_stays_as_it_was() -> None:
    assert sqlite_uri(Path("/home/jürgen/my runs/mlflow.db")) == "sqlite:////home/jürgen/my runs/mlflow.db"


@pytest.mark.slow
def test_everything_of_a_run_stays_in_a_home_of_an_awkward_name(tmp_path: Path) -> None:
    home = Home(tmp_path / "homes" / AWKWARD).make()
    store = open_store(home.tracking_uri(environment={}), home)
    store.prepare()
    run_id = store.create(config_text="a: b\n", experiment="x ?#%", name="n", tags={}, params={})
    store.log_file(run_id, "evaluation/ü?#%.json", b"[]")

    run = open_reader(store.tracking_uri).page(RunQuery()).runs[0]
    assert store.reader.artifacts(run, "evaluation") == ("evaluation/ü?#%.json",)
    assert store.reader.artifact(run, "evaluation/ü?#%.json") == b"[]"
    assert _below(tmp_path / "homes") == {AWKWARD}
    (tmp_path / "server").mkdir()
    with MlflowServer(store.tracking_uri, home.artifacts, tmp_path / "server" / "log") as server:
        remote = open_reader(server.uri)
        assert remote.get([run_id])[0].artifact_uri == run.artifact_uri
    assert _below(tmp_path / "homes") == {AWKWARD}
    assert _below(home.path) == {"mlflow.db", "artifacts", "data", "runs"}
    assert _mode(home.database) == 0o600


def test_new_home_is_its_owners_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "home").make()

    assert {_mode(path) for path in (home.path, home.data, home.runs, home.artifacts)} == {0o700}
    assert home.exposed is None


def test_empty_folder_with_wide_permissions_is_narrowed(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o755)
    home = Home(tmp_path / "home").make()

    assert _mode(home.path) == 0o700


def test_folder_of_other_things_is_left_and_said_and_what_is_ours_in_it_narrowed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.tex").touch(0o644)
    for name in ("data", "runs", "logs"):
        (tmp_path / name).mkdir(mode=0o755)
    (tmp_path / "mlflow.db").touch(0o644)
    home = Home(tmp_path).make()

    assert (_mode(tmp_path), _mode(tmp_path / "thesis.tex")) == (0o755, 0o644)
    assert {_mode(path) for path in (home.data, home.runs, home.logs, home.artifacts)} == {0o700}
    assert _mode(home.database) == 0o600
    assert f"chmod 700 {tmp_path}" in (home.exposed or "")


@pytest.mark.parametrize("target", ["loop", "nowhere"])
def test_link_that_leads_to_no_folder_is_refused_in_one_sentence(target: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / target)

    for path in (tmp_path / "loop", tmp_path / "loop" / "home"):
        with pytest.raises(ResourceError, match=r"cannot be used .*; choose another with --home or FITBOARD_HOME\."):
            Home(path).check()
