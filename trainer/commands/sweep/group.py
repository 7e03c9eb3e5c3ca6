"""The group of the sweep commands, in which a file stands for the command that starts a sweep."""

from typing import Any

from typer.core import TyperGroup

__all__ = ["FileStarts"]

_START = "start"


class FileStarts(TyperGroup):
    """Takes anything that is not one of its commands for the file of a sweep to start."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command before a file or an option."""
        is_known = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if is_known or not args else [_START, *args])
