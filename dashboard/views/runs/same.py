"""What all listed runs have in common: columns that would repeat one value, folded into one line."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import NamedTuple

from dashboard.components.markdown import plain
from dashboard.views.runs.columns import PARAM, TAG, param_words
from trainer.format import count, counted, cut, one_line
from trainer.tracking import Column, Common, Run, RunPage

__all__ = ["Same", "common_values", "same_in_all", "same_on_page"]

_FIRST = tuple(PARAM + name for name in ("dataset", "optimizer", "learning_rate", "batch_size", "epochs", "loss"))
_LAST = (f"{PARAM}layers",)
# The field of a layer says little without the layers before it; `layers` has them all.
_LAYER = "layer."
_MOST_COLUMNS, _LONGEST_VALUE = 40, 48
_SHOWN_AT_FIRST = 8


class Same(NamedTuple):
    """Column → value that the listed runs have in common; `among` of `total` runs, the newest, were looked at."""

    values: Mapping[str, str]
    total: int
    among: int

    def line(self) -> str:
        """Return the line above the table in Markdown: the first eight values; empty if there is none."""
        if not self.values:
            return ""
        more = len(self.values) - _SHOWN_AT_FIRST
        words = ", ".join(self._said()[:_SHOWN_AT_FIRST])
        return f"Same in {self._which()}: {words}{f' and {count(more)} more' if more > 0 else ''}"

    def details(self) -> str | None:
        """Return all values as a list in Markdown if the line has no room for them."""
        return "\n".join(f"- {each}" for each in self._said()) if len(self.values) > _SHOWN_AT_FIRST else None

    def _said(self) -> list[str]:
        return [f"{plain(_bare(name))} **{plain(_words(name, value))}**" for name, value in self.values.items()]

    def _which(self) -> str:
        if self.among < self.total:
            return f"the newest {count(self.among)} of {counted(self.total, 'run')}"
        return "both runs" if self.total == 2 else f"all {counted(self.total, 'run')}"


def common_values(runs: Sequence[Run], known: Container[str]) -> dict[str, str]:
    """Return column → value of the params and tags that all these runs have in common, the best known first.

    Fewer than two runs have nothing in common.

    Args:
        runs: the runs on the page.
        known: the columns that can be shown: tags that programs write for other programs are not among them.
    """
    if len(runs) < 2:
        return {}
    first, *others = [_values(run, known) for run in runs]
    common = {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}
    known = [name for name in _FIRST if name in common]
    rest = sorted(common.keys() - {*_FIRST, *_LAST})
    return {name: common[name] for name in [*known, *rest, *(name for name in _LAST if name in common)][:_MOST_COLUMNS]}


def same_on_page(page: RunPage, known: Container[str]) -> Same:
    """Return what the runs of one page of a list have in common, as if all runs of the list had it.

    Args:
        page: one page of the list.
        known: the columns that can be shown.
    """
    return Same(common_values(page.runs, known), page.total, page.total)


def same_in_all(page: RunPage, known: Container[str], ask: Callable[[Mapping[Column, str]], Common]) -> Same:
    """Return what all runs of a list have in common.

    Args:
        page: one page of the list.
        known: the columns that can be shown.
        ask: asks the store which of some values all runs have; called only if there are other pages.
    """
    here = same_on_page(page, known)
    values = here.values
    if not values or page.total == len(page.runs):
        return here
    found = ask({_column(name): value for name, value in values.items()})
    kept = {name: value for name, value in values.items() if _column(name) in found.columns}
    return Same(kept, page.total, min(found.among, page.total))


def _values(run: Run, known: Container[str]) -> dict[str, str]:
    params = {PARAM + name: value for name, value in run.params.items() if not name.startswith(_LAYER)}
    tags = {TAG + name: value for name, value in run.tags.items()}
    return {name: value for name, value in (params | tags).items() if value and name in known}


def _column(name: str) -> Column:
    return ("param" if name.startswith(PARAM) else "tag", _bare(name))


def _bare(column: str) -> str:
    return column.removeprefix(PARAM).removeprefix(TAG)


def _words(column: str, value: str) -> str:
    return cut(one_line(param_words(_bare(column), value)), _LONGEST_VALUE)
