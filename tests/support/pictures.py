"""Pictures made for tests, and folders of them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["encoded", "picture", "picture_folder", "pixels", "zip_of"]


def pixels(height: int, width: int, *, channels: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Return smooth pixels with some noise, of shape (height, width, channels)."""
    random = np.random.default_rng(seed)
    rows, columns = np.linspace(0, 3, height)[:, None, None], np.linspace(0, 4, width)[None, :, None]
    phase = random.uniform(0, 6, channels)
    waves = 120 + 90 * np.sin(rows + phase) * np.cos(columns - phase) + random.normal(0, 12, (height, width, channels))
    return waves.clip(0, 255).astype(np.uint8)


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """Return the content of a file with this picture."""
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def picture(height: int = 24, width: int = 32, *, form: str = "PNG", seed: int = 0, **options: object) -> bytes:
    """Return the content of a file with a colored picture."""
    return encoded(Image.fromarray(pixels(height, width, seed=seed)), form, **options)


def picture_folder(
    folder: Path, *, classes: tuple[str, ...] = ("cat", "dog"), each: int = 4, form: str = "PNG", size: int = 24
) -> Path:
    """Write a folder of pictures of different sizes for each class; classes differ in their brightness."""
    suffix = {"PNG": ".png", "JPEG": ".jpg"}[form]
    for place, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(each):
            values = pixels(size + index % 3, size + 8, seed=100 * place + index)
            dimmed = (values * (0.4 + 0.6 * place / max(1, len(classes) - 1))).astype(np.uint8)
            (folder / name / f"{index}{suffix}").write_bytes(encoded(Image.fromarray(dimmed), form))
    return folder


def zip_of(path: Path, members: Path | Mapping[str, bytes]) -> Path:
    """Write an archive of a folder with its name around everything, or of these members."""
    if isinstance(members, Path):
        folder = members
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        members = {file.relative_to(folder.parent).as_posix(): file.read_bytes() for file in files}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
