"""The pages: a folder each, with its `render()` and what only it uses."""

__all__: list[str] = []
