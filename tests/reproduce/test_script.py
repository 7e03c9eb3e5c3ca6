import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.configs import PATIENT, configs
from tests.support.script_cases import cases, make_keras_data
from trainer.config import LAYERS, REGISTRIES, Config, dump_config, find_recipe, parse_config
from trainer.config.layers import Composite
from trainer.home import Home
from trainer.reproduce.expressions import FIXED, literal, positional
from trainer.reproduce.facts import DataFacts, data_facts
from trainer.reproduce.script import Origin, write_script

ROOT = Path(__file__).resolve().parents[2]


def _script(config: Config, home: Path, **origin: Any) -> str:
    return write_script(config, data_facts(config, Home(home)), Origin(**origin))


def _iris_facts(home: Path) -> DataFacts:
    return data_facts(find_recipe("iris-mlp").config, Home(home))


def test_quickstart_is_short_and_knows_nothing_of_fitboard(tmp_path: Path) -> None:
    text = _script(find_recipe("quickstart-digits").config, tmp_path)
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 60
    assert 'keras.layers.Dense(128, activation="relu")' in text
    assert "keras.layers.Dropout(0.2)" in text
    assert "fitboard" not in text.lower()
    assert "trainer" not in text
    imported = {name.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= {"hashlib", "math", "os", "keras", "tensorflow", "numpy"}


def test_record_of_the_run_is_in_the_script(tmp_path: Path) -> None:
    text = _script(find_recipe("cnn-digits").config, tmp_path, intra=2, weights="ab" * 32)
    assert "set_intra_op_parallelism_threads(2)" in text
    assert f"# {'ab' * 32}" in text
    assert "enable_op_determinism()" in text
    assert "ONEDNN" not in text
    stopped = _script(find_recipe("cnn-digits").config, tmp_path, ended_early="KILLED")
    assert "The run is KILLED" in stopped.split("import")[0]
    compile(stopped, "stopped", "exec")
    assert "disable_meta_optimizer" not in text
    written = _script(find_recipe("cnn-digits").config, tmp_path, grappler=False)
    assert 'set_experimental_options({"disable_meta_optimizer": True})' in written
    assert "as many threads as the run had, no graph optimizer." in written
    without = _script(find_recipe("cnn-digits").config, tmp_path, one_dnn="0")
    assert 'os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"' in without
    assert "enable_op_determinism()" not in _script(find_recipe("cnn-digits").config, tmp_path, deterministic=False)


def test_every_case_is_python_with_no_line_too_long(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").make()
    for name, config in cases(tmp_path):
        text = write_script(config, data_facts(config, home), Origin())
        compile(text, name, "exec")
        lines = [line.replace(str(tmp_path), "") for line in text.splitlines()]
        assert max(map(len, lines)) <= 120, name


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_every_text_comes_back_from_a_script(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@given(config=configs())
@PATIENT
def test_any_config_is_written_as_python(config: Config, tmp_path_factory: pytest.TempPathFactory) -> None:
    global _FACTS
    _FACTS = _FACTS or _iris_facts(tmp_path_factory.mktemp("home"))
    # Weights of classes that the data do not have are refused.
    iris = config.model_copy(update={"dataset": find_recipe("iris-mlp").config.dataset, "class_weight": None})
    text = write_script(iris, _FACTS, Origin())
    tree = ast.parse(text)
    assert len([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]) >= 5


_FACTS: DataFacts | None = None


@pytest.mark.parametrize("name", ['"""', "a\u2028print(1)", "\\", "'; import os #", "\x85exec", "# x"])
def test_name_that_somebody_typed_stays_a_comment(name: str, tmp_path: Path) -> None:
    plain = find_recipe("iris-mlp").config
    named = plain.model_copy(update={"name": name})
    assert ast.dump(ast.parse(_script(named, tmp_path))) == ast.dump(ast.parse(_script(plain, tmp_path)))


def test_path_that_somebody_typed_stays_a_string(tmp_path: Path) -> None:
    import numpy as np

    folder = tmp_path / "a\"'); import os #\\"
    folder.mkdir()
    np.savez(folder / "own.npz", x=np.eye(20, 4), y=np.arange(20) % 2)
    fields = find_recipe("iris-mlp").config.model_dump(mode="json")
    config = parse_config({**fields, "dataset": {"name": "npz", "path": str(folder / "own.npz")}})
    tree = ast.parse(_script(config, tmp_path))
    assert str(folder / "own.npz") in {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


@pytest.mark.slow
def test_what_is_written_without_a_name_comes_first_in_keras() -> None:
    import inspect

    from trainer.engine.backend import keras

    plain = {kind: part for kind, part in LAYERS.members.items() if not issubclass(part, Composite)}
    for kind, part in plain.items():
        names = list(inspect.signature(getattr(keras.layers, kind)).parameters)
        written = [{"wrapped": "layer"}.get(name, name) for name in positional(part)]
        assert names[: len(written)] == written, kind
    for kind in REGISTRIES["initializer"].members:
        draws = "seed" in inspect.signature(getattr(keras.initializers, kind)).parameters
        assert draws == (kind not in FIXED), kind


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every case as a script and a config, and its training as `NAME.trained.json`."""
    folder = tmp_path_factory.mktemp("trained")
    home = Home(folder / "home").make()
    make_keras_data(folder, home)
    for name, config in cases(folder):
        origin = Origin(grappler=False, starts_within=name == "start-within")
        (folder / f"{name}.py").write_text(write_script(config, data_facts(config, home), origin))
        (folder / f"{name}.yaml").write_text(dump_config(config))
    _child("run_trainings.py", str(folder), str(home.path), path=str(ROOT))
    return folder


@pytest.mark.slow
def test_scripts_print_the_numbers_of_the_trainer(trained: Path) -> None:
    """All in one process each, since TensorFlow takes long to load; together they cover every part that computes."""
    _child("run_scripts.py", str(trained))
    wrong = {}
    for script in trained.glob("*.py"):
        printed, expected = (
            json.loads(script.with_suffix(ending).read_text()) for ending in (".json", ".trained.json")
        )
        missing = expected.keys() - printed.keys() - {"learning_rate"}
        if not printed or missing or not printed.items() <= expected.items():
            wrong[script.stem] = printed, expected
    assert not wrong, json.dumps(wrong, indent=1)


def _child(program: str, *arguments: str, path: str = "") -> None:
    command = [sys.executable, str(ROOT / "tests" / "support" / program), *arguments]
    fixed = {"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment = {**os.environ, **fixed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.slow
def test_script_of_the_quickstart_repeats_it_as_a_program(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_bytes((trained / "quickstart-digits.py").read_bytes())
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    expected = json.loads((trained / "quickstart-digits.trained.json").read_text())
    assert f"weights: {expected['weights']}" in done.stdout
    assert f"val_loss: {expected['val_loss']}" in done.stdout
