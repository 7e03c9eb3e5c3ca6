"""The pages: one package each, with its `render()` and the parts that only it uses."""

__all__: list[str] = []
