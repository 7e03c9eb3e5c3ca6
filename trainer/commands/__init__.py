"""The commands of the command line, a few to a file. Nothing heavy is imported before a command runs."""

__all__: list[str] = []
