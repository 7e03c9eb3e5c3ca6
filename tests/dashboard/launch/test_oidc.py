"""Sign-in by OpenID Connect, with a real provider on the loopback interface."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dashboard.access.deeds import deeds
from dashboard.access.people import People, Role
from tests.support.sign_in import home_of, oidc_dashboard, oidc_provider
from trainer.home import Home

_USERS = ("anna@example.org", "stranger@example.org")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(tmp_path_factory.mktemp("signed"), {"Anna@Example.org": Role.RUN}, password=None)


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[str]:
    with oidc_provider(home.path, _USERS) as provider, oidc_dashboard(home, provider) as address:
        yield address


class _Browser:
    """Follows redirects and keeps cookies, as a browser does."""

    def __init__(self) -> None:
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Return the status, the final address and the text."""
        body = None if form is None else urlencode(form).encode()
        request = urllib.request.Request(url, body, {"Accept": "text/html"})
        try:
            with self._opener.open(request, timeout=300) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.url or "", error.read().decode()

    def sign_in(self, server: str, email: str, wanted: str = "") -> tuple[int, str, str]:
        """Follow the link of the sign-in page and choose a user at the provider."""
        _, _, page = self.ask(f"{server}/sign-in{wanted}")
        link = page.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
        _, authorize, _ = self.ask(server + link)
        return self.ask(authorize, {"sub": email})


def test_person_signs_in_at_the_provider_and_out(server: str, home: Home) -> None:
    browser = _Browser()
    status, address, page = browser.ask(f"{server}/runs")
    assert (status, address) == (200, f"{server}/sign-in?next=%2Fruns")
    assert "Sign in with your organization" in page
    status, address, _ = browser.sign_in(server, "anna@example.org")
    assert (status, address) == (200, f"{server}/runs")

    assert next(deeds(home))[1:3] == ("Anna@Example.org", "sign in")
    _, _, page = browser.ask(f"{server}/account")
    assert ("<h1>Anna@Example.org</h1>" in page, "Change password" in page) == (True, False)
    # A page of another site could ask for this address as a picture.
    browser.ask(f"{server}/auth/logout")
    assert browser.ask(f"{server}/runs")[1] == f"{server}/runs"

    copied = _Browser()
    for cookie in browser.cookies:
        copied.cookies.set_cookie(cookie)
    status, address, _ = browser.ask(f"{server}/sign-out", {})
    # The page goes on to the provider by itself: `form-action` would forbid a redirection.
    assert (status, address) == (200, f"{server}/sign-out")
    assert browser.ask(f"{server}/runs")[1] == f"{server}/sign-in?next=%2Fruns"
    assert copied.ask(f"{server}/runs")[1] == f"{server}/sign-in?next=%2Fruns"
    assert next(deeds(home))[1:3] == ("Anna@Example.org", "sign out")


def test_wanted_address_survives_the_provider(server: str) -> None:
    browser = _Browser()
    status, address, _ = browser.sign_in(server, "anna@example.org", "?next=%2Fruns%3Fq%3Da%2520b")
    assert (status, address) == (200, f"{server}/runs?q=a%20b")
    # Only once.
    browser.ask(f"{server}/sign-out", {})
    assert browser.sign_in(server, "anna@example.org")[1] == f"{server}/build"
    for elsewhere in ("https%3A%2F%2Fevil.example%2F", "%2F%2Fevil.example", "%2F%5Cevil.example"):
        assert _Browser().sign_in(server, "anna@example.org", f"?next={elsewhere}")[1] == f"{server}/build"


def test_signing_out_everywhere_ends_sessions_of_other_browsers(server: str, home: Home) -> None:
    browser = _Browser()
    browser.sign_in(server, "anna@example.org")
    # The provider says to the second when a session began.
    People.of(home).end_sessions("anna@example.org", now=time.time() + 1)
    assert browser.ask(f"{server}/runs")[1] == f"{server}/sign-in?next=%2Fruns"
    status, _, page = browser.ask(f"{server}/sign-in")
    assert (status, "may not use this Fitboard" in page) == (200, False)
    People.of(home).end_sessions("anna@example.org", now=1.0)
    assert browser.ask(f"{server}/runs")[1] == f"{server}/runs"


def test_stranger_of_the_provider_is_not_let_in(server: str) -> None:
    browser = _Browser()
    status, address, page = browser.sign_in(server, "stranger@example.org")
    assert (status, address.partition("?")[0]) == (403, f"{server}/sign-in")
    assert "stranger@example.org may not use this Fitboard; ask its administrator" in page
    assert browser.ask(f"{server}/media/x")[1] != f"{server}/media/x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "secrets.toml with an [auth] section: redirect_uri"),
        ("[auth]\nclient_id = 'x'\n", "lacks redirect_uri, cookie_secret, client_secret, server_metadata_url"),
        ("[auth", "cannot be read"),
    ],
)
def test_missing_settings_are_named(tmp_path: Path, text: str | None, words: str) -> None:
    home = Home(tmp_path / "home").make()
    if text is not None:
        (home.path / "secrets.toml").write_text(text)
    command = [sys.executable, "-m", "dashboard.cli", "dashboard", "--sign-in", "oidc", "--home", str(home.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
