"""What of a store's address may be shown, and where its secrets go."""

import traceback

import pytest

from trainer.errors import StoreError
from trainer.tracking.address import masked, move_login, without_login, without_secrets
from trainer.tracking.errors import database_url


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://me:s3cret@host:5000/x", "http://me:***@host:5000/x"),
        ("https://me:p@ss:w/rd@host", "https://me:***@host"),
        ("https://token123@host", "https://***@host"),
        ("postgresql+psycopg://me:s3cret@host/db", "postgresql+psycopg://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        (
            "postgresql://host/db?user=me&password=s3cret&sslmode=on",
            "postgresql://host/db?user=me&password=***&sslmode=on",
        ),
        ("postgresql://me@host/db?sslpassword=s3cret", "postgresql://me@host/db?sslpassword=***"),
        ("postgresql://host:1/db?user=me&password=ab@cdef", "postgresql://host:1/db?user=me&password=***"),
        ("mssql+pyodbc:///?odbc_connect=UID%3Dme%3BPWD%3Ds3cret", "mssql+pyodbc:///?odbc_connect=***"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:////tmp/a:b@c/mlflow.db", "sqlite:////tmp/a:b@c/mlflow.db"),
        ("nonsense", "nonsense"),
    ],
)
def test_shown_address_has_no_secret(uri: str, shown: str) -> None:
    assert masked(uri) == shown


@pytest.mark.parametrize(
    ("uri", "text", "told"),
    [
        ("http://me:s3c%40ret@h", "to http://me:s3c%40ret@h: no; s3c@ret", "to http://me:***@h: no; ***"),
        ("http://me:a@h", "a request to http://me:a@h failed", "a request to http://me:***@h failed"),
        ("postgresql://h/d?password=s3cret", "dsn password=s3cret", "dsn password=***"),
        ("postgresql://me:p@ssword@h/d", "no host 'ssword@h'", "no host '***@h'"),
        ("postgresql://me:p@ss@h/d", "no host 'ss@h'", "no host '***@h'"),
        ("postgresql://h:1/d?password=ab@cdefgh", "no host 'cdefgh'", "no host '***'"),
        ("sqlite:////x.db", "as it is", "as it is"),
    ],
)
def test_other_libraries_words_lose_the_secret(uri: str, text: str, told: str) -> None:
    assert without_secrets(text, uri) == told


def test_login_of_a_server_moves_to_the_environment() -> None:
    environment: dict[str, str] = {}

    assert move_login("https://m%20e:p%40ss@host:1/x", environment) == "https://host:1/x"
    assert environment == {"MLFLOW_TRACKING_USERNAME": "m e", "MLFLOW_TRACKING_PASSWORD": "p@ss"}


def test_link_has_no_login() -> None:
    assert without_login("https://token123@host/x") == "https://host/x"
    assert without_login("http://host:5000/x") == "http://host:5000/x"


@pytest.mark.parametrize(
    "uri", ["http://host", "http://token123@host", "postgresql://me:s3cret@host/db", "sqlite:////a@b:c"]
)
def test_other_addresses_stay(uri: str) -> None:
    environment: dict[str, str] = {}

    assert (move_login(uri, environment), environment) == (uri, {})


@pytest.mark.parametrize("uri", ["postgresql://me:p@ss:s3cret@host/db", "http://me:s3cret@host:port", "http://[::1"])
def test_address_that_cannot_be_read_is_refused_without_its_secret(uri: str) -> None:
    with pytest.raises(StoreError, match="is not a valid tracking URI") as caught:
        database_url(uri)

    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
