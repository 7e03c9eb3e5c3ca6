"""plotly.js as a file that a browser loads once and keeps: its content, and the address that changes with it."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

__all__ = ["CHART_SCRIPT", "FOLDER", "content", "packed", "version"]

FOLDER = "charts"
"""Where the server serves the file, below the path of its pages."""

_FILE = Path(__file__).parent / "plotly_js" / "plotly.min.js"
_DIGITS = 12


@cache
def content() -> bytes:
    """The script: plotly.js with the traces that `dashboard/charts` draws, as `tools/plotly` builds it."""
    return _FILE.read_bytes()


@cache
def packed() -> bytes:
    """The script by gzip, a third as long."""
    # Without a time of packing, so that two servers give the same bytes.
    return gzip.compress(content(), compresslevel=9, mtime=0)


@cache
def version() -> str:
    """The version of plotly.js that the script says of itself."""
    head = content()[:200].decode()
    return head.partition("plotly.js v")[2].partition(" ")[0]


# The digest in the name lets browsers keep the file for good: another script has another address.
CHART_SCRIPT = f"{FOLDER}/plotly.{hashlib.sha256(content()).hexdigest()[:_DIGITS]}.min.js"
"""The address, seen from any page: `charts/plotly.0123456789ab.min.js`."""
