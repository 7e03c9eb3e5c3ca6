"""Why a file could not be made is shown, although it is made outside the page's script."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.downloads import noting_failure
from trainer.errors import FitboardError, StoreUnreachableError


def _page() -> None:
    from dashboard.components.downloads import failed_downloads, prepared_download

    prepared_download("CSV", lambda: b"", key="csv", file_name="runs.csv")
    failed_downloads(["csv"])


def test_failure_in_another_thread_is_said_below_the_button_until_the_file_is_made() -> None:
    app = AppTest.from_function(_page).run()
    assert not app.exception
    assert not app.warning

    reachable = False

    def make() -> bytes:
        if not reachable:
            raise StoreUnreachableError("The store <b> does not respond; check it.")
        return b"a,b"

    attempt = noting_failure(make, app.session_state["downloads.failed"], "csv")
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(FitboardError):
            pool.submit(attempt).result()
        app.run()
        assert [each.value.replace("\\", "") for each in app.warning] == ["The store <b> does not respond; check it."]
        reachable = True
        assert pool.submit(attempt).result() == b"a,b"
    app.run()
    assert not app.warning
