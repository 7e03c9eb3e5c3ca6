"""The sweep show command."""

from rich.markup import escape
from rich.table import Table

from trainer.commands.json_output import status_word
from trainer.commands.options import HomeOption, JsonOption, Place, UriOption, console, echo, print_json
from trainer.commands.sweep.document import SweepArgument, find_sweep, shown_sweep, summary_line
from trainer.config.search import SweepSettings
from trainer.config.serialization import write_value
from trainer.format import cut, number
from trainer.sweeps import Trial, TrialState, best_trials, summary_of
from trainer.sweeps.confirmation import confirmations
from trainer.sweeps.records import sweep_file_of, sweep_trials
from trainer.sweeps.truth import confirmed_lines
from trainer.tracking import Run, RunReader, Status, Tag

__all__ = ["CHOSEN", "print_sweep", "show"]

_WIDEST = 40

CHOSEN = (
    "These results are on the data that chose the winner, so they flatter it; `fitboard sweep confirm {} 3x5` trains "
    "the best three with five fresh seeds each."
)
"""The sentence about a winner that is not confirmed, with the id of the sweep."""


def show(
    sweep: SweepArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Show a sweep: its trials, best first, with their values and results."""
    reader = Place.of(home, tracking_uri).reader()
    print_sweep(reader, find_sweep(reader, sweep), as_json=as_json)


def print_sweep(reader: RunReader, run: Run, *, as_json: bool) -> None:
    """Print a sweep as a JSON document, or as a table and sentences."""
    sweep = sweep_file_of(reader, run)
    settings = sweep.settings
    trials = sweep_trials(reader, run, settings)
    confirmed = confirmations(reader, sweep, trials)
    if as_json:
        print_json(shown_sweep(run, settings, trials, confirmed))
        return
    best = best_trials(trials, settings.maximizes)
    console().print(_table([*best, *(each for each in trials if each not in best)], settings))
    # A grid ends earlier if some of its combinations are the same network.
    wanted = len(trials) if run.status is Status.FINISHED else settings.trials
    echo(f"{status_word(run)}: {summary_line(summary_of(trials, settings))} of {wanted:,}")
    if Tag.FAILURE in run.tags:
        echo(run.tags[Tag.FAILURE])
    for line in confirmed_lines(confirmed, trials, settings):
        echo(line)
    if best and not any(each.runs for each in confirmed):
        echo(CHOSEN.format(run.short_id))


def _table(trials: list[Trial], settings: SweepSettings) -> Table:
    names = list(dict.fromkeys(name for each in trials for name in each.values))
    table = Table("trial", "run", "state", *settings.objective, *names, box=None, header_style="dim")
    for each in trials:
        results = [number(value) for value in each.results] or [""] * len(settings.objective)
        state = f"{each.state} at epoch {each.judged}" if each.state is TrialState.PRUNED else str(each.state)
        values = [escape(_text(each.values[name])) if name in each.values else "" for name in names]
        table.add_row(str(each.number), each.run_id[:8], state, *results, *values)
    return table


def _text(value: object) -> str:
    """Return a value as it is written in a sweep file, floats with few digits and components shortened."""
    if isinstance(value, float):
        return number(value)
    return value if isinstance(value, str) else cut(write_value(value), _WIDEST)
