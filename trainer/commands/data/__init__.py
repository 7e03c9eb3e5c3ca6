"""The data commands: add, list, show, check, rm."""

import typer

from trainer.commands.data.add import add
from trainer.commands.data.check import check
from trainer.commands.data.list import list_datasets
from trainer.commands.data.rm import rm
from trainer.commands.data.show import show

__all__ = ["make_data_app"]


def make_data_app() -> typer.Typer:
    """Return the app with the commands for the user's own files and folders."""
    app = typer.Typer(help="Profile your own data, and keep it under names.", no_args_is_help=True)
    for command in (add, show, check, rm):
        app.command()(command)
    app.command("list")(list_datasets)
    return app
