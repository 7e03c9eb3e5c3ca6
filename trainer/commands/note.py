"""The note command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.answers import RUNS_HELP, answer, found_experiment, found_runs
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, echo, print_json
from trainer.errors import ConfigError
from trainer.format import one_line
from trainer.tracking import Experiment, Run
from trainer.tracking.note import NOTE_TAG, written_part
from trainer.tracking.write import annotations

__all__ = ["note"]


def note(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN…]", help=RUNS_HELP)] = None,
    experiment: Annotated[
        str | None, typer.Option(metavar="NAME", help="Print or write the note of this experiment instead.")
    ] = None,
    write: Annotated[
        str | None, typer.Option("--write", metavar="TEXT", help="Replace the note; an empty text removes it.")
    ] = None,
    append: Annotated[str | None, typer.Option("--append", metavar="TEXT", help="Add a paragraph to the note.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Replace the note by this file, or - for stdin.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Print or write the notes of runs or of an experiment: Markdown, which MLflow's UI shows as descriptions."""
    if sum(given is not None for given in (write, append, file)) > 1:
        raise ConfigError("--write, --append and --file cannot be combined; give only one of them.")
    if bool(runs) is (experiment is not None):
        raise ConfigError(
            f"Expected either runs or --experiment, got {'both' if runs else 'neither'}; give one of them."
        )
    text = _read(file) if file is not None else write
    place = Place.of(home, tracking_uri)
    if experiment is not None:
        _note_experiment(place, found_experiment(place.reader(), experiment), text, append, as_json=as_json)
        return
    found = found_runs(place, runs or ())
    if text is None and append is None:
        _print(found, as_json=as_json)
        return
    store = place.store()

    def change(run: Run) -> None:
        if append is not None:
            annotations.extend_note(store, run, append)
        else:
            annotations.write_note(store, run, text or "")

    answer(place, found, change, "Annotated {}.", as_json=as_json)


def _note_experiment(
    place: Place, experiment: Experiment, text: str | None, append: str | None, *, as_json: bool
) -> None:
    """Print the note of an experiment, or write it and say so."""
    written = text if append is None else f"{experiment.note}\n\n{append}"
    if written is not None:
        annotations.write_experiment_note(place.store(), experiment, written)
        echo(f"Annotated experiment {one_line(experiment.name)}.")
    note = experiment.note if written is None else written.strip()
    if as_json:
        print_json({"experiment_id": experiment.experiment_id, "experiment": experiment.name, "note": note})
    elif written is None and note:
        sys.stdout.write(note + "\n")


def _read(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise ConfigError(f"The file {file} of the note cannot be read ({why}); give a text file in UTF-8.") from error


def _print(runs: list[Run], *, as_json: bool) -> None:
    notes = [(run, written_part(run.tags.get(NOTE_TAG))) for run in runs]
    if as_json:
        print_json({"runs": [{"run_id": run.run_id, "name": run.name, "note": text} for run, text in notes]})
        return
    for run, text in notes:
        if len(notes) > 1:
            sys.stdout.write(f"# {run.title} ({run.short_id})\n\n")
        if text:
            sys.stdout.write(text + "\n")
