"""Download Keras's datasets once into home."""

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from trainer.config import DatasetConfig
from trainer.data import describe, is_available, offline_names, store_download, store_words
from trainer.engine.backend import keras
from trainer.errors import DownloadError, ResourceError
from trainer.format import percent
from trainer.home import Home

__all__ = ["LOADERS", "WORD_INDICES", "fetch"]

_Loader = Callable[[], tuple[tuple[Any, Any], tuple[Any, Any]]]

_EVERY_SECONDS = 0.5
# Seconds without a response after which a server counts as unreachable.
_SILENCE_SECONDS = 10.0

# Texts are stored complete; the config determines the size of the vocabulary.
_ALL_WORDS = 2**31

LOADERS: Mapping[str, _Loader] = {
    "mnist": keras.datasets.mnist.load_data,
    "fashion_mnist": keras.datasets.fashion_mnist.load_data,
    "cifar10": keras.datasets.cifar10.load_data,
    "cifar100": keras.datasets.cifar100.load_data,
    "imdb": lambda: keras.datasets.imdb.load_data(num_words=_ALL_WORDS),
    "reuters": lambda: keras.datasets.reuters.load_data(num_words=_ALL_WORDS),
    "california_housing": keras.datasets.california_housing.load_data,
}
"""Keras's loader of each dataset that needs a download."""

WORD_INDICES: Mapping[str, Callable[[], Mapping[str, int]]] = {
    "imdb": keras.datasets.imdb.get_word_index,
    "reuters": keras.datasets.reuters.get_word_index,
}
"""Keras's loader of the words of each dataset of texts."""


def fetch(
    dataset: DatasetConfig,
    *,
    home: Home,
    progress: Callable[[str], None],
    loaders: Mapping[str, _Loader] = LOADERS,
    word_indices: Mapping[str, Callable[[], Mapping[str, int]]] = WORD_INDICES,
    cache: Path | None = None,
) -> None:
    """Download a dataset with Keras, texts with their words, and store it in home, unless it is there already.

    `progress` receives a sentence twice a second. `cache` is where Keras puts files, by default its own folder.

    Raises:
        DownloadError: there is no network, or the downloaded file is not the dataset.
    """
    if is_available(dataset, home=home):
        return
    size = describe(dataset, home=home).download_bytes or 0
    name, folder = dataset.kind, cache or Path(keras.src.backend.config.keras_home()) / "datasets"
    before = _bytes_in(folder)  # before the loader starts, which may write much before this thread runs again
    loading = _Loading(loaders[name])
    while not loading.wait(_EVERY_SECONDS):
        progress(_words(name, _bytes_in(folder) - before, size))
    progress(f"saving {name}")
    (x_train, y_train), (x_test, y_test) = loading.result(name)
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    store_download(name, arrays, home=home)
    if name in word_indices:
        _fetch_words(name, word_indices[name], home, progress)


def _fetch_words(
    name: str, loader: Callable[[], Mapping[str, int]], home: Home, progress: Callable[[str], None]
) -> None:
    """Store the words; without them, pages show tokens, so a failure does not end the run."""
    loading = _Loading(loader)
    while not loading.wait(_EVERY_SECONDS):
        progress(f"downloading the words of {name}")
    with contextlib.suppress(DownloadError, ResourceError, TypeError, ValueError, AttributeError):
        store_words(name, loading.result(name), home=home)


class _Loading:
    """A loader in its own thread, so that its progress can be reported."""

    def __init__(self, loader: Callable[[], Any]) -> None:
        self._loader = loader
        self._found: Any = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="download", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait up to a number of seconds and return whether the loader has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self, name: str) -> Any:
        """Return what was loaded."""
        if self._error is not None:
            raise DownloadError(
                f"The dataset {name} could not be downloaded ({_cause(self._error)}); check the network and try "
                f"again, or use a dataset that needs no download: {', '.join(offline_names())}."
            ) from self._error
        return self._found

    def _run(self) -> None:
        try:
            with _impatient(), contextlib.redirect_stdout(io.StringIO()):
                self._found = self._loader()
        except Exception as error:  # Keras raises nothing narrower when it cannot reach a server
            self._error = error


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SILENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _cause(error: Exception) -> str:
    """Strip the beginning of Keras's `URL fetch failure on …: None -- [Errno -2] Name or service not known`."""
    return str(error).rsplit(" -- ", 1)[-1].strip().rstrip(".") or type(error).__name__


def _words(name: str, came: int, size: int) -> str:
    if came <= 0:
        return f"downloading {name}"
    if size and came < size:
        return f"downloading {name}, {percent(100 * came // size / 100, 0)}"
    return f"reading {name}"


def _bytes_in(folder: Path) -> int:
    with contextlib.suppress(OSError):  # a file may go while it is looked at
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return 0
