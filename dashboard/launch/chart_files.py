"""The route that serves plotly.js: packed, and kept by browsers until the file changes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.chart_script import CHART_SCRIPT, FOLDER, content, packed

__all__ = ["chart_routes"]

_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
"""A year, as Streamlit says of its own hashed files."""


def chart_routes(path: str) -> list[Route]:
    """The script's address under the path of the pages, such as `/fitboard` or nothing; 404 for other names there."""
    return [
        Route(f"{path}/{CHART_SCRIPT}", _script, methods=["GET"]),
        # Without this, Streamlit would answer an address of an earlier version with its page and status 200.
        Route(f"{path}/{FOLDER}/{{name:path}}", _missing, methods=["GET"]),
    ]


# Not async: Starlette then packs the file in a thread, at the first request, while the pages go on.
def _script(request: Request) -> Response:
    can_unpack = "gzip" in request.headers.get("accept-encoding", "")
    headers = _HEADERS | ({"Content-Encoding": "gzip"} if can_unpack else {})
    return Response(packed() if can_unpack else content(), media_type="text/javascript", headers=headers)


def _missing(request: Request) -> Response:
    return Response("This script is of another version of Fitboard; load the page again.\n", 404)
