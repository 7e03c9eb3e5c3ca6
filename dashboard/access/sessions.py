"""Sessions of people who have signed in with a password: signed tokens in a cookie."""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer

from dashboard.access.ended_sessions import EndedSessions
from dashboard.access.people import People, Person
from trainer.data.files import write_whole
from trainer.errors import FitboardError, ResourceError
from trainer.home import Home

__all__ = ["COOKIE", "SESSION_SECONDS", "Sessions"]

COOKIE: Final = "fitboard_session"
SESSION_SECONDS: Final = 14 * 86_400
"""Seconds after which a person has to sign in again."""

_SALT = "fitboard.session"
_KEY_BYTES = 32


class Sessions:
    """Issues and checks tokens. A token ends with its time, its person, the person's password, or by signing out.

    Args:
        key: the secret that signs tokens.
        people: who may sign in.
        ended: the sessions that people have ended.
        lasting: seconds that a token is valid.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        key: bytes,
        people: People,
        ended: EndedSessions,
        *,
        lasting: int = SESSION_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._signer = URLSafeTimedSerializer(key, salt=_SALT)
        self._people, self._ended, self._lasting, self._clock = people, ended, lasting, clock

    @classmethod
    def of(cls, home: Home) -> "Sessions":
        """Return the sessions of a home, whose key is created the first time.

        Raises:
            ResourceError: the home cannot be read or written.
        """
        return cls(_key(home), People.of(home), EndedSessions.of(home))

    def issue(self, person: Person) -> str:
        """Return a token for someone whose password was right."""
        return str(self._signer.dumps([person.name, self._people.fingerprint(person.name), self._clock()]))

    def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return the person of a browser's token with the present role, or None if it is not or no longer valid."""
        token = cookies.get(COOKIE)
        if not token:
            return None
        try:
            name, fingerprint, begun = self._signer.loads(token, max_age=self._lasting)
            known = self._people.fingerprint(name)
            is_same = bool(known) and secrets.compare_digest(str(fingerprint).encode(), known.encode())
            has_ended = begun <= self._people.sessions_ended(name) or token in self._ended
            return self._people.get(name) if is_same and not has_ended else None
        except (BadData, ValueError, TypeError, FitboardError):
            return None

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of a browser, also for whoever has copied its token.

        Raises:
            ResourceError: the home cannot be written.
        """
        if self.person(cookies) is not None:
            self._ended.end(cookies[COOKIE], lasting=self._lasting)


def _key(home: Home) -> bytes:
    path = home.path / "session.key"
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    except OSError as error:
        raise ResourceError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error
    if len(key) < _KEY_BYTES:
        key = secrets.token_bytes(_KEY_BYTES)
        made = key
        write_whole(path, lambda file: file.write(made))
    return key
