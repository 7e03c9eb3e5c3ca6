"""Home: the local folder of the store, artifacts, data, and files of runs."""

import contextlib
import hashlib
import json
import os
import shlex
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from trainer.errors import ResourceError

__all__ = ["Home", "sqlite_uri"]

_ANOTHER = "choose another with --home or FITBOARD_HOME."
_OWNER_ONLY, _OTHERS = 0o700, 0o077
# The path of a Unix socket can have 104 to 108 bytes, depending on the system.
_LONGEST_SOCKET = 100


@dataclass(frozen=True)
class Home:
    """The paths in a home. Nothing is created until `make` is called."""

    path: Path

    @classmethod
    def resolve(cls, given: str | Path | None = None, environment: Mapping[str, str] = os.environ) -> "Home":
        """Return the given home, or `FITBOARD_HOME`, or `~/.fitboard`.

        Raises:
            ResourceError: the path begins with `~` and an unknown user name.
        """
        chosen = given or environment.get("FITBOARD_HOME") or "~/.fitboard"
        try:
            return cls(Path(chosen).expanduser().absolute())
        except RuntimeError as error:
            raise ResourceError(f"The home {chosen} cannot be used ({error}); {_ANOTHER}") from error

    def check(self) -> "Home":
        """Check that the home is a folder or could be created; create nothing.

        Raises:
            ResourceError: the path is not UTF-8, or it or its nearest existing parent is not an accessible folder.
        """
        try:
            str(self.path).encode()
            # A dangling or circular link counts as existing, because no folder can be created in its place.
            nearest = next(path for path in (self.path, *self.path.parents) if path.exists() or path.is_symlink())
            is_folder, enters = stat.S_ISDIR(nearest.stat().st_mode), os.access(nearest, os.X_OK)
        except UnicodeEncodeError as error:
            raise ResourceError(
                f"The home {self.path} cannot be used (its path is not valid UTF-8); {_ANOTHER}"
            ) from error
        except OSError as error:
            raise ResourceError(f"The home {self.path} cannot be used ({error.strerror}); {_ANOTHER}") from error
        if not is_folder or not enters:
            why = "is not accessible" if is_folder else "is not a folder"
            raise ResourceError(f"The home {self.path} cannot be used ({nearest} {why}); {_ANOTHER}")
        return self

    def make(self) -> "Home":
        """Create the folder, readable only by its owner; restrict the permissions of what exists.

        A folder that already had content keeps its permissions, see `exposed`; what belongs to the home does not.

        Raises:
            ResourceError: the folder cannot be created or written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
            if not any(self.path.iterdir()):
                _narrow(self.path)
            for folder in (self.data, self.runs, self.artifacts):
                folder.mkdir(exist_ok=True, mode=_OWNER_ONLY)
            for inside in (self.data, self.runs, self.artifacts, self.logs, self.database):
                _narrow(inside)
            # Permissions alone do not tell: the disk may be full or read-only.
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise ResourceError(f"The home {self.path} cannot be written to ({error.strerror}); {_ANOTHER}") from error
        return self

    @property
    def exposed(self) -> str | None:
        """A sentence if other users of the machine can read the folder, else None."""
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(self.path.stat().st_mode)
            if mode & _OTHERS:
                command = shlex.join(["chmod", "700", str(self.path)])
                return f"Other users of this machine can read the home {self.path}; run `{command}` to make it private."
        return None

    @property
    def id(self) -> str:
        """Eight hex digits that identify this home."""
        return hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:8]

    @property
    def database(self) -> Path:
        """The default store."""
        return self.path / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        """The artifact root of the default store."""
        return self.path / "artifacts"

    @property
    def data(self) -> Path:
        """Datasets that were downloaded or uploaded."""
        return self.path / "data"

    @property
    def cache(self) -> Path:
        """Prepared data that are too large for memory; everything in it can be made again."""
        return self.path / "cache"

    @property
    def drafts(self) -> Path:
        """Drafts of configs, one file per browser."""
        return self.path / "drafts"

    @property
    def timings(self) -> Path:
        """How long training takes, by network, as measured on this machine."""
        return self.path / "timings.json"

    @property
    def timing_lock(self) -> Path:
        """Held by the process that measures it."""
        return self.path / "timing.lock"

    @property
    def logs(self) -> Path:
        """The output of the processes that `up` supervises."""
        return self.path / "logs"

    @property
    def runs(self) -> Path:
        """One folder per run, with its journal and log."""
        return self.path / "runs"

    def run(self, run_id: str) -> Path:
        """Return the folder of a run."""
        return self.runs / run_id

    @property
    def worker_lock(self) -> Path:
        """Locked by this home's only worker."""
        return self.path / "worker.lock"

    @property
    def shared_mark(self) -> Path:
        """Contains a token by which a node of a cluster knows that it sees the same folder as the worker."""
        return self.path / "worker.mark"

    @property
    def up_lock(self) -> Path:
        """Locked by this home's only `up`; contains its addresses as JSON."""
        return self.path / "up.lock"

    @property
    def dashboard(self) -> str | None:
        """The address of the dashboard under the last `up` of this home, or None if there was none.

        It is kept after `up` has ended, since the next `up` normally uses the same port.
        """
        try:
            said = json.loads(self.up_lock.read_bytes())
        except (OSError, ValueError):
            return None
        address = said.get("dashboard") if isinstance(said, dict) else None
        return address if isinstance(address, str) else None

    @property
    def inspector_socket(self) -> Path:
        """The socket of the inspector; in the temporary folder if home's path is too long for a socket."""
        inside = self.path / "inspector.sock"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
            return inside
        return Path(tempfile.gettempdir()) / f"fitboard-{os.getuid()}-{self.id}.sock"

    @property
    def inspector_lock(self) -> Path:
        """Locked by this home's only inspector."""
        return self.path / "inspector.lock"

    @property
    def standby_wish(self) -> Path:
        """The config for which the worker prepares a process in advance; written by the Build page."""
        return self.path / "standby.json"

    def tracking_uri(self, given: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
        """Return the tracking URI: the given one, or `MLFLOW_TRACKING_URI`, or SQLite in this home.

        A relative SQLite path is made absolute, because the processes that open it have different working directories.
        """
        chosen = given or environment.get("MLFLOW_TRACKING_URI") or sqlite_uri(self.database)
        scheme, separator, file = chosen.partition("sqlite:///")
        if separator and not scheme and file and not file.startswith(("/", ":memory:", "file:")):
            file, mark, options = file.partition("?")
            return sqlite_uri(Path(unquote(file)).absolute()) + mark + options
        return chosen


def _narrow(path: Path) -> None:
    """Remove the permissions of other users from a file or folder of this user."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)


def sqlite_uri(file: Path) -> str:
    """Return the URI of an SQLite store in this absolute file, as SQLAlchemy and MLflow expect it.

    MLflow creates the parent folder of a `sqlite:///` file without decoding the URI. If decoding changes the path, the
    URI names the driver too, which keeps MLflow from creating a wrong folder.
    """
    path = str(file)
    return f"sqlite:///{path}" if not set(path) & set("?#%") else f"sqlite+pysqlite:///{quote(path)}"
