"""The worker: takes queued runs and has an executor train them."""

__all__: list[str] = []
