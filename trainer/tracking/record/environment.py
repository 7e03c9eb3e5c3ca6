"""What a run ran on: enough to tell, later, why another run's numbers differ."""

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

__all__ = ["describe_environment", "dump_environment"]

_PACKAGES = (
    *("fitboard", "tensorflow", "keras", "numpy", "mlflow", "scikit-learn", "scipy", "pandas"),
    *("h5py", "ml_dtypes", "protobuf", "ray"),
)
_SETTINGS = ("TF_", "XLA_", "OMP_", "KERAS_", "CUDA_", "MKL_", "OPENBLAS_")


def dump_environment(facts: Mapping[str, Any] | None = None) -> bytes:
    """`environment.json`: the environment, and under `training` what else is known of this run."""
    described = describe_environment()
    if facts:
        described["training"] = dict(facts)
    return json.dumps(described, indent=2, sort_keys=True, default=str).encode()


def describe_environment(code: Path = Path(__file__).parent) -> dict[str, Any]:
    """Python, packages, processor, memory, platform, and the commit of `code` where it is a git checkout."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": platform.platform(),
        "packages": _versions(),
        "processor": _processor(),
        "cores": {"logical": os.cpu_count(), "usable": _usable_cores(), "physical": psutil.cpu_count(logical=False)},
        "memory_bytes": psutil.virtual_memory().total,
        "variables": {name: value for name, value in sorted(os.environ.items()) if name.startswith(_SETTINGS)},
        "commit": _commit(code),
    }


def _versions() -> dict[str, str]:
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _processor() -> dict[str, Any]:
    """Model and instruction sets: kernels are chosen by them, and so are the last bits."""
    told: dict[str, str] = {}
    file = Path("/proc/cpuinfo")
    if file.exists():
        first = file.read_text(errors="replace").split("\n\n")[0]
        told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    return {
        "machine": platform.machine(),
        "model": told.get("model name") or platform.processor(),
        "flags": sorted((told.get("flags") or told.get("Features") or "").split()),
    }


def _usable_cores() -> int | None:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _commit(code: Path) -> str | None:
    """Read from git's own files, since git may not be installed and a process costs time."""
    for folder in (code, *code.parents):
        git = folder / ".git"
        if git.is_dir():
            return _head(git)
    return None


def _head(git: Path) -> str | None:
    try:
        head = (git / "HEAD").read_text().strip()
        name = head.removeprefix("ref: ")
        if name == head:
            return head
        if (git / name).exists():
            return (git / name).read_text().strip()
        packed = (git / "packed-refs").read_text().splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {name}")), None)
    except OSError:
        return None
