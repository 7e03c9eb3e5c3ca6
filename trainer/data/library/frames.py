"""Keep a pandas frame under a name, as a Parquet file in home's data folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.data.library.copies import Draft, not_written, placed
from trainer.data.library.entry import Entry
from trainer.data.library.keeping import keep_dataset
from trainer.data.library.library import check_name
from trainer.data.profile import content_of, profile
from trainer.errors import DataError
from trainer.format import cut, one_line
from trainer.home import Home

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["keep_frame"]


def keep_frame(name: str, frame: "pd.DataFrame", fields: Mapping[str, Any], *, home: Home) -> Entry:
    """Keep a frame as a dataset, again as a new version; `dataset` of the entry are the fields for a config.

    Args:
        name: the name, as `fitboard data add --name`.
        frame: the rows. An index with a name becomes a column; one without is left out.
        fields: fields of the dataset `parquet` such as target, columns and split, or of another with its name.
        home: the home.

    Raises:
        DataError: If the frame cannot be written, such as a column of mixed types, or does not suit the fields.
        ResourceError: If home cannot be written.
    """
    check_name(name)
    home.make()
    with Draft(home, Path(f"{name}.parquet")) as folder:
        draft = folder / f"{name}.parquet"
        _write(frame, draft, home)
        path = home.data / content_of(draft).digest / draft.name
        whole = {"name": "parquet", **fields, "path": str(path)}
        # Before the file is put where files are kept, so that a refused one is not left there.
        about = profile(draft, whole)
        placed(draft, path, home)
    entry, _ = keep_dataset(name, path, whole, about, home=home)
    return entry


def _write(frame: "pd.DataFrame", path: Path, home: Home) -> None:
    named = [level for level in frame.index.names if level is not None]
    try:
        plain = frame.reset_index() if named else frame
        plain = plain.set_axis([str(column) for column in plain.columns], axis="columns")
        plain.to_parquet(path, engine="pyarrow", index=False)
    except OSError as error:
        raise not_written(home, error) from error
    # What pandas and pyarrow raise for columns that they cannot convert.
    except (ValueError, TypeError, NotImplementedError) as error:
        why = cut(one_line(": ".join(map(str, error.args))), 160)
        raise DataError(f"The frame cannot be kept ({why}); give each column one type and its own name.") from error
