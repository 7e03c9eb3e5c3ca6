"""A team's store: PostgreSQL and S3, and the services of `compose.yaml`, used from several homes."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import loaders
from tests.support.arguments import watched_arguments
from tests.support.commands import SMALL
from tests.support.compose import Team
from tests.support.faults import fault_config
from tests.support.pages import draw_compare, draw_run, draw_runs, opened
from tests.support.postgres import PostgresServer, missing_postgres
from tests.support.s3 import S3Server
from tests.support.up import answers
from tests.support.worker import wait_for, wait_for_end
from trainer.config import load_config
from trainer.execution import enqueue, has_checkpoint, queue_name, request_stop
from trainer.execution.lock import holder_of
from trainer.home import Home
from trainer.reproduce import Verdict
from trainer.tracking import Run, RunQuery, Status, Store, Tag, open_store
from trainer.tracking.read.model_file import copy_keras_file

pytestmark = pytest.mark.slow

WORKERS = ("worker-1", "worker-2")


@pytest.fixture
def uri() -> Iterator[str]:
    """The address of an empty database; its server has a password."""
    if missing := missing_postgres():
        pytest.skip(missing)
    with PostgresServer() as running:
        yield running.create("fitboard")


@pytest.fixture
def team(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """The services of the file, which this process uses as a member with a home of its own."""
    login, _, place = uri.removeprefix("postgresql+psycopg://").partition("@")
    with S3Server(tmp_path / "s3.log") as storage:
        places = {
            "fitboard:": f"{login.partition(':')[0]}:",
            "@postgres/": f"@{place.partition('/')[0]}/",
            "http://s3:9000": storage.environment["AWS_ENDPOINT_URL"],
            "/homes/": f"{tmp_path}/",
        }
        made = Team(tmp_path, places, {"POSTGRES_PASSWORD": login.partition(":")[2], "S3_PASSWORD": "s3-secret"})
        for name, value in made.environment("worker-1").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("FITBOARD_HOME", str(tmp_path / "laptop"))
        assert os.environ["MLFLOW_TRACKING_URI"] == uri
        try:
            yield made
        finally:
            made.stop()


def _prepare_twice_at_once(team: Team) -> None:
    for each in [team.start("prepare") for _ in range(2)]:
        assert each.wait(300) == 0, team.output("prepare").read_text()
    assert team.output("prepare").read_text().count("is ready.") == 2


def _is_ready(team: Team, name: str) -> bool:
    assert team.running[name].poll() is None, team.output(name).read_text()
    if name in WORKERS:
        return (holder_of(Home(team.folder / name).worker_lock) or {}).get("state") == "ready"
    return answers(team.url(name, "/health" if name == "mlflow" else "/_stcore/health"))


def _trainer_of(team: Team, run: Run) -> str:
    assert run.trained_in is not None
    return Path(run.trained_in.path).relative_to(team.folder).name


def _move_to_the_other_worker(team: Team, store: Store, run_id: str) -> int:
    """End the worker of a run that has a checkpoint while its process hangs; return the epochs at its end."""
    wait_for(lambda: store.get(run_id).progress is not None, "a worker to train the run")
    name = _trainer_of(team, store.get(run_id))
    wait_for(lambda: has_checkpoint(Home(team.folder / name).run(run_id)), "a checkpoint")
    owner = store.get(run_id).owner
    assert owner is not None
    os.kill(owner.pid, signal.SIGSTOP)
    team.running[name].terminate()
    other = next(each for each in WORKERS if each != name)
    wait_for(lambda: _trainer_of(team, store.get(run_id)) == other, "the other worker to take the run")
    wait_for(lambda: store.get(run_id).progress is not None, "the run to continue")
    request_stop(store, store.get(run_id), home=Home(team.folder / "laptop"))
    done = wait_for_end(store, run_id)
    assert (done.status, _trainer_of(team, done)) == (Status.KILLED, other), team.output(other).read_text()
    assert "from its checkpoint after epoch" in team.output(other).read_text()
    return len(store.reader.histories([run_id])[run_id]["loss"].steps)


def test_team_shares_runs_artifacts_workers_and_no_password(
    team: Team, uri: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store, reader = open_store(uri, Home(tmp_path / "laptop").make()), loaders.reader()
    assert reader.page(RunQuery()).total == 0, "a database without tables is an empty store"
    with watched_arguments() as arguments:
        _prepare_twice_at_once(team)
        for name in ("dashboard", "mlflow", *WORKERS):
            team.start(name)
        config = load_config(SMALL)
        first = enqueue(store, config, queue=queue_name(Home(tmp_path / "laptop")))
        done = wait_for_end(store, first)
        assert (done.status, _trainer_of(team, done) in WORKERS) == (Status.FINISHED, True), done.tags

        unchanged = reader.version()
        assert reader.version() == unchanged, "a dashboard that looks again has nothing to draw"
        again = enqueue(store, config, queue="team", rerun_of=first)
        assert reader.version() != unchanged, "one look later, every dashboard lists the run"
        verdict = Verdict.loads(wait_for_end(store, again).tags.get(Tag.VERDICT, ""))
        assert verdict is not None
        assert verdict.identical
        for name in team.running.keys() - {"prepare"}:
            wait_for(lambda name=name: _is_ready(team, name), name)  # type: ignore[misc]
        long = enqueue(store, fault_config(epochs=50_000), queue="team")
        epochs = _move_to_the_other_worker(team, store, long)
        curves = reader.histories([long], ["loss", "val_loss"])[long]
        assert [list(series.steps) for series in curves.values()] == [list(range(1, epochs + 1))] * 2

        file = tmp_path / "model.keras"
        assert copy_keras_file(store, first, file).stat().st_size > 10_000
        for draw, query in (
            (draw_runs, {}),
            (draw_run, {"id": long}),
            (draw_compare, {"runs": f"{first},{again}"}),
        ):
            page = opened(draw, **query)
            assert not page.exception
            assert not page.error
    printed = capfd.readouterr()
    _assert_hidden(team, uri, printed.out + printed.err, arguments)
    # Both keep connections, which Python would report as they are dropped.
    store.client._tracking_client.store.engine.dispose()
    store.reader.close()  # type: ignore[attr-defined]
    reader.close()  # type: ignore[attr-defined]


def _assert_hidden(team: Team, uri: str, printed: str, arguments: set[str]) -> None:
    """The artifacts are in S3 alone, and the passwords nowhere."""
    assert not any(file.is_file() for file in team.folder.glob("*/artifacts/**/*"))
    secrets = [uri.split("tester:")[1].split("@")[0], *team.variables.values()]
    files = {str(path): path.read_bytes() for path in team.folder.rglob("*") if path.is_file()}
    assert files.keys() >= {str(team.output(name)) for name in team.running}
    for secret in secrets:
        assert not [path for path, content in files.items() if secret.encode() in content]
        assert not [line for line in arguments if secret in line]
        assert secret not in printed
