"""Signing in with a browser, the pages of forms by axe-core, and what happens to a page whose session ends."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.access.people import People, Role
from tests.support.sign_in import PASSWORD, home_of, oidc_dashboard, oidc_provider, password_dashboard
from tests.support.store import run_id_of, seed_store
from trainer.home import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 300_000
_IDLE = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
_RUNNING = f"/run?id={run_id_of('running')}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = home_of(tmp_path_factory.mktemp("people"), {"anna": Role.ADMINISTER, "leo": Role.LOOK})
    seed_store(made.tracking_uri(environment={}))
    return made


@pytest.fixture(scope="module")
def dashboard(home: Home) -> Iterator[str]:
    with password_dashboard(home) as address:
        yield address


def _sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_person_signs_in_looks_at_the_actions_and_out_again(page: Page, dashboard: str) -> None:
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{dashboard}/actions?about=sign")
    assert _grave(page) == []
    _sign_in(page, "anna")
    expect(page.get_by_role("cell", name="sign in")).to_be_visible(timeout=_PATIENCE)
    page.wait_for_selector(_IDLE)
    assert page.url == f"{dashboard}/actions?about=sign"
    assert _grave(page) == []

    page.get_by_role("link", name="anna").click()
    expect(page.get_by_role("heading", name="anna")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert _grave(page) == []
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in to Fitboard")).to_be_visible()


def test_open_page_asks_to_sign_in_again_when_its_person_is_removed(page: Page, dashboard: str, home: Home) -> None:
    page.set_default_timeout(_PATIENCE)
    page.goto(dashboard + _RUNNING)
    _sign_in(page, "leo")
    page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_disabled(timeout=_PATIENCE)
    People.of(home).remove("leo")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Frun%3Fid%3D"), timeout=_PATIENCE)


def test_person_of_a_provider_signs_in_and_out_of_both(page: Page, tmp_path: Path) -> None:
    page.set_default_timeout(_PATIENCE)
    # The provider's style sheet.
    page.route(re.compile("^https:"), lambda route: route.abort())
    home = home_of(tmp_path, {"anna@example.org": Role.LOOK}, password=None)
    with oidc_provider(tmp_path, ["anna@example.org"]) as provider, oidc_dashboard(home, provider) as dashboard:
        page.goto(f"{dashboard}/runs?q=a%20b")
        page.get_by_role("link", name="Sign in with your organization").click()
        page.get_by_role("button", name="anna@example.org").click()
        page.wait_for_selector(_IDLE)
        assert page.url == f"{dashboard}/runs?q=a%20b"

        page.get_by_role("link", name="anna@example.org").click()
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page).to_have_url(re.compile(f"^{provider}/oauth2/end_session"))
        page.get_by_role("button").first.click()
        expect(page.get_by_role("heading", name="Sign in to Fitboard")).to_be_visible()
        page.goto(f"{dashboard}/runs")
        expect(page.get_by_role("heading", name="Sign in to Fitboard")).to_be_visible()


def _grave(page: Page) -> list[str]:
    # What fades in has little contrast.
    page.wait_for_function("document.getAnimations().every((each) => each.playState !== 'running')")
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in {"serious", "critical"}]
