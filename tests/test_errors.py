"""What every error has in common: one line, of a length that a terminal and a page can show."""

from pathlib import Path

import pytest

from tests.support.commands import SMALL, call
from trainer import errors
from trainer.errors import DataError, FitboardError
from trainer.home import Home

_KINDS = [getattr(errors, name) for name in errors.__all__]
_LONG = "x" * 5_000


@pytest.mark.parametrize("kind", _KINDS)
def test_error_is_one_line_and_keeps_its_beginning_and_its_end(kind: type[FitboardError]) -> None:
    text = str(kind(f"The name 'a\nb\x1b[31m{_LONG}' is wrong; give a shorter one."))
    assert text.startswith("The name 'a b [31mxxx")
    assert text.endswith("xxx' is wrong; give a shorter one.")
    assert len(text) == (500 if issubclass(kind, DataError) else 1_000)
    assert "…" in text


@pytest.mark.parametrize(
    "words",
    [
        ("show", _LONG),
        ("runs", "--experiment", f"a\nb{_LONG}"),
        ("export", "latest", "--to", _LONG),
        ("train", _LONG),
        ("train", "CONFIG", "--set", _LONG),
        ("train", "CONFIG", "--set", f"layers.2.units={_LONG}"),
        ("train", "CONFIG", "--set", f"{_LONG}=3"),
        ("train", "CONFIG", "--time-limit", _LONG),
        ("runs", "--tracking-uri", f"nothing://{_LONG}"),
        ("runs", "--tracking-uri", f"sqlite:///{_LONG}"),
        ("replay", _LONG),
        ("check", "CONFIG", "--set", f"dataset={{name: npz, path: {_LONG}}}"),
    ],
    ids=lambda words: " ".join(word[:20] for word in words).replace("\n", " "),
)
def test_command_answers_a_text_of_any_length_in_one_line(
    words: tuple[str, ...], home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(SMALL)
    given = [str(file) if word == "CONFIG" else word for word in words]
    assert call(*given, "--home", home.path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err) <= 1_001
    assert len(said.err.splitlines()) == 1
