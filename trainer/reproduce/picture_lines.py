"""The lines of a script that find, decode and resize pictures exactly as the trainer does."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from trainer.config.file_datasets import Images
from trainer.data.sources.pictures.archive import IMAGE_SUFFIXES
from trainer.reproduce.expressions import literal

__all__ = ["broken_lines", "contents", "picture_prepared_lines", "picture_read_lines"]

_FOLDER = """
names = []
for path in sorted(folder.rglob("*")):
    name = path.relative_to(folder).as_posix()
    is_hidden = any(part.startswith(".") for part in name.split("/"))
    if path.is_file() and not path.is_symlink() and not is_hidden:
        names.append(name)
"""

_ARCHIVE = """
names = []
for member in archive.infolist():
    parts = PurePosixPath(member.filename).parts
    is_hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    if not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16) and not is_hidden:
        names.append(member.filename)
"""

_NAMED = """
names = sorted(name for name in names if "/" in name and PurePosixPath(name).suffix.lower() in endings)
classes = [name.removeprefix({root}).split("/")[0] for name in names]
table = pd.DataFrame({{"image": names, "class": classes}})
"""

_DECODED = """
def picture(name):
    image = ImageOps.exif_transpose(Image.open({opened}))
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image) >> 8).astype("uint8"))
"""

# A palette may have transparent colors.
_PALETTE = """
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
"""

_PIXELS = """
    return resized(np.array(image.convert({mode!r})).reshape(image.height, image.width, {channels}))
"""

_ALONG = {
    "nearest": """
def along_rows(pixels, target):
    source = len(pixels)
    return pixels[(2 * np.arange(target) + 1) * source // (2 * target)]
""",
    "bilinear": """
def along_rows(pixels, target):
    source = len(pixels)
    position = (2 * np.arange(target) + 1) * source - target
    low = position // (2 * target)
    part = (((position - low * 2 * target) * 65_536 + target) // (2 * target)).reshape(-1, 1, 1)
    first, second = (pixels[np.clip(place, 0, source - 1)].astype("int64") for place in (low, low + 1))
    return ((first * (65_536 - part) + second * part + 32_768) >> 16).astype("uint8")
""",
    "area": """
def along_rows(pixels, target):
    source = len(pixels)
    borders = np.arange(source + 1) * target - np.arange(target).reshape(-1, 1) * source
    shares = np.diff((2 * 65_536 * np.clip(borders, 0, source) + source) // (2 * source), axis=1)
    return ((np.tensordot(shares, pixels.astype("int64"), 1) + 32_768) >> 16).astype("uint8")
""",
}

_RESIZED = """
def resized(pixels):
    height, width = {height}, {width}
"""

_CROPPED = """
    rows, columns = pixels.shape[:2]
    high = max(1, min(rows, columns * height // width))
    wide = max(1, min(columns, rows * width // height))
    top, left = (rows - high) // 2, (columns - wide) // 2
    pixels = pixels[top : top + high, left : left + wide]
"""

_BORDERED = """
    rows, columns = pixels.shape[:2]
    high, wide = max(1, min(height, rows * width // columns)), max(1, min(width, columns * height // rows))
    top, left = (height - high) // 2, (width - wide) // 2
    whole = np.zeros((height, width, pixels.shape[2]), "uint8")
    pixels = along_rows(along_rows(pixels, high).swapaxes(0, 1), wide).swapaxes(0, 1)
    whole[top : top + high, left : left + wide] = pixels
    return whole
"""

_PLAIN = """
    return along_rows(along_rows(pixels, height).swapaxes(0, 1), width).swapaxes(0, 1)
"""

_MODES = {"rgb": ("RGB", 3), "grayscale": ("L", 1), "rgba": ("RGBA", 4)}


def _is_archive(dataset: Images) -> bool:
    """Return whether the pictures are in a zip file."""
    return PurePath(dataset.path).suffix.lower() == ".zip"


def picture_read_lines(dataset: Images, root: str) -> Iterator[str]:
    """Yield the lines that create `table`, a data frame with the name and the class of each picture.

    `root` is what all names start with before the folder of the class.
    """
    endings = ", ".join(literal(suffix) for suffix in sorted(IMAGE_SUFFIXES))
    if _is_archive(dataset):
        yield f"archive = zipfile.ZipFile({literal(dataset.path)})"
    else:
        yield f"folder = Path({literal(dataset.path)})"
    yield from _lines(_ARCHIVE if _is_archive(dataset) else _FOLDER)
    yield f"endings = {{{endings}}}"
    yield from _lines(_NAMED.format(root=literal(root)))


def picture_prepared_lines(dataset: Images, parts: Sequence[str]) -> list[str]:
    """Return the lines that decode and resize the pictures of each part, and divide them by 255."""
    height, width = dataset.image_size
    mode, channels = _MODES[dataset.color_mode]
    lines = ["", *_lines(_ALONG[dataset.interpolation]), "", ""]
    lines += _lines(_RESIZED.format(height=height, width=width))
    lines += _lines(_CROPPED) if dataset.crop_to_aspect_ratio else []
    lines += _lines(_BORDERED if dataset.pad_to_aspect_ratio else _PLAIN)
    opened = "io.BytesIO(archive.read(name))" if _is_archive(dataset) else "folder / name"
    lines += ["", "", *_lines(_DECODED.format(opened=opened))]
    lines += _lines(_PALETTE) if dataset.color_mode != "rgba" else []
    lines += [*_lines(_PIXELS.format(mode=mode, channels=channels)), "", ""]
    names = ", ".join(f"x_{part}" for part in parts)
    comma = "," if len(parts) == 1 else ""
    lines += [
        f"{names}{comma} = (",
        f'    (np.array([picture(name) for name in part[{literal(dataset.column)}]]) / 255).astype("float32")',
        f"    for part in ({names}{comma})",
        ")",
    ]
    return lines


def contents(dataset: Images) -> str:
    """Return the expression of a series with the digest of each picture's bytes."""
    data = "archive.read(name)" if _is_archive(dataset) else "(folder / name).read_bytes()"
    return f"pd.Series([hashlib.sha256({data}).hexdigest() for name in x[{literal(dataset.column)}]])"


def broken_lines(dataset: Images, broken: Sequence[str], *, is_weighted: bool) -> Iterator[str]:
    """Yield the lines that leave out the pictures that cannot be read."""
    if not broken:
        return
    yield "broken = ["
    yield from (f"    {literal(name)}," for name in broken)
    yield "]"
    yield f"whole = ~x[{literal(dataset.column)}].isin(broken).to_numpy()"
    yield "table, x = (each[whole].reset_index(drop=True) for each in (table, x))"
    yield "y, weight = y[whole], weight[whole]" if is_weighted else "y = y[whole]"


def _lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")
