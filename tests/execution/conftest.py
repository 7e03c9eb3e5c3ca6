"""A worker for all tests that leave it ready for the next one."""

from collections.abc import Iterator

import pytest

from tests.support.shop import Shop, opened_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A worker that is ready, with a home of its own."""
    with opened_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened
