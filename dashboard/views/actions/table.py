"""The table of actions, as HTML: everything that a person typed is escaped."""

import html
import re
from collections.abc import Sequence

from dashboard.access.deeds import Deed
from dashboard.navigation import RUN, address_of
from trainer.format import ago, clock, counted, cut, one_line

__all__ = ["actions_html"]

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_MOST_NAMED, _LONGEST, _SHOWN_OF_ID = 5, 60, 8


def actions_html(found: Sequence[Deed], now: float) -> str:
    """Return a table with a row for each action; ids of runs are links. `now` is in seconds since 1970."""
    rows = "".join(
        f'<tr><td title="{ago(round(each.time * 1000), now)}">{clock(each.time)}</td>'
        f"<td>{_text(each.person)}</td><td>{_text(each.action)}</td><td>{_subjects(each)}</td></tr>"
        for each in found
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("When", "Person", "Action", "Runs or data"))
    return (
        '<div class="fitboard-actions" tabindex="0" role="region" aria-label="Actions"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _subjects(deed: Deed) -> str:
    shown = [_subject(each) for each in deed.subjects[:_MOST_NAMED]]
    more = len(deed.subjects) - len(shown)
    return ", ".join(shown) + (f" and {counted(more, 'other')}" if more else "")


def _subject(name: str) -> str:
    if not _RUN_ID.fullmatch(name):
        return _text(name)
    return f'<a href="{html.escape(address_of(RUN, id=name), quote=True)}"><code>{name[:_SHOWN_OF_ID]}</code></a>'


def _text(words: str) -> str:
    return html.escape(cut(one_line(words), _LONGEST), quote=True)
