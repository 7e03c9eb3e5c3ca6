"""Undo and redo: the drafts before and after the present one."""

from dataclasses import dataclass

from dashboard.draft.draft import Draft

__all__ = ["History"]

_LONGEST = 200


@dataclass(frozen=True)
class History:
    """The present draft, those before it, and those that were undone.

    `theme` names what the last change was about. Changes with the same theme, such as keystrokes in one field, are
    undone together.
    """

    now: Draft
    past: tuple[Draft, ...] = ()
    future: tuple[Draft, ...] = ()
    theme: str | None = None

    def do(self, draft: Draft, *, theme: str | None = None) -> "History":
        """Return the history with a new present draft; undone drafts are dropped."""
        if draft == self.now:
            return self
        if theme is not None and theme == self.theme:
            return History(draft, self.past, theme=theme)
        return History(draft, (*self.past, self.now)[-_LONGEST:], theme=theme)

    def undo(self) -> "History":
        """Return the history one change back, or unchanged if there is none."""
        if not self.past:
            return self
        # Without the theme, so that typing after an undo is a change of its own.
        return History(self.past[-1], self.past[:-1], (self.now, *self.future))

    def redo(self) -> "History":
        """Return the history one undone change forward, or unchanged if there is none."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.now), self.future[1:])
