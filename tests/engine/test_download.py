import socket
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import config_on
from tests.support.keras_data import reuters
from trainer.data import is_available, load, words_by_token
from trainer.engine import download
from trainer.engine.download import fetch
from trainer.errors import DownloadError
from trainer.home import Home

_MNIST = config_on("mnist").dataset


def _mnist(sizes: tuple[int, int] = (60_000, 10_000)) -> Any:
    return tuple((np.zeros((size, 28, 28), np.uint8), np.arange(size) % 10) for size in sizes)


def test_what_was_fetched_is_loaded_without_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, said, is_told, has_come = Home(tmp_path).make(), [], threading.Event(), threading.Event()

    class AtOnce(download._Loading):
        """Gets all of the file before anything else happens, as where this thread waits long for its turn."""

        def __init__(self, loader: Any) -> None:
            super().__init__(loader)
            assert has_come.wait(60)

    def loader() -> Any:
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "mnist.npz").write_bytes(b"x" * 5_000_000)
        has_come.set()
        assert is_told.wait(60), "nobody looked how much had come"
        return _mnist()

    def progress(text: str) -> None:
        said.append(text)
        if text == "downloading mnist, 43 %":
            is_told.set()

    monkeypatch.setattr(download, "_Loading", AtOnce)
    fetch(_MNIST, home=home, progress=progress, loaders={"mnist": loader}, cache=tmp_path / "cache")
    assert is_available(_MNIST, home=home)
    assert load(_MNIST, home=home).train.x.shape == (48_000, 28, 28)
    assert is_told.is_set()
    assert said[-1] == "saving mnist"


def test_data_set_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    fetch(config_on("digits").dataset, home=Home(tmp_path), progress=pytest.fail, loaders={})


def test_failure_is_one_sentence_that_names_what_needs_no_download(tmp_path: Path) -> None:
    def loader() -> Any:
        raise Exception("URL fetch failure on https://somewhere/mnist.npz: None -- [Errno -2] Name not known")

    with pytest.raises(DownloadError, match=r"mnist could not be downloaded \(\[Errno -2\] Name not known\).*digits"):
        fetch(_MNIST, home=Home(tmp_path).make(), progress=lambda text: None, loaders={"mnist": loader}, cache=tmp_path)


def test_something_else_is_not_kept(tmp_path: Path) -> None:
    home = Home(tmp_path).make()
    with pytest.raises(DownloadError, match="has the wrong contents"):
        fetch(_MNIST, home=home, progress=lambda text: None, loaders={"mnist": lambda: _mnist((6, 1))}, cache=tmp_path)
    assert not is_available(_MNIST, home=home)


def test_server_that_is_silent_is_given_up(tmp_path: Path) -> None:
    limits: list[float | None] = []

    def loader() -> Any:
        limits.append(socket.getdefaulttimeout())
        return _mnist()

    home = Home(tmp_path).make()
    fetch(_MNIST, home=home, progress=lambda text: None, loaders={"mnist": loader}, cache=tmp_path)
    assert limits == [10.0]
    assert socket.getdefaulttimeout() is None


@pytest.mark.slow
def test_keras_without_a_network_fails_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real loader, against a proxy that does not exist."""
    from trainer.engine.backend import keras

    monkeypatch.setattr(keras.src.backend.config, "_KERAS_DIR", str(tmp_path))
    for variable in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match="check the network"):
        fetch(_MNIST, home=Home(tmp_path / "home").make(), progress=lambda text: None)


@pytest.mark.parametrize("is_there", [True, False])
def test_texts_come_with_their_words_or_without_them(tmp_path: Path, is_there: bool) -> None:
    def words() -> dict[str, int]:
        if not is_there:
            raise Exception("URL fetch failure on https://somewhere/words.json: None -- [Errno -2] Name not known")
        return {"oil": 1}

    def loader() -> Any:
        arrays = reuters()
        return tuple((arrays[f"x_{part}"], arrays[f"y_{part}"]) for part in ("train", "test"))

    dataset, home = config_on("reuters").dataset, Home(tmp_path).make()
    fetch(
        dataset, home=home, progress=lambda text: None, loaders={"reuters": loader}, word_indices={"reuters": words},
        cache=tmp_path,
    )  # fmt: skip
    assert is_available(dataset, home=home)
    assert words_by_token("reuters", home=home).get(4) == ("oil" if is_there else None)
