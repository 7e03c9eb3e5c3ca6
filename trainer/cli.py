"""The command line of the trainer: `python -m trainer`, and most of `fitboard`."""

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence

import typer

from trainer import __version__
from trainer.commands.adopt import adopt
from trainer.commands.check import check
from trainer.commands.cluster import cluster
from trainer.commands.compare import compare
from trainer.commands.data import make_data_app
from trainer.commands.datasets import datasets
from trainer.commands.delete import delete
from trainer.commands.doctor import doctor
from trainer.commands.export import export
from trainer.commands.import_model import import_model
from trainer.commands.move import move
from trainer.commands.note import note
from trainer.commands.prepare import prepare
from trainer.commands.queue import queue
from trainer.commands.recipes import recipes
from trainer.commands.rename import rename
from trainer.commands.replay import replay
from trainer.commands.rerun import rerun
from trainer.commands.restore import restore
from trainer.commands.resume import resume
from trainer.commands.runs import runs
from trainer.commands.show import show
from trainer.commands.stop import stop
from trainer.commands.sweep import make_sweep_app
from trainer.commands.tag import tag
from trainer.commands.train import train
from trainer.commands.verify import verify
from trainer.commands.worker import worker
from trainer.comparison.report import ReportWriter
from trainer.errors import FitboardError, TrainingError
from trainer.format import shortened_line

__all__ = ["main", "make_app", "run_app"]

_INTERRUPTED = 130


def make_app(*, report: ReportWriter | None = None) -> typer.Typer:
    """Return the app with every command that needs no dashboard; `report` writes comparisons as HTML."""
    app = typer.Typer(
        name="fitboard",
        help="Build and train Keras models; compare and reproduce the runs.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"obj": report},
    )
    for command in (
        train,
        check,
        rerun,
        verify,
        replay,
        resume,
        adopt,
        export,
        runs,
        show,
        compare,
        tag,
        rename,
        note,
        move,
        delete,
        restore,
        stop,
        queue,
        cluster,
        worker,
        prepare,
        datasets,
        recipes,
        doctor,
    ):
        app.command()(command)
    app.command("import")(import_model)
    app.add_typer(make_data_app(), name="data")
    app.add_typer(make_sweep_app(), name="sweep")
    app.callback()(_common)
    return app


def _common(
    version: bool = typer.Option(
        False,
        "--version",
        is_eager=True,
        callback=lambda asked: _print_version(asked),
        help="Show the version and exit.",
    ),
) -> None:
    del version


def _print_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"fitboard {__version__}\n")
        raise typer.Exit


def run_app(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 for success, 1 for a negative answer, 2 for invalid input."""
    # Set before any command imports MLflow or TensorFlow, which read them only when they are imported.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        app(args=list(arguments) if arguments is not None else None)
    except SystemExit as ended:
        return _status(ended.code)
    except FitboardError as error:
        _complain(str(error))
        return 1 if isinstance(error, TrainingError) else 2
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # `fitboard runs | head` closed the pipe; without this, Python complains again when it flushes at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        _complain(_unexpected(error))
        return 1
    return 0


def _status(code: object) -> int:
    if code is None:
        return 0
    return code if isinstance(code, int) else 1


def _unexpected(error: Exception) -> str:
    if os.environ.get("FITBOARD_DEBUG"):
        return traceback.format_exc()
    what = shortened_line(f"{type(error).__name__}: {error}", FitboardError.longest)
    return f"Internal error in Fitboard ({what}); please report it with the traceback that FITBOARD_DEBUG=1 prints."


def _complain(text: str) -> None:
    sys.stderr.write(text.rstrip() + "\n")


def main() -> None:
    """Run `python -m trainer`."""
    sys.exit(run_app(make_app()))
