"""The dataset of a time series in a table of the user: windows of past steps, and the steps that follow them."""

from pathlib import PurePath
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from trainer.config.component import option
from trainer.config.file_datasets import (
    DATE_FORMATS,
    Csv,
    DateFormats,
    Delimiter,
    FileDataset,
    Names,
    Parquet,
    TableFile,
    Xlsx,
    named,
)
from trainer.config.values import Size, Text

__all__ = ["SERIES_ROLES", "Series", "SeriesRole"]

SeriesRole = Literal["numeric", "category", "date", "ignore"]
"""What a column of a series is used as."""

SERIES_ROLES: tuple[str, ...] = get_args(SeriesRole)


class Series(FileDataset):
    """Your own time series: a CSV, Parquet or .xlsx table with a row for each step."""

    later: ClassVar[frozenset[str]] = FileDataset.later | {"date_formats"}
    first: ClassVar[tuple[str, ...]] = ("path", "target", "past", "horizon", "time", "id", "columns", "split", "step")

    name: Literal["series"] = "series"
    path: Text = option(
        ..., "Path of the table, whose name ends in .parquet or .xlsx if it is not a text file.", min_length=1
    )
    target: Annotated[Names, Field(min_length=1)] = option(
        ..., "Name of the column to predict, or a list of names. Each must contain numbers.", column=True
    )
    past: Annotated[Size, Field(le=10_000)] = option(24, "Number of steps that a prediction is made from.")
    horizon: Annotated[Size, Field(le=1_000)] = option(1, "Number of steps to predict, right after the past ones.")
    time: Text | None = option(
        None,
        "Column with the time of a step, a date or a number, which orders the steps; by default they are in the order "
        "of the file.",
        column=True,
    )
    id: Text | None = option(
        None, "Column that names the series of a step, if the table has several; no window crosses two.", column=True
    )
    columns: Annotated[dict[Text, SeriesRole], named] = option(
        {},
        "Roles of columns: numeric, category (one-hot), date or ignore. The roles of all other columns are inferred "
        "from their values; time and id are ignored, and the target's own past is an input.",
        column=True,
    )
    split: Literal["time", "id"] = option(
        "time",
        "How steps are divided. time: the earliest for training, later ones for validation, and the latest for "
        "testing; id: whole series, drawn with split_seed. Windows belong to the part of the steps that they predict.",
    )
    step: Annotated[Size, Field(le=10_000)] = option(
        1, "Number of steps from the start of a window to the start of the next.", advanced=True
    )
    gaps: Literal["keep", "split"] = option(
        "keep",
        "Whether windows cross gaps: places where the time to the next step is more than 1.5 times the median. split: "
        "no window crosses one.",
        advanced=True,
    )
    missing: Names = option(
        (), "Values that mean missing, such as -999, in addition to empty cells, NA and null.", advanced=True
    )
    date_formats: DateFormats = option({}, DATE_FORMATS, advanced=True)
    delimiter: Delimiter = option(
        None, "Character between the columns of a text file; detected by default.", advanced=True
    )
    encoding: Text | None = option(
        None, "Encoding of a text file, such as utf-8 or cp1252; detected by default.", min_length=1, advanced=True
    )
    decimal: Literal[".", ","] | None = option(
        None, "Decimal sign of numbers in a text file; detected by default.", advanced=True
    )

    def as_table(self) -> TableFile:
        """Return the dataset of the table that contains the steps, by the end of its name."""
        fields: dict[str, Any] = {"path": self.path, "target": self.target, "missing": self.missing}
        suffix = PurePath(self.path).suffix.lower()
        if suffix in {".parquet", ".pq"}:
            return Parquet(**fields)
        if suffix == ".xlsx":
            return Xlsx(**fields)
        return Csv(**fields, delimiter=self.delimiter, encoding=self.encoding, decimal=self.decimal)
