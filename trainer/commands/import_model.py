"""The import command."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo, print_json
from trainer.config import dump_fields, parse_config, read_value
from trainer.data.files import write_whole
from trainer.errors import ConfigError
from trainer.format import counted
from trainer.reproduce.keras_model import ImportedModel, read_keras_model

__all__ = ["import_model"]


def import_model(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .keras file, or the text of `model.to_json()`.")],
    weights: Annotated[
        bool, typer.Option("--weights", help="Start training from the weights in the file, too.")
    ] = False,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="Dataset of the config, such as `digits` or {name: npz, path: …}.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Output file. [default: standard output]")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Write the config of a Keras model of layers in a chain, and of blocks. Nothing in the file is executed."""
    Place.of(home, tracking_uri)
    found = _read(file)
    fields = {**({} if dataset is None else {"dataset": read_value(dataset)}), **found.fields}
    if weights:
        if not found.has_weights:
            raise ConfigError(f"{file.name} has no weights; remove --weights, or give a .keras file.")
        fields["weights"] = {"source": "file", "path": str(file.absolute())}
    if dataset is not None and "loss" in fields:
        fields = parse_config(fields).short()
    text = dump_fields(fields)
    if output is not None:
        write_whole(output, lambda stream: stream.write(text.encode()), private=False)
    shape = "" if found.input_shape is None else f" for samples of shape {found.input_shape}"
    missing = [name for name in ("dataset", "loss") if name not in fields]
    more = f"; add {' and '.join(missing)} to train it" if missing else ""
    echo(f"Imported {counted(len(found.fields['layers']), 'layer')}{shape}{more}.")
    if as_json:
        print_json({"config": fields, "input_shape": found.input_shape, "has_weights": found.has_weights})
    elif output is None:
        typer.echo(text, nl=False)


def _read(file: Path) -> ImportedModel:
    try:
        with file.open("rb") as stream:
            return read_keras_model(stream, file.name)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}); expected a .keras file.") from error
