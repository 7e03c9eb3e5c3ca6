"""`fitboard sweep FILE --check`: look at the space and measure how long the sweep takes, without starting it."""

import typer

from trainer.commands.check import check_here
from trainer.commands.options import Place, echo, print_json
from trainer.config.search import SweepFile
from trainer.data import describe
from trainer.errors import ConfigError
from trainer.execution.keras_backend import check_keras_backend
from trainer.execution.timing import await_seconds, to_measure
from trainer.sweeps.confirmation import plan
from trainer.sweeps.preview import Preview, duration_words, preview

__all__ = ["check_space"]

# Loading TensorFlow takes about ten seconds, and each network about two.
_LONGEST_SECONDS = 120.0


def check_space(place: Place, sweep: SweepFile, *, as_json: bool) -> None:
    """Report the size of the space, what cannot be trained, memory and time. Exits with 1 if nothing can be trained."""
    check_keras_backend()
    describe(sweep.config.dataset, home=place.home)
    try:
        found = preview(sweep.space, lambda config: check_here(place.home, config))
    except ConfigError as error:
        if as_json:
            print_json({"ok": False, "message": str(error)})
        echo(str(error))
        raise typer.Exit(1) from error
    settings = sweep.settings
    seconds = await_seconds(place.home, to_measure(found.trainable), jobs=settings.jobs, timeout=_LONGEST_SECONDS)
    if as_json:
        print_json(_document(sweep, found, seconds))
        return
    for sentence in found.sentences():
        echo(sentence)
    echo(duration_words(settings, seconds or []) or "How long it takes could not be measured.")
    if planned := plan(settings):
        echo(planned)


def _document(sweep: SweepFile, found: Preview, seconds: list[float] | None) -> dict[str, object]:
    return {
        "ok": True,
        "combinations": found.size,
        "checked": found.checked,
        "refused": len(found.refusals),
        "refusals": list(dict.fromkeys(found.refusals)),
        "memory_bytes": found.memory,
        "trial_seconds": seconds,
        "settings": sweep.settings.plain(),
    }
