"""The bundled plotly.js: its content, and a URL with its hash, so that browsers can cache it forever."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

__all__ = ["CHART_SCRIPT", "FOLDER", "content", "packed", "version"]

FOLDER = "charts"
"""The folder of the script's URL, below the path of the pages."""

_FILE = Path(__file__).parent / "plotly_js" / "plotly.min.js"
_DIGITS = 12


@cache
def content() -> bytes:
    """Return the script: plotly.js with the traces that `dashboard/charts` uses, built by `plotly_js/source`."""
    return _FILE.read_bytes()


@cache
def packed() -> bytes:
    """Return the script compressed with gzip, about a third of its size."""
    # Without a timestamp, so that the bytes are the same on every server.
    return gzip.compress(content(), compresslevel=9, mtime=0)


@cache
def version() -> str:
    """Return the version of plotly.js in the banner of the script."""
    head = content()[:200].decode()
    return head.partition("plotly.js v")[2].partition(" ")[0]


# With the hash in its name the file can be cached forever: a changed script has another URL.
CHART_SCRIPT = f"{FOLDER}/plotly.{hashlib.sha256(content()).hexdigest()[:_DIGITS]}.min.js"
"""The URL of the script relative to a page: `charts/plotly.0123456789ab.min.js`."""
