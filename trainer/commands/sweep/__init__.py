"""The sweep commands: a file starts a sweep; the others list, show and change sweeps that exist."""

import typer

from trainer.commands.sweep.control import add, confirm, go_on, pause, stop
from trainer.commands.sweep.group import FileStarts
from trainer.commands.sweep.list import list_sweeps
from trainer.commands.sweep.show import show
from trainer.commands.sweep.start import start

__all__ = ["make_sweep_app"]


def make_sweep_app() -> typer.Typer:
    """Return the app with the commands of sweeps."""
    app = typer.Typer(
        cls=FileStarts,
        help="Search over configs: `fitboard sweep FILE` starts a sweep; see `fitboard sweep start --help`.",
        no_args_is_help=True,
    )
    for command in (start, show, pause, stop, add, confirm):
        app.command()(command)
    app.command("list")(list_sweeps)
    app.command("go-on")(go_on)
    return app
