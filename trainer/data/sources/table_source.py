"""A dataset from the user's own table, texts or pictures."""

from trainer.config.file_datasets import Images, RowFile
from trainer.data.source import About, Divided, RawArrays
from trainer.data.sources.file import checked_path
from trainer.home import Home

__all__ = ["ImageSource", "TableSource"]


class TableSource:
    """The datasets `csv`, `parquet`, `xlsx` and `text`. Arrow is imported by the first that reads a file."""

    def about(self, dataset: RowFile, home: Home) -> About:
        """Describe the table; the whole file is read, once for each of its states."""
        from trainer.data.sources.table_reading import table_about

        return table_about(dataset, checked_path(dataset, home), home)

    def is_available(self, dataset: RowFile, home: Home) -> bool:
        """Return True: there is no download, and `about` reports a missing file."""
        return True

    def look_through(self, dataset: RowFile, home: Home) -> None:
        """Do nothing: `about` has read all rows."""

    def divide(self, dataset: RowFile, home: Home) -> Divided:
        """Read all rows, divide them, and fit the preparation on the training part."""
        from trainer.data.sources.table_reading import divide_table

        return divide_table(dataset, checked_path(dataset, home), home)

    def peek(self, dataset: RowFile, home: Home) -> RawArrays:
        """Read the first rows that have a target."""
        from trainer.data.sources.table_reading import peek_table

        return peek_table(dataset, checked_path(dataset, home), home)


class ImageSource:
    """The dataset `images`. Pillow is imported by the first that reads a picture."""

    def about(self, dataset: Images, home: Home) -> About:
        """Describe the pictures; their names are read, once for each state of the file or folder."""
        from trainer.data.sources.images import images_about

        return images_about(dataset, checked_path(dataset, home), home)

    def is_available(self, dataset: Images, home: Home) -> bool:
        """Return True: there is no download, and `about` reports a missing file."""
        return True

    def look_through(self, dataset: Images, home: Home) -> None:
        """Decode pictures for about a second."""
        from trainer.data.sources.images import look_through_images

        look_through_images(dataset, checked_path(dataset, home), home)

    def divide(self, dataset: Images, home: Home) -> Divided:
        """Decode and resize all pictures, once for each content, and divide them."""
        from trainer.data.sources.images import divide_images

        return divide_images(dataset, checked_path(dataset, home), home)

    def peek(self, dataset: Images, home: Home) -> RawArrays:
        """Return the pictures, each to be decoded when it is shown."""
        from trainer.data.sources.images import peek_images

        return peek_images(dataset, checked_path(dataset, home), home)
