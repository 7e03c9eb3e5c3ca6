"""The pages: one a file, each with one `render()`."""

__all__: list[str] = []
