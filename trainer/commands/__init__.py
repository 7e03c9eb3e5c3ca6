"""The commands, one per file. Nothing heavy is imported before a command runs."""

__all__: list[str] = []
