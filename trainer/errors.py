"""The errors that a person can cause or meet, as one tree.

FitboardError                   one sentence: what came, what was expected, what to do
├── ConfigError (ValueError)    a config, a file or an argument is wrong        exit status 2
│   ├── DataError               a dataset cannot be read or does not fit
│   └── RunNotFoundError        no run, or more than one, goes by that name
├── StoreError                  the MLflow store cannot be used
│   └── StoreUnreachableError   it does not answer at the moment; trying again may help
├── DownloadError               a dataset's file could not be fetched
├── ResourceError               not enough memory or disk, or a port or folder is taken
└── TrainingError               the run itself failed                           exit status 1
    └── PutBackError            its process was asked to go; the run goes on from its checkpoint
"""

from trainer.format import shortened_line

__all__ = [
    "ConfigError",
    "DataError",
    "DownloadError",
    "FitboardError",
    "PutBackError",
    "ResourceError",
    "RunNotFoundError",
    "StoreError",
    "StoreUnreachableError",
    "TrainingError",
]


class FitboardError(Exception):
    """The root of the tree; its text is one sentence for a person.

    It may quote what a person or a file gave, of any length, so it is kept on one line and shortened in its middle:
    what is wrong stands before a quotation, what to do behind it.
    """

    longest = 1_000
    """Characters of its text."""

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened_line(message, self.longest))


class ConfigError(FitboardError, ValueError):
    """A config, a file or an argument is wrong."""


class DataError(ConfigError):
    """A dataset cannot be read, or does not fit what the config says of it. Its text may quote a file's names."""

    longest = 500


class RunNotFoundError(ConfigError):
    """No run, or more than one, goes by the given name."""


class StoreError(FitboardError):
    """The MLflow store cannot be used."""


class StoreUnreachableError(StoreError):
    """The MLflow store does not answer at the moment."""


class DownloadError(FitboardError):
    """A dataset's file could not be fetched."""


class ResourceError(FitboardError):
    """There is not enough memory or disk, or a port or a folder is taken."""


class TrainingError(FitboardError):
    """The run itself failed."""


class PutBackError(TrainingError):
    """The process was asked to go, and left a checkpoint from which the run goes on."""
