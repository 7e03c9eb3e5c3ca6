"""The route that takes files for the Data page, and writes them to home as they come."""

import asyncio
import json
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.browser_id import COOKIE, is_browser_id
from trainer.data.library import Arrival
from trainer.errors import FitboardError, ResourceError
from trainer.home import Home

__all__ = ["FOLDER", "UPLOADS", "upload_routes"]

UPLOADS = "upload"
"""The folder of the route, below the path of the pages."""

FOLDER = "folder"
"""The query parameter that says that the body is an archive of a folder, which is unpacked."""

# Pieces of a request are 64 kB; each write leaves the event loop for a thread.
_PIECE = 2**22


def upload_routes(path: str) -> list[Route]:
    """Return the route below the path of the pages, such as `/fitboard` or an empty string."""
    return [Route(f"{path}/{UPLOADS}/{{name}}", _take, methods=["PUT"])]


async def _take(request: Request) -> Response:
    """Keep the body of a request as a file, and answer with its path in home's data folder."""
    # The cookie is only sent by pages of this site, and was set by one of them.
    if not is_browser_id(request.cookies.get(COOKIE)):
        return _refusal(HTTPStatus.FORBIDDEN, "Open the Data page in this browser first, then upload the file there.")
    told = request.headers.get("content-length", "")
    size = int(told) if told.isascii() and told.isdecimal() else None
    try:
        return await _arrived(request, request.path_params["name"], size)
    except ClientDisconnect:
        # Nobody reads this answer; what had arrived is removed.
        return _refusal(HTTPStatus.BAD_REQUEST, "The upload was cancelled.")
    except FitboardError as error:
        status = HTTPStatus.INSUFFICIENT_STORAGE if isinstance(error, ResourceError) else HTTPStatus.BAD_REQUEST
        return _refusal(status, str(error))


async def _arrived(request: Request, name: str, size: int | None) -> Response:
    home = Home.resolve()
    with await asyncio.to_thread(Arrival, name, home=home, size=size) as arrival:
        waiting = bytearray()
        async for piece in request.stream():
            waiting += piece
            if len(waiting) >= _PIECE:
                await asyncio.to_thread(arrival.write, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(arrival.write, bytes(waiting))
        # The browser packs the files of a folder into an archive, without making them smaller.
        keep = arrival.keep_folder if FOLDER in request.query_params else arrival.keep
        path = await asyncio.to_thread(keep)
    return JSONResponse({"path": path.relative_to(home.data).as_posix()})


def _refusal(status: HTTPStatus, sentence: str) -> Response:
    return Response(json.dumps({"error": sentence}), status, media_type="application/json")
