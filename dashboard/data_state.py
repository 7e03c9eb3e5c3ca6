"""What the Data page has open: a file, the fields of its dataset, and the name that it is kept under."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.kept_values import QueryValue, SessionValue
from trainer.config.check import Edit, apply_edits
from trainer.data.library import Entry

__all__ = ["NAME", "PATH", "UNSET", "Opened", "data"]

NAME, PATH = "name", "path"
"""The query parameters: the name of a kept dataset, and the path of a file that is not kept yet."""

_MOST_UNDONE = 50

UNSET = object()
"""The value that removes a field, so that it takes its default."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file or folder that is being looked at.

    `path` is as a person gave it, `name` that of the kept dataset or empty, and `fields` those of the dataset besides
    its `path`, with its `name` only if the file is used as another kind than its own.
    """

    path: str
    name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Entry) -> "Opened":
        """Return a kept dataset as it is kept."""
        # The name of a dataset is that of the kind of its file, unless the file is used as another.
        left_out = {"path"} | ({"name"} if entry.dataset.get("name") == entry.kind else set())
        fields = {name: value for name, value in entry.dataset.items() if name not in left_out}
        return cls(path=str(entry.dataset["path"]), name=entry.name, fields=fields)

    def kind(self, own: str) -> str:
        """Return the name of the dataset, `own` unless the file is used as another kind."""
        return str(self.fields.get("name", own))

    def used_as(self, kind: str, own: str, known: Collection[str]) -> "Opened":
        """Return it used as another kind, with those of its fields that the kind knows."""
        kept = {name: value for name, value in self.fields.items() if name in known and name not in {"name", "split"}}
        return replace(self, fields=kept if kind == own else {"name": kind, **kept})

    def change(self, path: tuple[str, ...], value: Any) -> "Opened":
        """Return it with a field set, such as `("columns", "id")`; UNSET removes the field."""
        if value is UNSET:
            return replace(self, fields=_without(self.fields, path))
        first, *rest = path
        if not rest:
            return replace(self, fields={**self.fields, first: value})
        held = self.fields.get(first)
        inner = {**(held if isinstance(held, Mapping) else {}), rest[0]: value}
        return replace(self, fields={**self.fields, first: inner})

    def fixed(self, edits: tuple[Edit, ...]) -> "Opened":
        """Return it with the edits of a fix that concern the dataset."""
        own = [edit for edit in edits if edit.path[0] == "dataset"]
        return replace(self, fields=apply_edits({"dataset": dict(self.fields)}, own)["dataset"])


def _without(fields: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    first, *rest = path
    kept = dict(fields)
    held = kept.pop(first, None)
    if rest and isinstance(held, Mapping):
        inner = {name: value for name, value in held.items() if name != rest[0]}
        return {**kept, first: inner} if inner else kept
    return kept


class _Data:
    """State of the Data page."""

    name = QueryValue(NAME)
    """The name of the kept dataset in the address."""
    path = QueryValue(PATH)
    """The path in the address of a file that is not kept under a name."""
    opened = SessionValue[Opened | None]("data.opened", None)
    """What is open."""
    past = SessionValue[tuple[Opened, ...]]("data.past", ())
    """What was open before each of the last changes, for Undo."""
    naming = SessionValue[tuple[str, str]]("data.naming", ("", ""))
    """The path and the name that the box for a name was filled for."""
    removing = SessionValue[str]("data.removing", "")
    """The dataset whose removal is being confirmed; empty if none is."""
    shown_columns = SessionValue[int]("data.shown_columns", 0)
    """How many columns are listed; 0 for as many as usual."""
    done = SessionValue[str]("data.done", "")
    """What was done last, to tell it once."""

    def begin(self, path: str) -> None:
        """Open a file or folder."""
        self.opened, self.past = Opened(path=path), ()
        self.name, self.path = "", path

    def close(self) -> None:
        """Return to the page without an open file."""
        self.opened, self.past = None, ()
        self.name, self.path = "", ""

    def edit(self, opened: Opened) -> None:
        """Change what is open. Undo leads back to the same file under the same name only."""
        before = self.opened
        is_same = before is not None and (before.path, before.name) == (opened.path, opened.name)
        if before is not None and is_same and before != opened:
            self.past = (*self.past, before)[-_MOST_UNDONE:]
        elif not is_same:
            self.past = ()
        self.opened = opened

    def undo(self) -> None:
        """Undo the last change."""
        if self.past:
            *earlier, self.opened = self.past
            self.past = tuple(earlier)


data = _Data()
