"""Runs exported scripts in a process without Fitboard: `run_scripts.py FOLDER`.

The output of each script is written beside it as `.json`. `FOLDER/keras/NAME.pickle` replaces Keras's downloads.
"""

import ast
import contextlib
import io
import json
import os
import pickle
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

__all__ = ["read_output"]


def read_output(text: str) -> dict[str, Any]:
    """Return the values that a script printed, by name."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        name, separator, value = line.partition(": ")
        if separator and name.isidentifier():
            # `nan` is no Python literal.
            found[name] = value if name == "weights" else ast.literal_eval(value.replace("nan", "None"))
    return found


def _loader(content: tuple[Any, Any]) -> Any:
    def load(num_words: int | None = None) -> Any:
        if num_words is None:
            return content
        import numpy as np

        def cut(texts: Any) -> Any:
            # Keras replaces rarer words by 2, the default of `oov_char`.
            return np.array([[word if word < num_words else 2 for word in text] for text in texts], dtype=object)

        (x, y), (x_test, y_test) = content
        return (cut(x), y), (cut(x_test), y_test)

    return load


def _main(folder: Path) -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    for file in folder.glob("keras/*.pickle"):
        getattr(keras.datasets, file.stem).load_data = _loader(pickle.loads(file.read_bytes()))
    for script in sorted(folder.glob("*.py")):
        # Collecting garbage after each would take as long as the training.
        keras.utils.clear_session(free_memory=False)
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                runpy.run_path(str(script), run_name="__main__")
            result = read_output(output.getvalue())
        # A script that fails is a result of its own, and the others still run.
        except Exception:
            result = {"error": traceback.format_exc()}
        script.with_suffix(".json").write_text(json.dumps(result))
    # An exported script must not need Fitboard or MLflow.
    assert not any(name.split(".")[0] in {"trainer", "mlflow"} for name in sys.modules)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
