"""The doctor command: check this installation."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, print_json
from trainer.errors import FitboardError, StoreError
from trainer.execution.executors.local import can_fork
from trainer.execution.keras_backend import check_keras_backend
from trainer.execution.lock import holder_of
from trainer.format import counted, exact_duration, readable_bytes
from trainer.machine import available_memory, own_memory, total_memory
from trainer.tracking import RunQuery
from trainer.tracking.address import masked
from trainer.tracking.artifact_root import artifact_root
from trainer.tracking.read.s3 import check_access, is_s3

__all__ = ["Finding", "diagnose", "doctor"]

# The versions that Fitboard is tested with.
_PACKAGES = {"streamlit": "1.67", "tensorflow": "2.21", "keras": "3.15", "mlflow": "3.17", "plotly": "7", "pandas": "3"}
_LEAST_DISK = 1e9
_LEAST_MEMORY = 3e9
_IMPORT_SECONDS = 120


@dataclass(frozen=True)
class Finding:
    """The result of one check; `ok` is None if it is only informative."""

    what: str
    ok: bool | None
    told: str


def diagnose(place: Place) -> Iterator[Finding]:
    """Yield every finding, quick checks first."""
    python = sys.version_info
    yield Finding(
        "Python", (3, 11) <= python[:2] <= (3, 13), f"{python.major}.{python.minor} (supported: 3.11 to 3.13)"
    )
    yield from _packages()
    yield _home(place)
    free = shutil.disk_usage(place.home.path if place.home.path.exists() else place.home.path.parent).free
    yield Finding(
        "Disk", free > _LEAST_DISK, f"{readable_bytes(free)} free (at least {readable_bytes(_LEAST_DISK)} recommended)"
    )
    memory = total_memory()
    available = readable_bytes(available_memory())
    yield Finding("Memory", memory > _LEAST_MEMORY, f"{readable_bytes(memory)}, {available} free")
    yield _store(place)
    yield _artifacts(place)
    yield _running(place)
    yield _standby(place)
    yield _backend()
    yield _tensorflow()


def _packages() -> Iterator[Finding]:
    for package, tested in _PACKAGES.items():
        try:
            # Reads the installed metadata, without importing the package.
            found = version(package)
        except PackageNotFoundError:
            yield Finding(package, False, "not installed; reinstall Fitboard")
            continue
        same = found == tested or found.startswith(tested + ".")
        yield Finding(package, True if same else None, found if same else f"{found} (tested with {tested})")


def _home(place: Place) -> Finding:
    try:
        place.home.make()
    except FitboardError as error:
        return Finding("Home", False, str(error))
    exposed = place.home.exposed
    return Finding("Home", True if exposed is None else None, exposed or str(place.home.path))


def _store(place: Place) -> Finding:
    try:
        total = place.reader().page(RunQuery(limit=1)).total
    except FitboardError as error:
        return Finding("Store", False, str(error))
    return Finding("Store", True, f"{masked(place.tracking_uri)} contains {counted(total, 'run')}")


def _artifacts(place: Place) -> Finding:
    root = artifact_root(place.home)
    try:
        if is_s3(root):
            check_access(root)
    except StoreError as error:
        return Finding("Artifacts", False, str(error))
    return Finding("Artifacts", None if place.remark else True, place.remark or f"kept in {root}")


def _running(place: Place) -> Finding:
    held = holder_of(place.home.up_lock)
    if held is not None:
        return Finding("Fitboard", None, f"running: {held.get('dashboard')}")
    if holder_of(place.home.worker_lock) is not None:
        return Finding("Fitboard", None, "only a worker is running")
    return Finding("Fitboard", None, "not running; start it with `fitboard up`")


def _standby(place: Place) -> Finding:
    """Return the idle training process, which takes memory although nothing trains."""
    if not can_fork():
        return Finding(
            "Standby", None, "none; this system cannot fork processes, so every run imports TensorFlow first"
        )
    idle = (holder_of(place.home.worker_lock) or {}).get("standby")
    if not isinstance(idle, dict) or not isinstance(pid := idle.get("pid"), int):
        return Finding("Standby", None, "none; the worker prepares one while a Build page is open")
    state = "is ready for the next run" if idle.get("is_prepared") else "is being prepared"
    return Finding("Standby", None, f"process {pid} {state} and uses {readable_bytes(own_memory(pid))}")


def _backend() -> Finding:
    try:
        check_keras_backend()
    except FitboardError as error:
        return Finding("Keras's backend", False, str(error))
    return Finding("Keras's backend", True, "TensorFlow")


def _tensorflow() -> Finding:
    # In a process of its own, because a broken TensorFlow may abort Python instead of raising an error.
    gpus = "len(tf.config.list_physical_devices('GPU'))"
    script = f"import keras, tensorflow as tf; print(tf.__version__, keras.__version__, {gpus})"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            timeout=_IMPORT_SECONDS,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return Finding("TensorFlow", False, f"import timed out after {exact_duration(_IMPORT_SECONDS)}")
    if done.returncode:
        return Finding(
            "TensorFlow", False, f"import failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
        )
    # Packages may have printed something before.
    tensorflow, keras, gpus = done.stdout.split()[-3:]
    return Finding("TensorFlow", True, f"{tensorflow} with Keras {keras}, {counted(int(gpus), 'GPU')}")


def doctor(as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """Check this installation. Exits with 1 if something is wrong."""
    place = Place.of(home, tracking_uri)
    findings: list[Finding] = []
    out = console()
    for finding in diagnose(place):
        findings.append(finding)
        if not as_json:
            mark = {True: "[green]ok[/]  ", False: "[red]bad[/] ", None: "[dim]–[/]   "}[finding.ok]
            out.print(f"{mark} {finding.what}: ", end="")
            out.print(finding.told, markup=False)
    if as_json:
        print_json(
            {"ok": all(each.ok is not False for each in findings), "findings": [vars(each) for each in findings]}
        )
    if any(each.ok is False for each in findings):
        raise typer.Exit(1)
