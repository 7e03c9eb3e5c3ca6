"""The layout's promises: who imports whom, what loads what, and how long files and functions are."""

import ast
import functools
import graphlib
import itertools
import re
import subprocess
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from trainer.tracking import Tag

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for package in ("trainer", "dashboard") for path in (ROOT / package).rglob("*.py"))

LONGEST_MODULE = 350
LONGEST_FUNCTION = 45

MAY_IMPORT = {
    "trainer.errors": {"format"},
    "trainer.format": set(),
    "trainer.home": {"errors"},
    "trainer.machine": set(),
    "trainer.config": {"errors", "format", "config"},
    "trainer.statistics": {"format", "statistics"},
    "trainer.sweeps": {"errors", "format", "config", "statistics", "tracking", "sweeps"},
    "trainer.data": {"errors", "format", "home", "machine", "config", "data"},
    "trainer.tracking": {"errors", "format", "home", "config", "data", "tracking", "engine.report"},
    "trainer.engine": {"errors", "format", "home", "machine", "config", "data", "tracking", "engine"},
    "trainer.reproduce": {"errors", "format", "home", "config", "data", "tracking", "engine", "sweeps", "reproduce"},
    "trainer.comparison": {"errors", "format", "config", "statistics", "tracking", "reproduce", "comparison"},
    "trainer.execution": {
        "errors",
        "format",
        "home",
        "machine",
        "config",
        "data",
        "tracking",
        "engine",
        "reproduce",
        "sweeps",
        "execution",
    },
}
"""What each package of the trainer may import of the trainer."""

ONLY_THERE = {
    "tensorflow": "trainer.engine",
    "keras": "trainer.engine",
    "mlflow": "trainer.tracking",
    "optuna": "trainer.sweeps",
    "ray": "trainer.execution.executors.ray",
    "streamlit": "dashboard",
}
"""Where a library may be imported at all."""

MAY_ALSO = {
    ("trainer.tracking.write.class_answers", "keras"),
    ("trainer.tracking.write.model", "keras"),
    ("trainer.tracking.preload", "keras"),
}
"""Logging a Keras model takes Keras, and so does serving it."""


WRITTEN_BY_FORMAT = re.compile(r" ([kKMGT]i?B|s|min|h|d)\b| %")
"""What stands behind a value that `trainer.format` has words for: sizes, shares, durations."""

KNOWN_IN_ONE_PLACE = {
    "trainer.config.metrics.names": "test_|val_|system/",
    "trainer.tracking.files": r"config\.yaml|(environment|preparation|confusion|mistakes|predictions)\.json"
    r"|samples\.npz|checkpoint-.*",
    "trainer.tracking.tags": "|".join(re.escape(tag) for tag in Tag),
}
"""Texts that one module gives a name to, as patterns of the whole text; the others import the name."""

SCRIPTS = {"dashboard.app"}
"""What Streamlit runs from top to bottom, and nobody imports."""

LIGHT = (
    "trainer",
    "trainer.config",
    "trainer.data",
    "trainer.tracking",
    "trainer.execution",
    "trainer.reproduce",
    "trainer.statistics",
    "trainer.cli",
    "dashboard.navigation",
    "dashboard.launch.up",
    "dashboard.views.build",
    "dashboard.views.runs",
    "dashboard.views.run",
    "dashboard.views.compare",
    "dashboard.views.sweep",
    "dashboard.views.sweeps",
)
"""What starts quickly, since it loads none of the large libraries."""

MAY_VIEWS_READ = {"trainer.tracking.read.links"}
"""Addresses of MLflow's pages: nothing is read for them."""


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@functools.cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_tree(path)))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    """Every module that a file names in an import, wherever it stands."""
    found: set[str] = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return frozenset(found)


def _keep(rule: Callable[[Path], None], paths: Iterable[Path]) -> None:
    """Hold every module to a rule, and name all that break it: a test for each module would take far longer."""
    modules, broken = sorted(paths), []
    assert modules
    for path in modules:
        try:
            rule(path)
        except AssertionError as error:
            broken.append(f"{_name(path)}: {error}")
    assert not broken, "\n".join(broken)


def test_imports_flow_one_way() -> None:
    _keep(_imports_flow_one_way, MODULES)


