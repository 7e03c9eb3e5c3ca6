"""People who sign in to a dashboard: with a password, or at a real OpenID Connect provider on loopback."""

import contextlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dashboard.access.people import People, Role
from tests.support.dashboard_server import running_dashboard
from tests.support.up import answers, free_port
from tests.support.worker import wait_for
from trainer.home import Home

__all__ = ["PASSWORD", "home_of", "oidc_dashboard", "oidc_provider", "password_dashboard"]

PASSWORD = "correct horse battery"
"""The password of everyone."""

_SECRETS = """\
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "not a secret at all, but long enough"
client_id = "fitboard"
client_secret = "not-a-secret"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


def home_of(folder: Path, people: Mapping[str, Role], *, password: str | None = PASSWORD) -> Home:
    """Make a home that these people may use; without a password, they come from a provider."""
    home = Home(folder).make()
    for name, role in people.items():
        People.of(home).put(name, role, password)
    return home


@contextlib.contextmanager
def password_dashboard(home: Home) -> Iterator[str]:
    """Serve the pages of a home to those who know their password; yields their URL."""
    with running_dashboard(home.path, "--sign-in", "password") as address:
        yield address


@contextlib.contextmanager
def oidc_provider(folder: Path, emails: Iterable[str]) -> Iterator[str]:
    """Run a provider where these people only choose who they are; yields its URL. The folder takes its log."""
    port = free_port()
    claims = [f'{{"sub": "{email}", "email": "{email}", "email_verified": true}}' for email in emails]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with (folder / "oidc.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *(word for each in claims for word in ("--user-claims", each))], stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    known = f"{address}/.well-known/openid-configuration"
    try:
        wait_for(lambda: answers(known) or process.poll() is not None, "the provider")
        assert process.poll() is None, (folder / "oidc.log").read_text()
        yield address
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def oidc_dashboard(home: Home, provider: str) -> Iterator[str]:
    """Serve the pages of a home to those whom the provider sends; yields their URL."""
    port = free_port()
    (home.path / "secrets.toml").write_text(_SECRETS.format(port=port, provider=provider))
    with running_dashboard(home.path, "--sign-in", "oidc", port=port) as address:
        yield address
