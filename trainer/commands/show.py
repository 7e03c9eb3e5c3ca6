"""The show command."""

from trainer.commands.json_output import shown, status_word
from trainer.commands.options import HomeOption, JsonOption, Place, RunArgument, UriOption, console, echo, print_json
from trainer.format import number, one_line
from trainer.sweeps.records import is_sweep

__all__ = ["show"]

_SHOWN = (
    "run_id",
    "name",
    "status",
    "experiment",
    "author",
    "parameters",
    "seconds",
    "weights_sha256",
    "rerun_of",
    "weights_of",
    "start_weights_sha256",
    "failure",
)


def show(
    run: RunArgument, as_json: JsonOption = False, home: HomeOption = None, tracking_uri: UriOption = None
) -> None:
    """Show one run: its status, results and history."""
    place = Place.of(home, tracking_uri)
    found = place.run(run)
    document = shown(place.reader(), found)
    if as_json:
        print_json(document)
        return
    out = console()
    document["status"] = status_word(found)
    for key in _SHOWN:
        if document[key] is not None:
            out.print(f"{key:20} {one_line(str(document[key]))}", markup=False)
    if is_sweep(found):
        echo(f"It is a sweep: `fitboard sweep show {found.short_id}` lists its trials.")
    for name, value in sorted(document["metrics"].items()):
        out.print(f"{one_line(name):20} {number(value, 6)}", markup=False)
