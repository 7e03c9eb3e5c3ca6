"""`python -m dashboard.launch.server`: serves the pages and loads what they need in advance."""

import argparse
import asyncio
import contextlib
import gc
import importlib
import logging
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit import config

from dashboard.environment import OIDC, SIGN_IN
from dashboard.launch.chart_files import chart_routes
from dashboard.launch.front_end import FrontEnd
from dashboard.launch.guard import Guard
from dashboard.launch.ports import DASHBOARD_PORT, HOST
from dashboard.launch.site import Site, open_site
from dashboard.launch.uploads import upload_routes
from trainer.home import Home

if TYPE_CHECKING:
    from dashboard.launch.doorway import Door, Doorway

__all__ = ["application", "main", "read_site"]

_AHEAD = (
    "pandas",
    "plotly.graph_objects",
    "dashboard.views.build",
    "dashboard.views.runs",
    "dashboard.views.run",
    "dashboard.views.compare",
    "dashboard.views.data",
    "dashboard.warm_up",
)
_LATER = ("mlflow", "mlflow.store.tracking.sqlalchemy_store")
# MLflow takes 3 s to import and is first needed when a run is queued; by then the worker and MLflow's UI are up. The
# package comes before its submodule, as in `load_mlflow`, since a page may import it at the same moment.
_LATER_SECONDS = 20.0


async def _load_ahead() -> None:
    await _load(_AHEAD)
    await asyncio.to_thread(_warm_up)
    await asyncio.sleep(_LATER_SECONDS)
    await _load(_LATER)


def _warm_up() -> None:
    from dashboard.warm_up import warm_up  # after the modules that it imports

    warm_up()


async def _load(modules: Sequence[str]) -> None:
    """Import the modules, then exclude their objects from garbage collection.

    Streamlit (1.67) collects garbage after every script run. With half a million objects of pandas, Plotly and MLflow
    that takes longer than the script and delays what it has drawn.
    """
    for module in modules:
        await asyncio.to_thread(importlib.import_module, module)
    gc.collect()
    gc.freeze()


@contextlib.asynccontextmanager
async def _lifespan(app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    loading = asyncio.create_task(_load_ahead())
    yield None
    loading.cancel()


def application(site: Site) -> st.App:
    """Return the pages as an ASGI application, with the settings in the checkout's `.streamlit`."""
    script = Path(__file__).parents[1] / "app.py"
    with contextlib.chdir(script.parents[1]):  # Streamlit reads its settings from the working directory
        st.get_option("server.port")
    config.set_option("server.baseUrlPath", site.path.strip("/"))
    if site.base_url:
        # Without this, Streamlit asks a service on the internet for this machine's address, to compare origins.
        config.set_option("browser.serverAddress", urlsplit(site.base_url).hostname)
    before = [Middleware(Guard, site=site), *_sign_in(site), Middleware(FrontEnd, path=site.path)]
    return st.App(
        script, lifespan=_lifespan, routes=[*chart_routes(site.path), *upload_routes(site.path)], middleware=before
    )


def _sign_in(site: Site) -> list[Middleware]:
    if not os.environ.get(SIGN_IN):
        return []
    # Imported late: where nobody signs in, nothing of sign-in is loaded.
    from dashboard.access.ended_sessions import EndedSessions
    from dashboard.launch.doorway import Doorway
    from dashboard.launch.sign_in import SignIn

    doorway = Doorway(home=Home.resolve(), path=site.path, is_secure=site.url.startswith("https://"))
    EndedSessions.of(doorway.home).forget_old()
    return [Middleware(SignIn, doorway=doorway, door=_door(doorway))]


def _door(doorway: "Doorway") -> "Door":
    if os.environ[SIGN_IN] == OIDC:
        from dashboard.access.oidc import read_secrets
        from dashboard.launch.oidc_door import OidcDoor

        return OidcDoor(doorway, read_secrets(doorway.home))
    from dashboard.launch.password_door import PasswordDoor

    return PasswordDoor(doorway)


def read_site(arguments: Sequence[str] | None = None) -> Site:
    """Parse this module's arguments. The command that starts the server has already required `--insecure`."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.launch.server")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=DASHBOARD_PORT)
    parser.add_argument("--base-url")
    parser.add_argument("--allow-host", action="append", default=[])
    given = parser.parse_args(arguments)
    return open_site(host=given.host, port=given.port, base_url=given.base_url, allowed=given.allow_host, insecure=True)


def main() -> None:
    """Serve the pages until SIGTERM."""
    site = read_site()
    # `warm_up` calls cached functions outside a script run, which Streamlit would warn about.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    uvicorn.run(
        application(site),
        host=site.host,
        port=site.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
