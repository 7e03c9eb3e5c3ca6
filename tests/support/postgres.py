"""A real PostgreSQL for tests, with its data in a new folder and on a free port of the loopback interface."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from tests.support.server import free_port

__all__ = ["PostgresServer", "copy_rows", "missing_postgres"]

_START_SECONDS = 120
_ATTEMPTS = 5
# The first three make it survive no power failure, which no test needs.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")


def _binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs; Debian keeps them out of the search path."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: int(each.parent.name), default=None)


def copy_rows(source: str, target: str) -> None:
    """Replace every row of an MLflow database by those of another one of the same schema."""
    import sqlalchemy

    found = sqlalchemy.MetaData()
    old_engine, new_engine = (sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool) for uri in (source, target))
    with old_engine.connect() as old, new_engine.begin() as new:
        found.reflect(new)
        # Children first, as foreign keys demand, and parents first on the way back.
        for table in reversed(found.sorted_tables):
            new.execute(table.delete())
        for table in found.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.c)
            columns = sqlalchemy.text(f'SELECT {names} FROM "{table.name}"')
            rows = [dict(row) for row in old.execute(columns).mappings()]
            if rows:
                new.execute(table.insert(), rows)


def missing_postgres() -> str:
    """Return why no server can be started, or an empty text if one can."""
    return "" if _binaries() else "PostgreSQL is not installed (`apt-get install postgresql`)"


class PostgresServer:
    """PostgreSQL's server with a password; as root it runs as an unprivileged user, since it refuses root."""

    def __init__(self, *, durable: bool = False) -> None:
        """Survive no power failure unless `durable`, which only benchmarks need."""
        binaries = _binaries()
        if binaries is None:
            raise RuntimeError(missing_postgres())
        self._binaries = binaries
        # Not in pytest's folder, which only its owner may enter.
        self._folder = Path(tempfile.mkdtemp(prefix="fitboard-postgres-"))
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self._password = secrets.token_hex(8)
        self._port = 0
        self._settings = _SETTINGS[-1:] if durable else _SETTINGS
        self._process: subprocess.Popen[bytes] | None = None

    def uri(self, database: str) -> str:
        """Return the address of a database, as MLflow takes it."""
        return f"postgresql+psycopg://tester:{self._password}@127.0.0.1:{self._port}/{database}"

    def create(self, database: str, *, like: str = "template0") -> str:
        """Create a database as a copy of another and return its address."""
        import psycopg

        with psycopg.connect(self._plain("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{like}"')  # type: ignore[arg-type, unused-ignore]
        return self.uri(database)

    def restart(self, seconds: float) -> None:
        """End the server and all its connections at once, and start it again at the same address after some time."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(_START_SECONDS)
        time.sleep(seconds)
        if not self._starts():
            raise RuntimeError(f"PostgreSQL did not start again: {(self._folder / 'log').read_text()[-2000:]}")

    def __enter__(self) -> Self:
        try:
            self._initialize()
            for _ in range(_ATTEMPTS):
                self._port = free_port()
                if self._starts():
                    return self
            raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-2000:]}")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            # The fast shutdown: it ends its clients' connections.
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _plain(self, database: str) -> str:
        return self.uri(database).replace("+psycopg", "", 1)

    def _initialize(self) -> None:
        password = self._folder / "password"
        password.write_text(self._password)
        if self._user is not None:
            for each in (self._folder, password):
                os.chown(each, self._user.pw_uid, self._user.pw_gid)
        options = ["--username=tester", f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        command = [self._binaries / "initdb", "-D", self._folder / "data", *options, *locale]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_user())
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def _starts(self) -> bool:
        """Start the server; False if it ends at once, since another program took the port."""
        import psycopg

        settings = [word for each in self._settings for word in ("-c", each)]
        command = [self._binaries / "postgres", "-D", self._folder / "data", "-h", "127.0.0.1", "-p", str(self._port)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*command, *settings], stdout=log, stderr=log, **self._as_user())
        deadline = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                with psycopg.connect(self._plain("postgres")):
                    return True
            except psycopg.OperationalError:
                time.sleep(0.05)
        return False

    def _as_user(self) -> dict[str, Any]:
        as_user = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        return {"cwd": self._folder, **as_user}


def _unprivileged() -> pwd.struct_passwd:
    """Return Debian's own user for PostgreSQL, or nobody."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
