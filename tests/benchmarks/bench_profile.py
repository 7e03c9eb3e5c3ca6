"""The profile of a CSV file of 1,000,000 rows and 20 columns, against ydata-profiling's minimal report.

`python -m tests.benchmarks.bench_profile [ROWS]` prints the seconds, the processor seconds and the peak memory of a
process that profiles the file, imports included, and its memory as a multiple of the file. Targets: at most 10 s, a
fifth of ydata-profiling's time, and 3 times the file.

ydata-profiling cannot be resolved with `constraints.txt` (it takes older versions of pandas and NumPy), so it is not
among the packages of `bench`. Install it in an environment of its own and name its Python:
`YDATA_PYTHON=/path/to/venv/bin/python`. Without it, only Fitboard is measured.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

_ROUNDS = 3

_FITBOARD = """
from pathlib import Path
from trainer.data.profile import profile
found = profile(Path(FILE), {"target": "category4"} if TARGET else None)
assert found.rows == ROWS
found.model_dump_json()
"""

_YDATA = """
import pandas as pd
from ydata_profiling import ProfileReport
report = ProfileReport(pd.read_csv(FILE, parse_dates=["date0", "date1"]), minimal=True, progress_bar=False)
report.to_json()
"""

_SCRIPT = """
import json, resource, time
began = time.perf_counter()
FILE, ROWS, TARGET = {file!r}, {rows}, {target}
{code}
seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))
"""


class _Measured(NamedTuple):
    seconds: float
    processor: float
    peak: float


def _write(file: Path, rows: int) -> None:
    """Write 12 columns of numbers, 6 of categories and 2 of dates."""
    random = np.random.default_rng(0)
    columns: dict[str, object] = {
        f"number{place}": random.normal(size=rows).round(4) * 10 ** (place % 4) for place in range(8)
    }
    columns |= {f"count{place}": random.integers(0, 10 ** (place + 2), rows) for place in range(4)}
    for place, labels in enumerate((3, 3, 40, 500, 2, 5000)):
        names = np.array([f"label {number}" for number in range(labels)])
        columns[f"category{place}"] = names[random.integers(0, labels, rows)]
    columns["date0"] = np.datetime64("2020-01-01") + random.integers(0, 1500, rows).astype("timedelta64[D]")
    columns["date1"] = np.datetime64("2020-01-01T00:00:00") + random.integers(0, 10**8, rows).astype("timedelta64[s]")
    pa_csv.write_csv(pa.table({name: pa.array(values) for name, values in columns.items()}), file)


def _once(python: str, code: str, file: Path, rows: int, *, target: bool = False) -> _Measured:
    """Return the seconds, the processor seconds and the peak bytes of a process."""
    script = _SCRIPT.format(file=str(file), rows=rows, code=code, target=target)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "YDATA_PROFILING_NO_ANALYTICS": "True"}
    done = subprocess.run(
        [python, "-c", script], check=True, capture_output=True, text=True, env=environment, cwd=file.parent
    )
    return _Measured(*json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measure both in turns, since the speed of a shared machine drifts; the fastest process of each counts."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    other = os.environ.get("YDATA_PYTHON")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "table.csv")
        _write(file, rows)
        found: dict[str, list[_Measured]] = {}
        for _ in range(_ROUNDS):
            found.setdefault("Fitboard", []).append(_once(sys.executable, _FITBOARD, file, rows))
            with_target = _once(sys.executable, _FITBOARD, file, rows, target=True)
            found.setdefault("Fitboard, with a target", []).append(with_target)
            if other is not None:
                found.setdefault("ydata-profiling, minimal", []).append(_once(other, _YDATA, file, rows))
        for name, times in found.items():
            _print(name, min(times), file.stat().st_size)
        if other is None:
            print("ydata-profiling: set YDATA_PYTHON to measure it too")  # noqa: T201
            return
        ratio = min(found["Fitboard"]).seconds / min(found["ydata-profiling, minimal"]).seconds
        print(f"ratio of the seconds: {ratio:.3f}")  # noqa: T201


def _print(name: str, found: _Measured, size: int) -> None:
    processor = f"{found.processor:7.2f} s of processors"
    memory = f"{found.peak / 1e6:6.0f} MB = {found.peak / size:.2f} × the file"
    print(f"{name:<26}{found.seconds:7.2f} s {processor} {memory}")  # noqa: T201


if __name__ == "__main__":
    main()
