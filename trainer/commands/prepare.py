"""The prepare command: a team's store and storage before their first use."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from trainer.commands.options import ArtifactRootOption, HomeOption, JsonOption, Place, UriOption, echo, print_json
from trainer.config.quantities import read_time
from trainer.errors import StoreUnreachableError
from trainer.format import duration
from trainer.tracking.address import masked
from trainer.tracking.artifact_root import artifact_root
from trainer.tracking.read.s3 import is_s3

__all__ = ["prepare"]

_PAUSE_SECONDS = 1.0
_Answer = TypeVar("_Answer")


def prepare(
    wait: Annotated[
        str | None,
        typer.Option("--wait", metavar="TIME", help="Time to wait for servers that do not respond yet, such as 2m."),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
    artifact_root_: ArtifactRootOption = None,
) -> None:
    """Create MLflow's tables in the store, and the bucket of the artifact root, if they do not exist."""
    patience = read_time(wait) if wait else 0.0
    place = Place.of(home, tracking_uri, artifact_root_)
    root = artifact_root(place.home)
    _once_it_responds(place.store, patience)
    echo(f"The store {masked(place.tracking_uri)} is ready.")
    created = False
    if is_s3(root):
        from trainer.tracking.write.bucket import create_bucket

        created = _once_it_responds(lambda: create_bucket(root), patience)
    if created:
        echo(f"Created the bucket of {root}.")
    place.warn()
    if as_json:
        print_json({"store": masked(place.tracking_uri), "artifact_root": root, "created_bucket": created})


def _once_it_responds(step: Callable[[], _Answer], patience: float) -> _Answer:
    """Do a step, again while a server does not respond, for at most `patience` seconds."""

    def tell(state: RetryCallState) -> None:
        if state.attempt_number == 1 and state.outcome is not None:
            echo(f"{state.outcome.exception()} Retrying for {duration(patience)}.")

    again = Retrying(
        retry=retry_if_exception_type(StoreUnreachableError),
        wait=wait_fixed(_PAUSE_SECONDS),
        stop=stop_after_delay(patience),
        before_sleep=tell,
        reraise=True,
    )
    return again(step)
