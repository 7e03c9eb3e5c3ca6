"""The file of a team's services, read as Compose reads it; `tests/commands/test_team_store.py` starts them."""

import re

import pytest

from tests.support.compose import COMPOSE, services
from trainer.execution.queue.team import QUEUE_VARIABLE, team_queue
from trainer.home import Home
from trainer.tracking.artifact_root import VARIABLE, artifact_root

OWN = sorted(name for name, each in services().items() if each["image"] == "fitboard")


def test_team_has_its_database_its_storage_and_two_workers() -> None:
    assert {"postgres", "s3", "prepare", "mlflow", "dashboard", "worker-1", "worker-2"} == services().keys()
    assert [name for name in OWN if services()[name]["command"] == ["fitboard", "worker"]] == ["worker-1", "worker-2"]


@pytest.mark.parametrize("name", sorted(services()))
def test_image_has_a_plain_name_and_no_secret_is_written_down(name: str) -> None:
    service = services()[name]
    assert re.fullmatch(r"[a-z]+(/[a-z]+)?(:\w+(\.\d+)*)?", service["image"])
    secrets = [value for key, value in service["environment"].items() if re.search("PASSWORD|SECRET|URI", key)]
    assert secrets
    assert all("${POSTGRES_PASSWORD:?" in each or "${S3_PASSWORD:?" in each for each in secrets)
    assert "PASSWORD" not in " ".join(service.get("command", [])), "every user of a machine can read command lines"
    assert all(each.startswith("127.0.0.1:") for each in service.get("ports", [])), "nobody has to sign in"


@pytest.mark.parametrize("name", OWN)
def test_member_of_the_team_waits_for_the_store_and_shares_queue_storage_and_homes(name: str) -> None:
    service = services()[name]
    environment = service["environment"]
    assert service["volumes"] == ["homes:/homes"]
    assert team_queue(environment) == "team"
    assert artifact_root(Home.resolve(environment=environment), environment=environment).startswith("s3://")
    assert {QUEUE_VARIABLE, VARIABLE} <= environment.keys()
    if name != "prepare":
        assert service["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}


def test_homes_differ() -> None:
    homes = [
        environment["FITBOARD_HOME"]
        for name in OWN
        if "FITBOARD_HOME" in (environment := services()[name]["environment"])
    ]
    assert len(set(homes)) == len(homes) == 4
    assert all(each.startswith("/homes/") for each in homes)


def test_image_is_built_of_what_is_in_the_repository() -> None:
    recipe = services()["prepare"]["build"]["dockerfile_inline"]
    for line in re.findall(r"^COPY (.*)$", recipe, re.MULTILINE):
        *sources, _ = line.split()
        assert all((COMPOSE.parent / source).exists() for source in sources)
    assert "'.[postgresql,s3]'" in recipe


def test_image_is_built_once_before_anything_uses_it() -> None:
    # Compose builds services at the same time, and Docker refuses a second image of the same name then.
    assert [name for name in OWN if "build" in services()[name]] == ["prepare"]
    others = [services()[name] for name in OWN if name != "prepare"]
    assert all(each["pull_policy"] == "never" and "prepare" in each["depends_on"] for each in others)


def test_images_of_others_have_a_version() -> None:
    others = [each["image"] for name, each in services().items() if name not in OWN]
    assert all(re.search(r":v?\d", image) for image in others)
