"""export: a run in another form."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, RunArgument, UriOption, echo, print_json
from trainer.config import dump_config, nearest
from trainer.data.files import write_whole
from trainer.errors import ConfigError
from trainer.reproduce.export import export_bundle, export_keras, export_script
from trainer.tracking import Run
from trainer.tracking.files import PREPARATION_FILE
from trainer.tracking.read.config import config_of

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
    as_json: JsonOption = False,
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
    found = place.run(run)
    text = _text(place, found, chosen)
    if text is None:
        output = output or Path(f"{found.short_id}{_ENDINGS[chosen]}")
        echo(f"Wrote {_write_file(place, found, chosen, output, with_data=with_data)}")
    else:
        _write(text, output, aloud=not as_json)
    if as_json:
        document = {"run_id": found.run_id, "format": str(chosen), "path": str(output.absolute()) if output else None}
        print_json(document if output else {**document, "text": text})


def _text(place: Place, run: Run, chosen: _Format) -> str | None:
    """The run in a format that is text; None for the others."""
    if chosen in _ENDINGS:
        return None
    config = config_of(place.reader().artifact, run)
    if chosen is _Format.SCRIPT:
        return export_script(place.reader(), run, config, home=place.home)
    return dump_config(config)


def _write_file(place: Place, run: Run, chosen: _Format, target: Path, *, with_data: bool) -> Path:
    if chosen is _Format.KERAS:
        if run.by_fitboard and place.reader().artifact(run, PREPARATION_FILE) is None:
            echo(
                "The network of this run does not scale its input: it was logged before Fitboard put the scaling in "
                "front. Scale samples as training did, or rerun it."
            )
        return export_keras(place.store(), run, target)
    config = config_of(place.reader().artifact, run)
    return export_bundle(place.store(), run, config, target, home=place.home, with_data=with_data)


def _format(word: str) -> _Format:
    if word in set(_Format):
        return _Format(word)
    near = nearest(word, map(str, _Format))
    hint = f"did you mean {near!r}?" if near else f"write one of: {', '.join(_Format)}."
    raise ConfigError(f"{word!r} is no format to export to; {hint}")


def _write(text: str, output: Path | None, *, aloud: bool) -> None:
    if output is None:
        sys.stdout.write(text if aloud else "")
    else:
        write_whole(output, lambda stream: stream.write(text.encode()), private=False)
