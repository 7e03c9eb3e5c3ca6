"""The `fitboard` command: up, dashboard, and all of the trainer's."""

import os
import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from dashboard import environment
from dashboard.access.commands import actions, make_person_app
from dashboard.access.people import People
from dashboard.launch.ports import DASHBOARD_PORT, HOST, MLFLOW_PORT, choose_port
from trainer.cli import make_app, run_app
from trainer.commands.executor_options import AddressOption, CpusOption, ExecutorOption, GpusOption, JobsOption
from trainer.commands.options import ArtifactRootOption, HomeOption, Place, QueueOption, UriOption, echo
from trainer.comparison.report import ReportRequest
from trainer.errors import ConfigError
from trainer.execution.executors.choice import ExecutorChoice, ExecutorName
from trainer.execution.keras_backend import check_keras_backend

__all__ = ["SignInBy", "dashboard", "main", "up"]


class SignInBy(StrEnum):
    """How people sign in."""

    PASSWORD = environment.PASSWORD
    OIDC = environment.OIDC


_PortOption = Annotated[int, typer.Option("--port", help="Port of the dashboard; if it is in use, the next free one.")]
_HostOption = Annotated[
    str, typer.Option("--host", help="Host name or IP address to listen on; 0.0.0.0 for all interfaces.")
]
_BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url", metavar="URL", help="URL of the dashboard behind a proxy, such as https://host/fitboard."
    ),
]
_AllowHostOption = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="Additional host name to accept; others are refused."),
]
_InsecureOption = Annotated[
    bool,
    typer.Option(
        "--i-know", "--insecure", help="Let other machines connect without sign-in, with all your permissions."
    ),
]
_SignInOption = Annotated[
    SignInBy | None,
    typer.Option("--sign-in", help="Let only people in who sign in; `fitboard person add` says who that is."),
]


def up(
    port: _PortOption = DASHBOARD_PORT,
    mlflow_port: Annotated[int, typer.Option("--mlflow-port", help="Port of the MLflow UI.")] = MLFLOW_PORT,
    jobs: JobsOption = None,
    executor: ExecutorOption = ExecutorName.LOCAL,
    address: AddressOption = None,
    cpus: CpusOption = 1,
    gpus: GpusOption = 0,
    host: _HostOption = HOST,
    base_url: _BaseUrlOption = None,
    mlflow_url: Annotated[
        str | None, typer.Option("--mlflow-url", metavar="URL", help="URL of the MLflow UI behind a proxy.")
    ] = None,
    allow_host: _AllowHostOption = None,
    insecure: _InsecureOption = False,
    sign_in: _SignInOption = None,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
    artifact_root: ArtifactRootOption = None,
    queue: QueueOption = None,
) -> None:
    """Start the MLflow UI, the worker and the dashboard, by default for this machine only. Ctrl-C stops them.

    If the store is an MLflow server, its own UI is used.
    """
    from dashboard.launch.mlflow_ui import MlflowUi
    from dashboard.launch.site import open_site
    from dashboard.launch.up import up as run_up

    check_keras_backend()
    choice = ExecutorChoice(name=executor, jobs=jobs, address=address, cpus=cpus, gpus=gpus).check()
    place, allowed = Place.of(home, tracking_uri, artifact_root, queue), allow_host or []
    signs_in = _use_sign_in(place, sign_in)
    site = open_site(host=host, port=port, base_url=base_url, allowed=allowed, insecure=insecure, signs_in=signs_in)
    # MLflow's UI asks nobody to sign in, so only this machine may reach it then.
    mlflow = open_site(
        host=HOST if signs_in else host, port=mlflow_port, base_url=mlflow_url, allowed=allowed, insecure=insecure
    )
    ui = MlflowUi(site=mlflow, beside_proxy=base_url is not None, beside_sign_in=signs_in)
    place.warn()
    status = run_up(place.home, place.tracking_uri, site=site, mlflow=ui, choice=choice, say=echo)
    raise typer.Exit(status)


def dashboard(
    port: _PortOption = DASHBOARD_PORT,
    host: _HostOption = HOST,
    base_url: _BaseUrlOption = None,
    allow_host: _AllowHostOption = None,
    insecure: _InsecureOption = False,
    sign_in: _SignInOption = None,
    home: HomeOption = None,
    tracking_uri: UriOption = None,
    artifact_root: ArtifactRootOption = None,
    queue: QueueOption = None,
) -> None:
    """Start only the dashboard."""
    from dashboard.launch.site import open_site

    check_keras_backend()
    place = Place.of(home, tracking_uri, artifact_root, queue)
    signs_in = _use_sign_in(place, sign_in)
    site = open_site(
        host=host, port=port, base_url=base_url, allowed=allow_host or [], insecure=insecure, signs_in=signs_in
    )
    place.home.make()
    chosen, told = choose_port(port, "dashboard", host=site.host)
    site = replace(site, port=chosen)
    for sentence in [*([told] if told else []), f"Dashboard  {site.url}", *site.remarks]:
        echo(sentence)
    os.environ["FITBOARD_HOME"] = str(place.home.path)
    os.environ["MLFLOW_TRACKING_URI"] = place.tracking_uri
    # In place of this process, so that signals reach the server itself.
    os.execv(sys.executable, [sys.executable, "-m", "dashboard.launch.server", *site.arguments])


def _use_sign_in(place: Place, chosen: SignInBy | None) -> bool:
    """Tell the dashboard's process how people sign in, and return whether they have to."""
    os.environ[environment.SIGN_IN] = str(chosen or "")
    if chosen is SignInBy.OIDC:
        from dashboard.access.oidc import read_secrets  # Streamlit, which the other commands do without

        read_secrets(place.home)
    if chosen is not None and not any(People.of(place.home)):
        raise ConfigError("Nobody may sign in yet; add someone with `fitboard person add NAME --role administer`.")
    return chosen is not None


def _report(request: ReportRequest) -> str:
    # Plotly's import takes a second, which the other commands do without.
    from dashboard.report import write_report

    return write_report(request)


def main() -> None:
    """Run the `fitboard` command."""
    app = make_app(report=_report)
    app.command()(up)
    app.command()(dashboard)
    app.add_typer(make_person_app())
    app.command()(actions)
    sys.exit(run_app(app))


if __name__ == "__main__":
    main()
