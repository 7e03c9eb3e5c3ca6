"""export: a run in another form."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.common import HomeOption, Place, RunArgument, UriOption, tell
from trainer.commands.documents import config_of
from trainer.config import dump_config, nearest
from trainer.errors import ConfigError
from trainer.reproduce.export import export_bundle, export_keras, export_script

__all__ = ["export"]


class _Format(StrEnum):
    CONFIG = "config"
    SCRIPT = "script"
    KERAS = "keras"
    BUNDLE = "bundle"


_ENDINGS = {_Format.KERAS: ".keras", _Format.BUNDLE: ".zip"}
"""Formats that are no text, and how their files end."""


def export(
    run: RunArgument,
    to: Annotated[str, typer.Option("--to", help="The format: config, script, keras or bundle.")] = "config",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file. [default: standard output; RUN.keras and RUN.zip for the others]"),
    ] = None,
    with_data: Annotated[bool, typer.Option("--with-data", help="Put your own data file into the bundle.")] = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Write a run in another form.

    `config` is its YAML, `script` a plain Keras program that prints the same numbers, `keras` the trained network,
    `bundle` a zip that `fitboard replay` runs again and verifies on another machine.
    """
    chosen = _format(to)
    if with_data and chosen is not _Format.BUNDLE:
        raise ConfigError(f"--with-data belongs to --to bundle, and the format is {chosen}; leave it out.")
    place = Place.of(home, tracking_uri)
    reader, found = place.reader(), place.run(run)
    target = output or Path(f"{found.run_id[:8]}{_ENDINGS.get(chosen, '')}")
    if chosen is _Format.KERAS:
        tell(f"Wrote {export_keras(place.store(), found, target)}")
        return
    config = config_of(reader, found)
    if chosen is _Format.BUNDLE:
        tell(f"Wrote {export_bundle(place.store(), found, config, target, home=place.home, with_data=with_data)}")
    elif chosen is _Format.SCRIPT:
        _write(export_script(reader, found, config, home=place.home), output)
    else:
        _write(dump_config(config), output)


def _format(word: str) -> _Format:
    if word in set(_Format):
        return _Format(word)
    near = nearest(word, map(str, _Format))
    hint = f"did you mean {near!r}?" if near else f"write one of: {', '.join(_Format)}."
    raise ConfigError(f"{word!r} is no format to export to; {hint}")


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{output} cannot be written ({error.strerror}); give another file.") from error
