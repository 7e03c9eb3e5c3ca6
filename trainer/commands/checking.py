"""The check of a config on the command line: by the inspector where one runs, else in this process."""

from rich.table import Table

from trainer.commands.common import console
from trainer.config import Config
from trainer.config.check import CheckReport
from trainer.home import Home

__all__ = ["check_here", "print_report"]


def check_here(home: Home, config: Config) -> CheckReport:
    """What the check finds; takes 10 s where TensorFlow has to be loaded first."""
    from trainer.execution.inspector_client import check

    fields = config.model_dump(mode="json")
    report = check(fields, home, timeout=10.0)
    if report is not None:
        return report
    from trainer.engine.inspect import inspect
    from trainer.engine.machine import total_memory

    return inspect(config, home=home, memory_limit=total_memory())


def print_report(report: CheckReport) -> None:
    """The report as a table and sentences, on standard output."""
    out = console()
    table = Table("", "layer", "output shape", "parameters", box=None, header_style="dim")
    for number, layer in enumerate(report.layers, start=1):
        shape = ", ".join("batch" if size is None else f"{size:,}" for size in layer.output_shape)
        table.add_row(str(number), layer.layer, f"({shape})", f"{layer.parameters:,}")
    out.print(table)
    out.print(
        f"{report.parameters:,} parameters, {report.trainable_parameters:,} of them trainable; "
        f"about {report.memory_bytes / 1e6:,.0f} MB in training"
    )
    for problem in report.problems:
        out.print(f"{problem.severity}: {problem.where}: {problem.message}", markup=False)
        if problem.fix:
            out.print(f"  fix: {problem.fix}", markup=False)
    out.print("ok" if report.ok else "not ok")