def _imports_flow_one_way(path: Path) -> None:
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


def test_pages_leave_training_alone() -> None:
    _keep(_pages_leave_training_alone, (ROOT / "dashboard").rglob("*.py"))


def _pages_leave_training_alone(path: Path) -> None:
    for imported in _imports(path):
        assert not imported.startswith("trainer.engine"), f"{_name(path)} imports {imported}"


def test_pages_draw_nothing_and_query_nothing() -> None:
    _keep(_pages_draw_nothing_and_query_nothing, (ROOT / "dashboard" / "views").rglob("page.py"))


def _pages_draw_nothing_and_query_nothing(path: Path) -> None:
    forbidden = {"plotly", "sqlalchemy", "pandas", "numpy"}
    assert not {imported.split(".")[0] for imported in _imports(path)} & forbidden


def test_views_ask_loaders_and_leave_other_views_alone() -> None:
    _keep(_views_ask_loaders_and_leave_other_views_alone, (ROOT / "dashboard" / "views").rglob("*.py"))


def _views_ask_loaders_and_leave_other_views_alone(path: Path) -> None:
    own = ".".join(_name(path).split(".")[:3])
    for imported in _imports(path):
        assert not imported.startswith("trainer.tracking.read.") or imported in MAY_VIEWS_READ, imported
        assert not imported.startswith("dashboard.views") or imported.startswith(own), f"{own} imports {imported}"
    assert "loaders.reader" not in path.read_text(), "a view asks loaders, never readers"


@pytest.mark.parametrize(
    ("folder", "above"),
    [
        ("charts", {"components", "loaders", "views", "actions", "state", "navigation", "app", "launch"}),
        ("components", {"views", "actions", "app", "launch"}),
        ("report", {"loaders", "views", "actions", "state", "navigation", "app", "launch"}),
        ("loaders", {"components", "charts", "views", "actions", "state", "navigation", "app", "launch"}),
        ("draft", {"components", "charts", "loaders", "views", "actions", "state", "navigation", "app", "launch"}),
        ("launch", {"components", "charts", "loaders", "draft", "actions", "state"}),
    ],
)
def test_what_is_shared_knows_nothing_above_it(folder: str, above: set[str]) -> None:
    for path in (ROOT / "dashboard" / folder).rglob("*.py"):
        for imported in _imports(path):
            parts = imported.split(".")
            assert parts[0] != "dashboard" or len(parts) < 2 or parts[1] not in above, f"{_name(path)}: {imported}"


def test_addresses_know_no_view() -> None:
    for name in ("navigation", "state"):
        assert not any(each.startswith("dashboard.views") for each in _imports(ROOT / "dashboard" / f"{name}.py"))


def test_commands_are_imported_by_the_command_line_alone() -> None:
    _keep(_commands_are_imported_by_the_command_line_alone, (ROOT / "trainer" / "commands").glob("*.py"))


def _commands_are_imported_by_the_command_line_alone(path: Path) -> None:
    allowed = {"trainer.cli", "dashboard.cli", "dashboard.access.commands"}
    users = {_name(each) for each in MODULES if _name(path) in _imports(each)}
    assert all(user in allowed or user.startswith("trainer.commands.") for user in users), users


def test_charts_are_pure() -> None:
    _keep(_charts_are_pure, (ROOT / "dashboard" / "charts").glob("*.py"))


def _charts_are_pure(path: Path) -> None:
    assert "streamlit" not in {imported.split(".")[0] for imported in _imports(path)}


def test_only_executors_touch_processes() -> None:
    """So that another executor is one new file. What a process says of itself is in `identity`."""
    identity = "trainer.execution.process.identity"
    may_know = {identity, "trainer.execution.process.run_job"}
    for path in (ROOT / "trainer" / "execution").rglob("*.py"):
        name = _name(path)
        if name not in may_know and not name.startswith("trainer.execution.executors."):
            assert not {"psutil", identity} & _imports(path), name
            assert not [each.attr for each in _nodes(path) if _is_signalling(each)], name


def _is_signalling(node: ast.AST) -> TypeGuard[ast.Attribute]:
    is_of_os = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    return is_of_os and isinstance(node, ast.Attribute) and node.attr in {"kill", "killpg", "waitpid"}


