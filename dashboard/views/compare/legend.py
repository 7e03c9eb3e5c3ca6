"""The legend of the compared runs: links to their pages, removes runs, highlights their curves, shows one alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dashboard.browser_part import browser_part
from dashboard.charts.compare import Line
from dashboard.components.status import Look
from dashboard.navigation import RUN, address_of

__all__ = ["legend"]

_HERE = Path(__file__).parent
_legend = browser_part(
    "fitboard_legend",
    _HERE,
    "legend.css",
    "legend.js",
    html='<ul class="fitboard-legend" aria-label="Compared runs"></ul>'
    '<button type="button" class="fitboard-legend-all" hidden>Show all curves</button>',
)
# Plotly's dashes as SVG dash arrays that fit the width of a mark.
_DASHES: Mapping[str, str] = {
    "solid": "",
    "dash": "7 5",
    "dot": "2 3",
    "dashdot": "7 3 2 3",
    "longdash": "12 4",
    "longdashdot": "12 3 2 3",
}


def legend(lines: Sequence[Line], looks: Mapping[str, Look]) -> str | None:
    """Draw the legend; return the id of the run that was just removed.

    Args:
        lines: how each run, or group by its first run, is drawn.
        looks: run id → how its status is shown; entries without one show no status.
    """
    entries = [_entry(line, looks.get(line.run_id)) for line in lines]
    result = _legend(key="compare.legend", data={"entries": entries}, on_removed_change=_nothing)
    removed: str | None = result.removed
    return removed


def _nothing() -> None:
    """Do nothing: `legend` reads the trigger's value, but Streamlit (1.67) reports only triggers with a callback."""


def _entry(line: Line, look: Look | None) -> dict[str, Any]:
    status = None if look is None else {"word": look.word, "icon": _glyph(look.icon), "color": look.color}
    return {
        "id": line.run_id,
        "label": line.label,
        "href": address_of(RUN, id=line.run_id),
        "color": line.color,
        "dash": _DASHES[line.dash],
        "status": status,
    }


def _glyph(icon: str) -> str:
    """Return the name of an icon in Material Symbols, Streamlit's own font for icons: `:material/check:` is `check`."""
    return icon.removeprefix(":material/").removesuffix(":")
