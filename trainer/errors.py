"""The tree of errors that users can cause or encounter.

FitboardError                   one sentence: what is wrong, what was expected, what to do
├── ConfigError (ValueError)    a config, a file or an argument is invalid      exit status 2
│   ├── DataError               a dataset cannot be read or is not valid
│   └── RunNotFoundError        no run, or more than one, matches
├── StoreError                  the MLflow store cannot be used
│   └── StoreUnreachableError   it does not respond; trying again may help
├── DownloadError               a dataset could not be downloaded
├── ResourceError               not enough memory or disk, or a port or folder is in use
└── TrainingError               the run itself failed                           exit status 1
    └── PutBackError            its process was asked to exit; the run resumes from its checkpoint
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

    The text may quote input of any length. It is therefore put on one line and shortened in its middle, so that what
    is wrong (before the quotation) and what to do (after it) both remain.
    """

    longest = 1_000
    """Maximum length of the text in characters."""

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened_line(message, self.longest))


class ConfigError(FitboardError, ValueError):
    """A config, a file or an argument is invalid."""


class DataError(ConfigError):
    """A dataset cannot be read, or does not match the config. The text may quote names from a file."""

    longest = 500


class RunNotFoundError(ConfigError):
    """No run, or more than one, matches the given id or prefix."""


class StoreError(FitboardError):
    """The MLflow store cannot be used."""


class StoreUnreachableError(StoreError):
    """The MLflow store does not respond."""


class DownloadError(FitboardError):
    """A dataset could not be downloaded."""


class ResourceError(FitboardError):
    """There is not enough memory or disk, or a port or a folder is in use."""


class TrainingError(FitboardError):
    """The run itself failed."""


class PutBackError(TrainingError):
    """The process was asked to exit; the run resumes from the checkpoint that it left."""