def test_no_circle() -> None:
    """Neither at the top of modules nor within functions: what has to be imported late is in the wrong place."""
    names = {_name(path): path for path in MODULES}
    graph = {name: _modules_named(path, names) - {name} for name, path in names.items()}
    sorter = graphlib.TopologicalSorter(graph)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def _modules_named(path: Path, names: Container[str]) -> set[str]:
    """The modules that a file imports. A package's face only hands names on: what it hands on is what is imported."""
    found: set[str] = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in names}
        elif isinstance(node, ast.ImportFrom) and node.module in names:
            found |= {
                each if (each := f"{node.module}.{alias.name}") in names else str(node.module) for alias in node.names
            }
    return found


def test_units_are_written_in_one_place() -> None:
    _keep(_units_are_written_in_one_place, MODULES)


def _units_are_written_in_one_place(path: Path) -> None:
    """A value followed by its unit, or a share as `{share:.1%}`: `trainer.format` knows how these read."""
    if _name(path) == "trainer.format":
        return
    for node in _nodes(path):
        if isinstance(node, ast.JoinedStr):
            for value, text in itertools.pairwise(node.values):
                if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                    assert not WRITTEN_BY_FORMAT.match(str(text.value)), ast.unparse(node)
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            assert not ast.unparse(node.format_spec).endswith("%'"), ast.unparse(node)


def test_names_of_files_tags_and_prefixes_are_known_in_one_place() -> None:
    _keep(_names_of_files_tags_and_prefixes_are_known_in_one_place, MODULES)


def _names_of_files_tags_and_prefixes_are_known_in_one_place(path: Path) -> None:
    texts = {node.value for node in _nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for home, pattern in KNOWN_IN_ONE_PLACE.items():
        found = [] if _name(path) == home else [text for text in texts if re.fullmatch(pattern, text)]
        assert not found, f"{found}: import them from {home}"


def test_modules_and_functions_stay_small() -> None:
    _keep(_modules_and_functions_stay_small, MODULES)


def _modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    for node in _nodes(path):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def test_public_names_are_listed_and_sorted() -> None:
    _keep(_public_names_are_listed_and_sorted, [path for path in MODULES if _name(path) not in SCRIPTS])


def _public_names_are_listed_and_sorted(path: Path) -> None:
    listed = _listed(path)
    assert listed == sorted(listed, key=_order), f"not sorted: {listed}"
    assert len(listed) == len(set(listed)), f"listed twice: {listed}"
    public = {name for name in _defined(path) if not name.startswith("_")}
    assert public <= set(listed), f"public, but not in __all__: {sorted(public - set(listed))}"
    known = _defined(path) | _named_by_imports(path)
    assert set(listed) <= known, f"in __all__, but not there: {sorted(set(listed) - known)}"


def _order(name: str) -> tuple[int, str]:
    """As ruff sorts `__all__`: constants, classes, the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name.lstrip("_")[:1].isupper() else 2
    return kind, name


def _listed(path: Path) -> list[str]:
    found = [ast.literal_eval(value) for name, value in _assigned(path) if name == "__all__" and value is not None]
    assert len(found) == 1, f"{len(found)} lists __all__"
    return list(found[0])


def _assigned(path: Path) -> Iterator[tuple[str, ast.expr | None]]:
    for node in _tree(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            yield from ((name.id, node.value) for name in names if isinstance(name.ctx, ast.Store))


def _defined(path: Path) -> set[str]:
    """What a module itself makes at its top, its `__all__` aside."""
    made = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    named = {node.name for node in _tree(path).body if isinstance(node, made)}
    return (named | {name for name, _ in _assigned(path)}) - {"__all__"}


def _named_by_imports(path: Path) -> set[str]:
    """The names that imports give a module; those that it neither uses nor lists are found by ruff."""
    return {
        alias.asname or alias.name.split(".")[0]
        for node in _nodes(path)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def test_import_loads_nothing_heavy() -> None:
    script = """
import importlib, sys
for module in sys.argv[1:]:
    importlib.import_module(module)
    heavy = {"tensorflow", "keras", "mlflow", "sklearn"} & set(sys.modules)
    if heavy:
        sys.exit(f"{module} loads {sorted(heavy)}")
"""
    done = subprocess.run([sys.executable, "-c", script, *LIGHT], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
