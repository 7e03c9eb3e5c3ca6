"""Record the environment of a run, to explain later why another run's numbers differ."""

import importlib.metadata
import json
import os
import platform
import re
import sys
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil

__all__ = [
    "describe_environment",
    "dump_environment",
    "instruction_set_in_use",
    "package_versions",
    "recorded_variables",
]

_PACKAGES = (
    *("fitboard", "tensorflow", "keras", "numpy", "mlflow", "scikit-learn", "scipy", "pandas"),
    *("h5py", "ml_dtypes", "protobuf", "ray"),
)
# Prefixes of the environment variables that TensorFlow, its libraries and the C library read.
_SETTINGS = (
    *("TF_", "KERAS_", "XLA_", "ONEDNN_", "DNNL_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "EIGEN_"),
    *("CUDA_", "CUDNN_", "CUBLAS_", "NVIDIA_", "NCCL_", "GLIBC_TUNABLES", "LD_PRELOAD"),
)

_SECRETS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL")
_MASKED = "***"
# oneDNN's names in its order, each with the processor's flags that it takes beyond those of the one before.
_INSTRUCTION_SETS = {
    "SSE41": {"sse4_1"},
    "AVX": {"avx"},
    "AVX2": {"avx2"},
    "AVX2_VNNI": {"avx_vnni"},
    "AVX512_CORE": {"avx512f", "avx512bw", "avx512vl", "avx512dq"},
    "AVX512_CORE_VNNI": {"avx512_vnni"},
    "AVX512_CORE_BF16": {"avx512_bf16"},
    "AVX512_CORE_FP16": {"avx512_fp16"},
    "AVX512_CORE_AMX": {"amx_tile", "amx_int8", "amx_bf16"},
}

# Sets that the next one does without.
_BRANCH = {"AVX2_VNNI"}


def dump_environment(facts: Mapping[str, Any] | None = None) -> bytes:
    """Return `environment.json`: the environment, and under `training` everything else known about this run."""
    described = describe_environment()
    if facts:
        described["training"] = dict(facts)
    return json.dumps(described, indent=2, sort_keys=True, default=str).encode()


def describe_environment(code: Path = Path(__file__).parent) -> dict[str, Any]:
    """Return Python, packages, processor, memory, platform, and the commit of `code` if it is in a git checkout."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": platform.platform(),
        "packages": dict(package_versions()),
        "processor": _processor(os.environ),
        "c_library": " ".join(platform.libc_ver()).strip() or None,
        "cores": {"logical": os.cpu_count(), "usable": _usable_cores(), "physical": psutil.cpu_count(logical=False)},
        "memory_bytes": psutil.virtual_memory().total,
        "variables": recorded_variables(os.environ),
        "commit": _commit(code),
    }


def recorded_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that may affect training, without possible secrets."""
    names = sorted(name for name in environment if name.startswith(_SETTINGS))
    return {name: _unmasked(name, environment[name]) for name in names}


def _unmasked(name: str, value: str) -> str:
    if any(word in name.upper() for word in _SECRETS):
        return _MASKED
    # Addresses of proxies and stores may contain a password.
    return re.sub(r"(?<=://)[^/@\s]+(?=@)", _MASKED, value)


def instruction_set_in_use(flags: Collection[str], environment: Mapping[str, str]) -> str | None:
    """Return the best instruction set of oneDNN that the processor has and the environment allows, or None.

    `flags` are the processor's, as Linux names them. oneDNN chooses its kernels by this set.
    """
    limit = environment.get("ONEDNN_MAX_CPU_ISA") or environment.get("DNNL_MAX_CPU_ISA") or ""
    found = None
    for name, needed in _INSTRUCTION_SETS.items():
        if needed <= set(flags):
            found = name
        elif name not in _BRANCH:
            break
        if name == limit.upper():
            break
    return found


@cache
def package_versions() -> Mapping[str, str]:
    """Return the versions of the packages that training depends on; imported packages do not change, so once is enough.

    The forkserver calls this before it forks, so that no run has to search the installed packages, which takes 20 ms.
    """
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return MappingProxyType(versions)


def _processor(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the processor's model and instruction sets, which determine the kernels and thus the last bits."""
    told: dict[str, str] = {}
    file = Path("/proc/cpuinfo")
    if file.exists():
        # The first processor stands for all of them.
        first = file.read_text(errors="replace").split("\n\n")[0]
        told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    # Linux calls them Features on ARM.
    flags = sorted((told.get("flags") or told.get("Features") or "").split())
    return {
        "machine": platform.machine(),
        "model": told.get("model name") or platform.processor(),
        "flags": flags,
        "instruction_set_in_use": instruction_set_in_use(flags, environment),
    }


def _usable_cores() -> int | None:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _commit(code: Path) -> str | None:
    """Return the commit from git's own files, since git may not be installed and starting a process takes time."""
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
        # git moves refs that have not changed for a while into this file.
        packed = (git / "packed-refs").read_text().splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {name}")), None)
    except OSError:
        return None
