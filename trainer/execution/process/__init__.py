"""What runs in, or is known of, the process that trains a run."""

__all__: list[str] = []
