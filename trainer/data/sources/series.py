"""A dataset from the user's own time series."""

from trainer.config.series import Series
from trainer.data.source import About, Divided, RawArrays
from trainer.data.sources.file import checked_path
from trainer.home import Home

__all__ = ["SeriesSource"]


class SeriesSource:
    """The dataset `series`. Arrow is imported by the first that reads a file."""

    def about(self, dataset: Series, home: Home) -> About:
        """Describe the windows; the whole table is read, once for each of its states."""
        from trainer.data.sources.series_reading import series_about

        return series_about(dataset, checked_path(dataset, home), home)

    def is_available(self, dataset: Series, home: Home) -> bool:
        """Return True: there is no download, and `about` reports a missing file."""
        return True

    def look_through(self, dataset: Series, home: Home) -> None:
        """Do nothing: `about` has read all rows."""

    def divide(self, dataset: Series, home: Home) -> Divided:
        """Read all steps, divide their windows, and fit the preparation on the steps of the training part."""
        from trainer.data.sources.series_reading import divide_series

        return divide_series(dataset, checked_path(dataset, home), home)

    def peek(self, dataset: Series, home: Home) -> RawArrays:
        """Read all windows, since they are in the order of time only if all rows are read."""
        from trainer.data.sources.series_reading import divide_series

        divided = divide_series(dataset, checked_path(dataset, home), home)
        return RawArrays(divided.samples, divided.y)
