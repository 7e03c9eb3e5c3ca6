"""Datasets in a file or a folder of the user, and their fields."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from trainer.config.component import option
from trainer.config.dataset import Undivided
from trainer.config.splits import AnySplit, RandomSplit
from trainer.config.values import Flag, Size, Text

__all__ = [
    "DATE_FORMATS",
    "DELIMITERS",
    "ROLES",
    "SCALE",
    "Csv",
    "DateFormats",
    "Delimiter",
    "DividedFile",
    "FileDataset",
    "Images",
    "Names",
    "Npz",
    "Parquet",
    "Role",
    "RowFile",
    "TableFile",
    "Texts",
    "Xlsx",
    "named",
]

SCALE = (
    "Scaling of the inputs. unit: divide by the largest possible value; standardize: mean 0 and standard deviation 1 "
    "over the training data; none: leave unchanged."
)

Role = Literal["numeric", "category", "hashed", "text", "date", "ignore"]
"""What a column of a table is used as."""

ROLES: tuple[str, ...] = get_args(Role)


DELIMITERS: Mapping[str, str] = {",": ",", ";": ";", "|": "|", "tab": "\t", "space": " "}
"""The characters between the columns of a text file, by their names in a config."""

# The meaning of each is the same in Python and pandas, wherever they run.
_DIRECTIVES = ("d", "m", "b", "B", "y", "Y", "H", "I", "p", "M", "S")
_DELIMITER_NAMES = {character: name for name, character in DELIMITERS.items()}


def _delimiter(value: Any) -> Any:
    return _DELIMITER_NAMES.get(value, value) if isinstance(value, str) else value


def _texts(value: Any) -> Any:
    """Read a single text, and numbers, as a list of texts."""
    items = value if isinstance(value, list | tuple) else [value]
    plain = all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in items)
    return tuple(item if isinstance(item, str) else f"{item:g}" for item in items) if plain else value


def _named(value: Any) -> Any:
    return {str(name): role for name, role in value.items()} if isinstance(value, Mapping) else value


Names = Annotated[tuple[Text, ...], BeforeValidator(_texts)]
"""Texts; a single one, and numbers, are read as a list of texts."""

Delimiter = Annotated[Literal[",", ";", "|", "tab", "space"] | None, BeforeValidator(_delimiter)]
"""A character between columns, by its name or itself."""

DATE_FORMATS = (
    "How the dates of columns that are not ISO 8601 are written, such as {sold: '%d.%m.%Y'}, with the directives of "
    "Python's strptime."
)
"""The help of a field of the type `DateFormats`."""

named = BeforeValidator(_named)
"""Reads numbers as names, since YAML reads the key 1 as a number."""


def _date_format(value: str) -> str:
    """Check a format of `datetime.strptime`: a day, a month and a year, and perhaps a time."""
    directives = re.findall("%(.?)", value)
    unknown = next((each for each in directives if each not in _DIRECTIVES), None)
    if unknown is not None:
        raise ValueError(f"expected only {', '.join(f'%{each}' for each in _DIRECTIVES)}")
    once = all(sum(directives.count(each) for each in alike) == 1 for alike in ("d", "mbB", "yY"))
    if not once or max(map(directives.count, directives)) > 1:
        raise ValueError("expected a day, a month and a year, such as %d.%m.%Y")
    return value


DateFormats = Annotated[dict[Text, Annotated[Text, AfterValidator(_date_format)]], BeforeValidator(_named)]
"""How the dates of columns are written, by name."""


def _square(value: Any) -> Any:
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else value


_Side = Annotated[Size, Field(le=4_096)]


class FileDataset(Undivided):
    """Base class of the datasets in a file or a folder of the user."""

    path: Text = option(..., "Path of the file; a relative path starts at the folder of the config.", min_length=1)

    def __hash__(self) -> int:
        # A mapping has no hash; equal datasets serialize equally.
        return hash(self.model_dump_json())


class Npz(FileDataset):
    """Your own arrays in an .npz file: x, y or x_train, y_train, x_test, y_test; also x_val, y_val, sample_weight."""

    later: ClassVar[frozenset[str]] = FileDataset.later | {"inputs", "channels"}

    name: Literal["npz"] = "npz"
    path: Text = option(
        ..., "Path of the .npz file, or of a folder of .npy files. Pickled objects in it are refused.", min_length=1
    )
    scale: Literal["unit", "standardize", "none"] | None = option(
        None, SCALE + " Default: unit for uint8, standardize for tables, none for everything else."
    )
    task: Literal["auto", "classification", "regression"] = option(
        "auto",
        "Type of task; auto chooses classification if y contains integers or one-hot rows, regression if it contains "
        "other floats.",
    )
    inputs: Literal["numbers", "tokens"] = option(
        "numbers", "Type of x: numbers, or tokens (non-negative integers for an Embedding, such as word ids)."
    )
    channels: Literal["last", "first"] = option(
        "last", "Position of the channels axis in images; first is (samples, channels, height, width), as in PyTorch."
    )


class DividedFile(FileDataset):
    """Base class of the files whose samples can be divided in several ways."""

    split: AnySplit = option(RandomSplit(), "How samples are divided into training, validation and test data.")


class RowFile(DividedFile):
    """Base class of the files with one row a sample, and targets in columns."""

    first: ClassVar[tuple[str, ...]] = ("path", "target")

    target: Annotated[Names, Field(min_length=1)] = option(
        ..., "Name of the column to predict, or a list of names to predict several numbers.", column=True
    )
    task: Literal["auto", "classification", "multilabel", "regression"] = option(
        "auto",
        "Type of task; auto chooses classification if the target contains text or integers, regression if it contains "
        "fractions. multilabel is for targets that are each 0 or 1, or False or True, several of which may be true at "
        "once.",
    )
    labels: Annotated[dict[Text, Text], named] = option(
        {},
        "New labels of classes, such as {Cat: cat}; classes with the same new label become one. The target must be a "
        "single column of text.",
    )
    weight: Text | None = option(None, "Column with the weight of each training sample in the loss.", column=True)
    missing: Names = option((), "Values that mean missing, such as -999, in addition to empty cells, NA and null.")
    drop_duplicates: Flag = option(
        False, "Whether to leave out rows that repeat an earlier row in every used column, before the split."
    )


class TableFile(RowFile):
    """Base class of the tables: one row a sample, one column a feature or a target."""

    later: ClassVar[frozenset[str]] = RowFile.later | {"date_formats"}

    columns: Annotated[dict[Text, Role], named] = option(
        {},
        "Roles of columns: numeric, category (one-hot), hashed (one-hot of a hash, for many distinct values), text "
        "(which words occur), date or ignore. The roles of all other columns are inferred from their values.",
        column=True,
    )
    date_formats: DateFormats = option({}, DATE_FORMATS, advanced=True)
    text_words: Annotated[Size, Field(le=100_000)] = option(
        1_000, "Number of words that a text column is looked up in: the most frequent ones.", advanced=True
    )
    hash_bins: Annotated[Size, Field(ge=2, le=100_000)] = option(
        64, "Number of values that a hashed column is reduced to.", advanced=True
    )


class Csv(TableFile):
    """Your own table in a CSV or TSV file, whose first line names the columns."""

    name: Literal["csv"] = "csv"
    delimiter: Delimiter = option(None, "Character between columns; detected by default.")
    encoding: Text | None = option(
        None, "Encoding of the text, such as utf-8, cp1252 or utf-16; detected by default.", min_length=1
    )
    decimal: Literal[".", ","] | None = option(None, "Decimal sign of numbers; detected by default.")


class Parquet(TableFile):
    """Your own table in a Parquet file."""

    name: Literal["parquet"] = "parquet"


class Xlsx(TableFile):
    """Your own table in a sheet of an Excel workbook (.xlsx), whose first row names the columns; requires openpyxl."""

    name: Literal["xlsx"] = "xlsx"
    sheet: Text | None = option(None, "Name of the sheet; the first one by default.", min_length=1)


class Texts(RowFile):
    """Your own texts: a CSV or Parquet file with a column of texts, or a folder of .txt files by class."""

    first = ("path", "column", "target")

    name: Literal["text"] = "text"
    column: Text = option("text", "Column with the texts; in a folder it is called text.", min_length=1, column=True)
    # The limits come first, since those on a type with a validator are no part of its schema.
    target: Annotated[tuple[Text, ...], Field(min_length=1, max_length=1), BeforeValidator(_texts)] = option(
        ("class",), "Column to predict; in a folder, class is the name of each text's folder.", column=True
    )
    max_tokens: Annotated[Size, Field(ge=3, le=1_000_000)] = option(
        10_000, "Size of the vocabulary: the most frequent words of the training data, padding and [UNK] included."
    )
    output_mode: Literal["int", "multi_hot"] = option(
        "int",
        "int: a sequence of word ids for an Embedding; multi_hot: a vector with 1 for each word that the text has.",
    )
    output_sequence_length: Annotated[Size, Field(le=10_000)] = option(
        200, "Length that sequences are truncated or padded to."
    )
    standardize: Literal["lower_and_strip_punctuation", "lower", "strip_punctuation"] | None = option(
        "lower_and_strip_punctuation", "How texts are standardized before they are split.", advanced=True
    )
    tokens: Literal["whitespace", "character"] = option(
        "whitespace", "What a token is: a word between white space, or a character.", advanced=True
    )
    delimiter: Delimiter = option(
        None, "Character between the columns of a text file; detected by default.", advanced=True
    )
    encoding: Text | None = option(
        None, "Encoding of the texts; detected by default in a table, utf-8 in a folder.", min_length=1, advanced=True
    )


class Images(RowFile):
    """Your own pictures: a folder or zip file with a folder for each class, or a table of their paths and targets."""

    first = ("path", "image_size", "color_mode", "target")

    name: Literal["images"] = "images"
    path: Text = option(
        ...,
        "Path of the folder, the .zip file, or the CSV or Parquet file; a relative path starts at the folder of the "
        "config.",
        min_length=1,
    )
    image_size: Annotated[tuple[_Side, _Side], BeforeValidator(_square)] = option(
        (64, 64), "Height and width that pictures are resized to; a single integer sets both."
    )
    color_mode: Literal["rgb", "grayscale", "rgba"] = option(
        "rgb", "Channels that pictures are converted to: 3, 1, or 4 with the opacity."
    )
    column: Text = option(
        "image",
        "Column with the paths of the pictures, which start at the folder of the table; in a folder it is image.",
        min_length=1,
        column=True,
    )
    # The limits come first, since those on a type with a validator are no part of its schema.
    target: Annotated[Names, Field(min_length=1)] = option(
        ("class",),
        "Column to predict, or a list of columns; in a folder, class is the name of each picture's folder.",
        column=True,
    )
    interpolation: Literal["bilinear", "nearest", "area"] = option(
        "bilinear",
        "How pixels are computed when a picture is resized: bilinear between the nearest four, nearest, or area, the "
        "mean of all pixels that are covered.",
        advanced=True,
    )
    crop_to_aspect_ratio: Flag = option(
        False, "Whether to crop pictures to the proportions of image_size, rather than to distort them.", advanced=True
    )
    pad_to_aspect_ratio: Flag = option(
        False, "Whether to pad pictures with black to the proportions of image_size.", advanced=True
    )
    skip_broken: Flag = option(
        False, "Whether to leave out pictures that cannot be read, instead of refusing the dataset."
    )
