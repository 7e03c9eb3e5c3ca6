"""The address a server listens on, and the host names that browsers may use for it."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from dashboard.launch.ports import HOST
from trainer.errors import ConfigError

__all__ = ["Site", "is_loopback", "open_site", "own_names"]

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104
_NO_SIGN_IN = (
    "Without sign-in, anyone who can reach {host} can read every run and uploaded file, and can train, stop and delete "
    "runs as you. Let people sign in with --sign-in password, use --host {loopback} with an SSH tunnel or an "
    "authenticating proxy, or accept the risk with --i-know."
)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A server's address, and the host names and origins it accepts.

    Args:
        host: host name or IP address to listen on.
        port: port to listen on.
        base_url: address that browsers use if the server is behind a proxy, without a trailing slash.
        names: accepted host names, in lower case and without ports.
        signs_in: whether people have to sign in.
    """

    host: str = HOST
    port: int
    base_url: str | None = None
    names: tuple[str, ...] = _LOOPBACK_NAMES
    signs_in: bool = False

    @property
    def local_url(self) -> str:
        """The address on this machine, not through a proxy: `http://127.0.0.1:8501/path`."""
        host = {"0.0.0.0": HOST, "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://{_bracketed(host)}:{self.port}{self.path}"

    @property
    def url(self) -> str:
        """The address to open or to share."""
        if self.base_url:
            return self.base_url
        shared = [name for name in self.names if name not in _LOOPBACK_NAMES]
        if self.host in _EVERYWHERE and shared:
            return f"http://{_bracketed(shared[0])}:{self.port}"
        return self.local_url

    @property
    def arguments(self) -> list[str]:
        """The arguments of `python -m dashboard.launch.server` that serve this site."""
        told = ["--host", self.host, "--port", str(self.port)]
        told += ["--base-url", self.base_url] if self.base_url else []
        return told + [argument for name in self.names for argument in ("--allow-host", name)]

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes to print if others can reach the server."""
        if not self.is_shared and not self.base_url:
            return ()
        names = ", ".join(self.names)
        open_to = (
            "There is no sign-in: anyone who can reach Fitboard can train, stop and delete runs as you. "
            if self.is_shared and not self.signs_in
            else ""
        )
        if self.signs_in and self.is_shared and not self.url.startswith("https://"):
            open_to = (
                "Passwords reach Fitboard unencrypted; outside a trusted network, put a proxy with a certificate "
                "before it and pass its URL with --base-url. "
            )
        return (f"{open_to}The dashboard accepts the host names {names}; add others with --allow-host.",)

    @property
    def path(self) -> str:
        """The path of the pages behind a proxy, such as `/fitboard`, or an empty string."""
        return urlsplit(self.base_url).path if self.base_url else ""

    @property
    def is_shared(self) -> bool:
        """Whether other machines can reach the server without a proxy."""
        return not is_loopback(self.host)

    def allows_host(self, header: str | None) -> bool:
        """Return whether the `Host` header names this server; its port is ignored."""
        found = _host_of(f"//{header}") if header else None
        return found is not None and found in self.names

    def allows_origin(self, origin: str, host: str | None) -> bool:
        """Return whether pages of an `Origin` may act here: only those of the requested host and of `base_url`."""
        try:
            given = urlsplit(origin)
        except ValueError:
            return False
        if self.base_url and _origin_of(urlsplit(self.base_url)) == _origin_of(given):
            return True
        return given.scheme in {"http", "https"} and given.netloc.lower() == (host or "").lower() != ""


def open_site(
    *, host: str, port: int, base_url: str | None, allowed: Iterable[str], insecure: bool, signs_in: bool = False
) -> Site:
    """Return the site for a command's options.

    Raises:
        ConfigError: the host is not an address of this machine, an address or a name is invalid, or other machines
            could reach the server and neither `insecure` nor `signs_in` is set.
    """
    host = host.strip().strip("[]").lower()
    _check_host(host)
    if not is_loopback(host) and not (insecure or signs_in):
        raise ConfigError(_NO_SIGN_IN.format(host="this machine" if host in _EVERYWHERE else host, loopback=HOST))
    proxied = _read_base_url(base_url) if base_url else None
    names = [*own_names(host), *(_read_name(name) for name in allowed)]
    if proxied:
        names.insert(0, urlsplit(proxied).hostname or "")
    return Site(
        host=host,
        port=port,
        base_url=proxied,
        names=tuple(dict.fromkeys(name.lower() for name in names)),
        signs_in=signs_in,
    )


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server that listens on the host."""
    return ipaddress.ip_address(host).is_loopback if _is_address(host) else host == "localhost"


def own_names(host: str) -> tuple[str, ...]:
    """Return the names of a server that listens on the host: this machine's name and its IP addresses."""
    if is_loopback(host):
        return tuple(dict.fromkeys([host, *_LOOPBACK_NAMES]))
    if host not in _EVERYWHERE:
        return (host, socket.gethostname())
    import psutil

    kinds = {socket.AF_INET} if host == _EVERYWHERE[0] else {socket.AF_INET, socket.AF_INET6}
    addresses = [each for interface in psutil.net_if_addrs().values() for each in interface if each.family in kinds]
    # The address of an IPv6 link ends in `%` and the name of the interface.
    found = [each.address.partition("%")[0] for each in addresses]
    shared = [address for address in found if not is_loopback(address)]
    return (socket.gethostname(), *shared, *_LOOPBACK_NAMES)


def _check_host(host: str) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"--host {host!r} is not an address of this machine; use one of its names or IP addresses, "
            "or 0.0.0.0 for all of them."
        ) from error


def _read_base_url(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    has_space = any(character.isspace() for character in text.strip())
    if not is_whole or has_space or parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError(f"--base-url {text!r} is not a valid URL; expected one such as https://example.org/fitboard.")
    return parts.geturl().rstrip("/")


def _read_name(text: str) -> str:
    found = _host_of(f"//{_bracketed(text.strip()) if _is_address(text.strip()) else text.strip()}")
    if found is None:
        raise ConfigError(f"--allow-host {text!r} is not a host name; expected one such as fitboard.example.org.")
    return found


def _host_of(url: str) -> str | None:
    """Return the host name in an address that contains nothing else except a port."""
    try:
        parts = urlsplit(url)
        # `urlsplit` checks the port only when it is read.
        _ = parts.port
    except ValueError:
        return None
    if not parts.hostname or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.rstrip(".")


def _origin_of(parts: SplitResult) -> tuple[str, str, int | None]:
    # Browsers leave out the default port of a scheme.
    default = {"http": 80, "https": 443}.get(parts.scheme)
    try:
        return parts.scheme, parts.hostname or "", parts.port or default
    except ValueError:
        return "", "", None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
