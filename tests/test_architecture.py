"""The layout's promises: who imports whom, what loads what, and how long files and functions are."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for package in ("trainer", "dashboard") for path in (ROOT / package).rglob("*.py"))

LONGEST_MODULE = 350
LONGEST_FUNCTION = 45

MAY_IMPORT = {
    "trainer.errors": set(),
    "trainer.home": {"errors"},
    "trainer.config": {"errors", "config"},
    "trainer.data": {"errors", "home", "config", "data"},
    "trainer.tracking": {"errors", "home", "config", "data", "tracking", "engine.report"},
    "trainer.engine": {"errors", "home", "config", "data", "tracking", "engine"},
    "trainer.reproduce": {"errors", "home", "config", "data", "tracking", "engine", "reproduce"},
    "trainer.execution": {"errors", "home", "config", "data", "tracking", "engine", "reproduce", "execution"},
}
"""What each package of the trainer may import of the trainer."""

ONLY_THERE = {
    "tensorflow": "trainer.engine",
    "keras": "trainer.engine",
    "mlflow": "trainer.tracking",
    "streamlit": "dashboard",
}
"""Where a library may be imported at all."""

MAY_ALSO = {("trainer.tracking.model", "keras"), ("trainer.tracking.preload", "keras")}
"""Logging a Keras model takes Keras."""


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: Path) -> Iterator[str]:
    """Every module that a file names in an import, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_flow_one_way(path: Path) -> None:
    name = _name(path)
    rule = next((allowed for package, allowed in MAY_IMPORT.items() if f"{name}.".startswith(f"{package}.")), None)
    for imported in _imports(path):
        if name.startswith("trainer"):
            assert not imported.startswith("dashboard"), f"{name} imports {imported}"
        if rule is not None and imported.startswith("trainer."):
            inner = imported.removeprefix("trainer.")
            assert any(inner == each or inner.startswith(f"{each}.") for each in rule), f"{name} imports {imported}"
        library = imported.split(".")[0]
        if library in ONLY_THERE and (name, library) not in MAY_ALSO:
            assert f"{name}.".startswith(f"{ONLY_THERE[library]}."), f"{name} imports {imported}"


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard").rglob("*.py")), ids=_name)
def test_pages_leave_training_alone(path: Path) -> None:
    for imported in _imports(path):
        assert not imported.startswith("trainer.engine"), f"{_name(path)} imports {imported}"


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard" / "views").glob("*.py")), ids=_name)
def test_views_draw_nothing_and_query_nothing(path: Path) -> None:
    forbidden = {"plotly", "sqlalchemy", "pandas", "numpy"}
    assert not {imported.split(".")[0] for imported in _imports(path)} & forbidden


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard" / "charts").glob("*.py")), ids=_name)
def test_charts_are_pure(path: Path) -> None:
    assert "streamlit" not in {imported.split(".")[0] for imported in _imports(path)}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_public_names_are_listed_and_sorted(path: Path) -> None:
    tree = ast.parse(path.read_text())
    lists = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and node.value is not None
        and any(isinstance(t, ast.Name) and t.id == "__all__" for t in _targets(node))
    ]
    if _name(path) == "dashboard.app":
        return
    assert lists, "there is no __all__"


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


@pytest.mark.parametrize(
    "module",
    [
        "trainer",
        "trainer.config",
        "trainer.data",
        "trainer.tracking",
        "trainer.execution",
        "trainer.reproduce",
        "trainer.cli",
        "dashboard.navigation",
        "dashboard.up",
        "dashboard.views.build",
        "dashboard.views.runs",
        "dashboard.views.run",
        "dashboard.views.compare",
    ],
)
def test_import_loads_nothing_heavy(module: str) -> None:
    script = (
        f"import sys, {module}\n"
        "heavy = {'tensorflow', 'keras', 'mlflow', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'{sorted(heavy)} loaded' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
