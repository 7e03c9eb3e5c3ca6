"""What a person does to runs: stop them, go on with them, take them over."""

__all__: list[str] = []
