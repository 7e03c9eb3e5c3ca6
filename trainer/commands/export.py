"""The export command."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, RunArgument, UriOption, echo, print_json
from trainer.config import dump_config, nearest
from trainer.data.files import write_whole
from trainer.errors import ConfigError
from trainer.reproduce.export import export_bundle, export_keras, export_script, export_sweep_script
from trainer.sweeps import TrialState
from trainer.sweeps.records import is_sweep, sweep_file_of, sweep_trials
from trainer.tracking import Run
from trainer.tracking.files import PREPARATION_FILE
from trainer.tracking.read.config import config_of

__all__ = ["export"]


class _Format(StrEnum):
    CONFIG = "config"
    SCRIPT = "script"
    KERAS = "keras"
    BUNDLE = "bundle"


# Binary formats and the suffixes of their files.
_ENDINGS = {_Format.KERAS: ".keras", _Format.BUNDLE: ".zip"}


def export(
    run: RunArgument,
    to: Annotated[str, typer.Option("--to", help="Format: config, script, keras or bundle.")] = "config",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Output file. [default: standard output, or RUN.keras and RUN.zip for keras and bundle]",
        ),
    ] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Include your own data file or folder in the bundle.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Export a run, or a sweep as config or script.

    The formats are `config`, its YAML; `script`, a plain Keras program that reproduces its numbers; `keras`, the
    trained model; and `bundle`, a zip that `fitboard replay` runs and verifies on another machine.
    """
    # Typer's own choice of an enum would refuse a misspelled format without suggesting the nearest one.
    chosen = _format(to)
    if with_data and chosen is not _Format.BUNDLE:
        raise ConfigError(f"--with-data requires --to bundle, got --to {chosen}; remove --with-data.")
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
    """Return the run in a text format, or None for a binary format."""
    if is_sweep(run):
        return _sweep(place, run, chosen)
    if chosen in _ENDINGS:
        return None
    config = config_of(place.reader().artifact, run)
    if chosen is _Format.SCRIPT:
        return export_script(place.reader(), run, config, home=place.home)
    return dump_config(config)


def _sweep(place: Place, run: Run, chosen: _Format) -> str:
    if chosen in _ENDINGS:
        raise ConfigError(
            f"A sweep is exported as config or script, got --to {chosen}; export one of its trials for a {chosen}."
        )
    reader = place.reader()
    sweep = sweep_file_of(reader, run)
    if chosen is _Format.CONFIG:
        return sweep.dump()
    trials = sweep_trials(reader, run, sweep.settings)
    complete = next((each.run_id for each in trials if each.state is TrialState.COMPLETE), "")
    return export_sweep_script(reader, sweep, next(iter(reader.get([complete])), None), home=place.home)


def _write_file(place: Place, run: Run, chosen: _Format, target: Path, *, with_data: bool) -> Path:
    if chosen is _Format.KERAS:
        if run.by_fitboard and place.reader().artifact(run, PREPARATION_FILE) is None:
            echo(
                "This model does not scale its inputs, because it was logged by an earlier version of Fitboard. "
                "Scale samples as in training, or use `fitboard rerun`."
            )
        return export_keras(place.store(), run, target)
    config = config_of(place.reader().artifact, run)
    return export_bundle(place.store(), run, config, target, home=place.home, with_data=with_data)


def _format(word: str) -> _Format:
    if word in set(_Format):
        return _Format(word)
    near = nearest(word, map(str, _Format))
    hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(_Format)}."
    raise ConfigError(f"Unknown format {word!r}; {hint}")


def _write(text: str, output: Path | None, *, aloud: bool) -> None:
    if output is None:
        sys.stdout.write(text if aloud else "")
    else:
        write_whole(output, lambda stream: stream.write(text.encode()), private=False)
