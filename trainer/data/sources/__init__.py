"""Sources of data sets in files of the user: how the files are found, read and checked."""

__all__: list[str] = []
