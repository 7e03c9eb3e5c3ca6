"""Small pictures as files, cut by tests from the photographs that scikit-learn ships."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

from trainer.config import Config, parse_config

__all__ = ["cuttings", "picture_cases", "picture_config", "picture_table", "zipped"]

_MODES = ("RGB", "RGB", "L", "RGBA", "P")


def cuttings(folder: Path, pictures: int = 24, *, seed: int = 0) -> Path:
    """Write pictures of two classes to a folder: several sizes, modes and formats, one turned by its EXIF data."""
    draw = np.random.default_rng(seed)
    photographs = load_sample_images().images
    for place in range(pictures):
        kind, photograph = ("china", "flower")[place % 2], photographs[place % 2]
        height, width = (int(draw.integers(9, 40)) for _ in range(2))
        top, left = (int(draw.integers(0, size - 40)) for size in photograph.shape[:2])
        image = Image.fromarray(photograph[top : top + height, left : left + width]).convert(_MODES[place % 5])
        inside = folder / kind / ("inner" if place % 6 == 0 else "")
        inside.mkdir(parents=True, exist_ok=True)
        if image.mode == "RGB":
            exif = Image.Exif()
            exif[0x0112] = 6 if place % 3 == 0 else 1
            image.save(inside / f"{place}.jpg", exif=exif)
        else:
            image.save(inside / f"{place}.png")
    return folder


def zipped(folder: Path) -> Path:
    """Write a zip file of a folder beside it."""
    path = folder.with_suffix(".zip")
    with ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def picture_table(folder: Path) -> Path:
    """Write a CSV file beside a folder of pictures: paths, labels, numbers, groups, and a row without a label."""
    files = sorted(file.relative_to(folder.parent).as_posix() for file in folder.rglob("*.*"))
    lines = [f"{file},{file.split('/')[1]},{place / 4},{place % 8}" for place, file in enumerate(files)]
    path = folder.with_suffix(".csv")
    path.write_text("\n".join(["file,kind,size,visit", *lines, f"{files[0]},,1.5,0", ""]), encoding="utf-8")
    return path


def picture_config(path: Path, /, *, config: dict[str, Any] | None = None, **fields: Any) -> Config:
    """Return a small network on pictures; `config` changes fields of it, all others those of the dataset."""
    columns = {"column": "file", "target": "kind"} if path.suffix == ".csv" else {}
    dataset = {"name": "images", "path": str(path), "image_size": [8, 10], **columns, **fields}
    is_regression = dataset.get("task") == "regression"
    return parse_config(
        {
            "dataset": dataset,
            "layers": [
                {"layer": "Conv2D", "filters": 3, "kernel_size": 3, "activation": "relu"},
                "GlobalAveragePooling2D",
                {"layer": "Dense", "units": 1 if is_regression else 2},
            ],
            "loss": "MeanSquaredError"
            if is_regression
            else {"name": "SparseCategoricalCrossentropy", "from_logits": True},
            "optimizer": {"name": "Adam", "learning_rate": 0.05},
            "metrics": [] if is_regression else ["accuracy"],
            "epochs": 2,
            "batch_size": 8,
            **(config or {}),
        }
    )


def picture_cases(folder: Path) -> dict[str, dict[str, Any]]:
    """Return fields of configs on pictures in files, which are written to `folder`."""
    pictures = picture_config(cuttings(folder / "pictures"), crop_to_aspect_ratio=True, color_mode="rgba")
    return {"pictures": pictures.short()}
