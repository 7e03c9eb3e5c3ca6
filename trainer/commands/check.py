"""The check command: it asks the inspector if one is running, and otherwise checks in this process."""

import typer
from rich.table import Table

from trainer.commands.options import (
    ConfigArgument,
    HomeOption,
    JsonOption,
    Place,
    SetOption,
    UriOption,
    changed,
    console,
    print_json,
    read_config,
)
from trainer.config import Config
from trainer.config.check import CheckReport
from trainer.execution.keras_backend import check_keras_backend
from trainer.format import readable_bytes
from trainer.home import Home

__all__ = ["check", "check_here"]


def check(
    config: ConfigArgument,
    settings: SetOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
) -> None:
    """Show the shapes, parameters, memory and problems of a config without training. Exits with 1 if it has errors."""
    # Accepted as by every command, although a check opens no store.
    del tracking_uri
    check_keras_backend()
    place = Place.of(home, None)
    report = check_here(place.home, changed(read_config(config, place.home), settings, place.home))
    if as_json:
        print_json(report.model_dump(mode="json", exclude={"problems": {"__all__": {"edits"}}}))
    else:
        _print_report(report)
    if not report.ok:
        raise typer.Exit(1)


def check_here(home: Home, config: Config) -> CheckReport:
    """Check a config; takes about 10 s if TensorFlow needs to be imported first."""
    from trainer.execution.inspector_client import check as ask_inspector

    fields = config.model_dump(mode="json")
    report = ask_inspector(fields, home, timeout=10.0)
    if report is not None:
        return report
    # Imports TensorFlow, which is not needed if an inspector has answered.
    from trainer.engine.inspect import inspect
    from trainer.machine import total_memory

    return inspect(config, home=home, memory_limit=total_memory())


def _print_report(report: CheckReport) -> None:
    """Print the report as a table and sentences."""
    out = console()
    table = Table("", "layer", "output shape", "parameters", box=None, header_style="dim")
    for number, layer in enumerate(report.layers, start=1):
        shape = ", ".join("batch" if size is None else f"{size:,}" for size in layer.output_shape)
        table.add_row(str(number), layer.layer, f"({shape})", f"{layer.parameters:,}")
    out.print(table)
    out.print(
        f"{report.parameters:,} parameters, {report.trainable_parameters:,} trainable; "
        f"about {readable_bytes(report.memory_bytes)} of memory during training"
    )
    for problem in report.problems:
        # Messages quote the config, whose brackets Rich would take for markup.
        out.print(f"{problem.severity}: {problem.where}: {problem.message}", markup=False)
        if problem.fix:
            out.print(f"  fix: {problem.fix}", markup=False)
    out.print("ok" if report.ok else "not ok")
