"""The routes that serve plotly.js, compressed and cached by browsers."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.chart_script import CHART_SCRIPT, FOLDER, content, packed

__all__ = ["chart_routes"]

# One year, as for Streamlit's own hashed files.
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


def chart_routes(path: str) -> list[Route]:
    """Return the routes below the path of the pages, such as `/fitboard` or an empty string."""
    return [
        Route(f"{path}/{CHART_SCRIPT}", _script, methods=["GET"]),
        # Without this, Streamlit answers the address of an earlier version with its page and status 200.
        Route(f"{path}/{FOLDER}/{{name:path}}", _missing, methods=["GET"]),
    ]


# Not async, so that Starlette compresses the file in a thread at the first request.
def _script(request: Request) -> Response:
    can_unpack = "gzip" in request.headers.get("accept-encoding", "")
    headers = _HEADERS | ({"Content-Encoding": "gzip"} if can_unpack else {})
    return Response(packed() if can_unpack else content(), media_type="text/javascript", headers=headers)


def _missing(request: Request) -> Response:
    return Response("This script belongs to another version of Fitboard. Reload the page.\n", 404)
