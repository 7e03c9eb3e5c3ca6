import socket
from dataclasses import replace

import pytest

from dashboard.launch.mlflow_ui import MlflowUi
from dashboard.launch.site import Site, is_loopback, open_site
from trainer.errors import ConfigError
from trainer.home import Home


def site(
    host: str = "127.0.0.1", *, base_url: str | None = None, allowed: tuple[str, ...] = (), insecure: bool = False
) -> Site:
    return open_site(host=host, port=8501, base_url=base_url, allowed=allowed, insecure=insecure)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_for_others_without_a_sign_in_has_to_be_accepted(host: str) -> None:
    with pytest.raises(ConfigError, match=r"Without sign-in.*train, stop and delete runs as you.*--i-know"):
        site(host)
    assert site(host, insecure=True).is_shared
    signed = open_site(host=host, port=8501, base_url=None, allowed=(), insecure=False, signs_in=True)
    assert not any("no sign-in" in remark for remark in signed.remarks)
    assert any("Passwords reach Fitboard unencrypted" in remark for remark in signed.remarks)
    proxied = replace(signed, base_url="https://fit.example.org")
    assert not any("unencrypted" in remark for remark in proxied.remarks)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_listening_for_this_machine_alone_asks_nothing(host: str) -> None:
    assert not site(host).is_shared


def test_host_that_this_machine_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'203\.0\.113\.7' is not an address of this machine"):
        site("203.0.113.7", insecure=True)


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://a@b.org",
        "https://a.org?x=1",
        "https://h/a b",
        "https://a b/",
    ],
)
def test_base_url_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="--base-url"):
        site(base_url=url)


@pytest.mark.parametrize("name", ["", "a/b", "user@host", "http://a.org"])
def test_host_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="--allow-host"):
        site(allowed=(name,))


def test_only_own_names_are_answered_to() -> None:
    own = site()
    assert all(own.allows_host(header) for header in ("127.0.0.1:8501", "localhost", "LOCALHOST:9", "[::1]:8501"))
    assert not any(own.allows_host(header) for header in (None, "", "evil.org", "127.0.0.1.evil.org", "a@localhost"))
    assert site(allowed=("Fitboard.Example.org",)).allows_host("fitboard.example.org:8501")


def test_machine_that_others_reach_answers_to_its_name_and_addresses() -> None:
    shared = site("0.0.0.0", insecure=True)
    assert shared.allows_host(socket.gethostname())
    assert not shared.allows_host("evil.org")
    assert all(not is_loopback(name) or name in {"127.0.0.1", "localhost", "::1"} for name in shared.names)


def test_only_pages_of_the_same_address_or_the_base_url_may_act() -> None:
    own = site(base_url="https://fit.example.org/board/")
    assert own.allows_origin("http://127.0.0.1:8501", "127.0.0.1:8501")
    assert own.allows_origin("https://fit.example.org", "127.0.0.1:8501")
    assert own.allows_origin("https://fit.example.org:443", "127.0.0.1:8501")
    for foreign in ("http://127.0.0.1:9999", "http://fit.example.org", "https://evil.org", "null", "", "http://["):
        assert not own.allows_origin(foreign, "127.0.0.1:8501"), foreign
    assert not own.allows_origin("", "")


def test_base_url_gives_the_address_and_the_path() -> None:
    behind = site(base_url="https://fit.example.org/board/")
    assert behind.url == "https://fit.example.org/board"
    assert behind.path == "/board"
    assert behind.local_url == "http://127.0.0.1:8501/board"
    assert behind.allows_host("fit.example.org")


def test_arguments_make_the_same_site_again() -> None:
    from dashboard.launch.server import read_site

    for own in (site(), site("0.0.0.0", insecure=True), site(base_url="https://fit.example.org/board")):
        assert read_site(own.arguments) == own


def test_links_to_mlflow_lead_where_the_browser_is() -> None:
    def link(host: str = "127.0.0.1", base_url: str | None = None, *, insecure: bool = False) -> str:
        return MlflowUi(site=site(host, base_url=base_url, insecure=insecure)).link

    assert link() == "http://127.0.0.1:8501"
    assert link("0.0.0.0", insecure=True) == "http://{host}:8501"
    assert link(base_url="https://fit.example.org/mlflow") == "https://fit.example.org/mlflow"


def test_mlflow_beside_sign_in_is_warned_of_where_a_proxy_serves_it() -> None:
    proxied = site(base_url="https://fit.example.org/mlflow")
    (remark,) = MlflowUi(site=proxied, beside_proxy=True, beside_sign_in=True).remarks
    assert remark.startswith("MLflow's UI asks nobody to sign in: anyone who can reach https://fit.example.org/mlflow")
    assert MlflowUi(site=proxied, beside_proxy=True).remarks == ()


def test_mlflow_answers_to_the_same_names_and_to_its_own_pages(tmp_path: object) -> None:
    ui = MlflowUi(site=site("0.0.0.0", base_url="https://fit.example.org/mlflow", insecure=True))
    told = ui.environment("sqlite:///x", Home.resolve(str(tmp_path)))
    assert {"fit.example.org", "fit.example.org:*", socket.gethostname()} <= set(
        told["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    )
    assert "https://fit.example.org" in told["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"].split(",")
    assert told["_MLFLOW_STATIC_PREFIX"] == "/mlflow"
