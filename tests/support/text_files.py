"""Small texts as files, written by tests."""

from pathlib import Path
from typing import Any

import numpy as np

from trainer.config import Config, parse_config

__all__ = ["reviews", "text_cases", "text_config"]

_PLAIN = ("the", "film", "Was", "a", "story,", "ÖFFI", "café", "don't", "日本", "e\u0301")
_TOLD = {"good": ("great!", "Fine", "lovely"), "bad": ("awful", "Boring.", "dull")}


def reviews(path: Path, texts: int = 90, *, seed: int = 0) -> Path:
    """Write texts of two classes to a CSV file, or to a folder of .txt files if the path has no suffix."""
    draw = np.random.default_rng(seed)
    rows = []
    for place in range(texts):
        kind = ("good", "bad")[place % 2]
        words = [*draw.choice(_PLAIN, draw.integers(1, 12)), *draw.choice(_TOLD[kind], 2)]
        rows.append((" ".join(draw.permutation(words)), kind))
    if path.suffix:
        lines = [f'"{text}";{kind};{place % 9}' for place, (text, kind) in enumerate(rows)]
        path.write_text("\n".join(["review;label;author", *lines, '"";good;1']), encoding="utf-8")
        return path
    for place, (text, kind) in enumerate(rows):
        (path / kind / "inner").mkdir(parents=True, exist_ok=True)
        file = path / kind / ("inner" if place % 5 == 0 else "") / f"{place}.txt"
        file.write_text(f"\ufeff {text}\n\n" if place % 3 == 0 else text, encoding="utf-8")
    (path / "read me.txt").write_text("Not a text of a class.", encoding="utf-8")
    return path


def text_config(path: Path, /, *, config: dict[str, Any] | None = None, **fields: Any) -> Config:
    """Return a small network on texts; `config` changes fields of it, all others those of the dataset."""
    columns = {"column": "review", "target": "label"} if path.suffix else {}
    dataset = {"name": "text", "path": str(path), "max_tokens": 14, "output_sequence_length": 6, **columns, **fields}
    first: list[Any] = [
        {"layer": "Embedding", "input_dim": dataset["max_tokens"], "output_dim": 4},
        "GlobalAveragePooling1D",
    ]
    return parse_config(
        {
            "dataset": dataset,
            "layers": [*(first if fields.get("output_mode") != "multi_hot" else []), {"layer": "Dense", "units": 2}],
            "loss": {"name": "SparseCategoricalCrossentropy", "from_logits": True},
            "optimizer": {"name": "Adam", "learning_rate": 0.05},
            "metrics": ["accuracy"],
            "epochs": 2,
            **(config or {}),
        }
    )


def text_cases(folder: Path) -> dict[str, dict[str, Any]]:
    """Return fields of configs on texts in files, which are written to `folder`."""
    table, texts = reviews(folder / "reviews.csv"), reviews(folder / "reviews")
    cases = {
        "text-folder": text_config(texts),
        "text-multi-hot": text_config(
            table, output_mode="multi_hot", standardize="lower", split={"by": "group", "column": "author"}
        ),
        "text-letters": text_config(
            table, tokens="character", standardize=None, max_tokens=20, validation_fraction=0.0
        ),
    }
    return {name: config.short() for name, config in cases.items()}
