"""The `fitboard` command: up, dashboard, and all of the trainer's."""

import os
import sys
from typing import Annotated

import typer

from trainer.cli import make_app, run_app
from trainer.commands.options import HomeOption, Place, UriOption, echo

__all__ = ["dashboard", "main", "up"]

PortOption = Annotated[int, typer.Option("--port", help="The dashboard's port; the next free one where it is taken.")]


def up(
    port: PortOption = 8501,
    mlflow_port: Annotated[int, typer.Option("--mlflow-port", help="The port of MLflow's UI.")] = 5000,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="How many runs at once.")] = 1,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """MLflow's UI, the worker and the dashboard together, on loopback. Ctrl-C ends all three."""
    from dashboard.launch.up import up as run_up

    place = Place.of(home, tracking_uri)
    status = run_up(place.home, place.tracking_uri, port=port, mlflow_port=mlflow_port, jobs=jobs, say=echo)
    raise typer.Exit(status)


def dashboard(port: PortOption = 8501, home: HomeOption = None, tracking_uri: UriOption = None) -> None:
    """The dashboard alone."""
    from dashboard.launch.ports import HOST, choose_port

    place = Place.of(home, tracking_uri)
    place.home.make()
    chosen, told = choose_port(port, "dashboard")
    if told:
        echo(told)
    echo(f"Dashboard  http://{HOST}:{chosen}")
    os.environ["FITBOARD_HOME"] = str(place.home.path)
    os.environ["MLFLOW_TRACKING_URI"] = place.tracking_uri
    os.execv(sys.executable, [sys.executable, "-m", "dashboard.launch.server", "--port", str(chosen)])


def main() -> None:
    """The entry point of `fitboard`."""
    app = make_app()
    app.command()(up)
    app.command()(dashboard)
    sys.exit(run_app(app))


if __name__ == "__main__":
    main()
